"""Sign-in by OpenID Connect, with a real provider on this machine."""

import json
import subprocess
import sys
import time
import urllib.request
from contextlib import closing
from urllib.error import URLError

import pytest
from casebook_samples import add_case
from playwright.sync_api import expect
from reader_studies import set_up_pilot
from visiting import (
    EXAMPLE,
    expect_words,
    find_port,
    go_to_page,
    go_to_tab,
    open_window,
    start_server,
    upload,
    wait_until_still,
)

from melanoma.casebook import StudyReading, open_casebook
from melanoma.casebook.audit_log import AuditLog

pytestmark = pytest.mark.browser
LEFT = 20  # seconds, of a visit that ends amid its work

SECRETS = """
[auth]
redirect_uri = "http://localhost:{port}/oauth2callback"
cookie_secret = "a secret of this test alone, of thirty-two bytes or more"
client_id = "melanoma"
client_secret = "another"
server_metadata_url = "http://localhost:{provider}/.well-known/openid-configuration"
[roles]
clinician = ["John@clinic.example"]
reader = ["rita@clinic.example"]
"""


@pytest.fixture(scope="module")
def provider():
    """Port of an identity provider."""
    port = find_port()
    command = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(port), "--host", "127.0.0.1"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    give_up = time.monotonic() + 60
    while True:
        try:
            urllib.request.urlopen(f"http://localhost:{port}/.well-known/openid-configuration", timeout=5).close()
            break
        except (URLError, OSError):
            assert process.poll() is None
            assert time.monotonic() < give_up
            time.sleep(0.2)  # it starts, and has nothing to wait on but its answer
    yield port
    process.terminate()
    process.wait(20)


@pytest.fixture(scope="module")
def serve(provider, tmp_path_factory):
    """Starts the app with sign-in."""

    def start(**environment: str):
        port, secrets = find_port(), tmp_path_factory.mktemp("secrets") / "secrets.toml"
        secrets.write_text(SECRETS.format(port=port, provider=provider))
        options = ["--secrets.files", str(secrets)]
        return start_server(environment, options, port=port, address="localhost"), f"http://localhost:{port}"

    return start


def sign_in(page, name: str) -> None:
    page.get_by_role("button", name="Sign in").click()
    page.locator("input[name=sub]").fill(name)
    page.get_by_role("button", name="Authorize").click()
    page.get_by_role("heading", name="Analyze a lesion").wait_for()


def test_nobody_comes_in_before_signing_in_and_nothing_is_left_after_signing_out(browser, serve, tmp_path):
    server, url = serve(MELANOMA_CASEBOOK=str(tmp_path))
    with server, open_window(browser, "desktop") as page:
        for path in ("", "/worklist", "/performance"):
            page.goto(url + path)
            page.get_by_role("button", name="Sign in").wait_for()
            wait_until_still(page)
            assert page.locator("input[type=file]").count() == 0
        page.goto(url)
        sign_in(page, "jane@clinic.example")
        upload(page, EXAMPLE)
        page.get_by_text("In brackets: 95 % intervals").wait_for()
        go_to_page(page, "Cases")
        expect_words(page, "You have no role in the casebook.")
        assert not (tmp_path / "audit.jsonl").exists()
        page.get_by_test_id("stExpandSidebarButton").click()
        expect(page.get_by_text("Signed in as jane@clinic.example")).to_be_visible()
        page.get_by_role("button", name="Sign out").click()
        page.wait_for_url("**/end_session**", wait_until="commit")  # where this provider says goodbye
        page.goto(url)
        sign_in(page, "john@clinic.example")
        wait_until_still(page)
        assert page.get_by_text(EXAMPLE["name"]).count() == 0
        go_to_page(page, "Cases")
        assert page.get_by_text("You have no role").count() == 0
        uses = list(AuditLog(tmp_path / "audit.jsonl").read())
        assert {(use.who, use.role) for use in uses} == {("john@clinic.example", "clinician")}
        cookies = [cookie for cookie in page.context.cookies() if cookie["name"].startswith("_streamlit_user")]
        assert cookies
        assert all(cookie["httpOnly"] for cookie in cookies)


def test_who_leaves_the_computer_is_signed_out(browser, serve):
    server, url = serve(MELANOMA_IDLE_MINUTES="0.05")
    with server, open_window(browser, "desktop") as page:
        page.goto(url)
        sign_in(page, "jane@clinic.example")
        page.wait_for_url("**/end_session**", wait_until="commit")
        page.goto(url)
        expect_words(page, "Sign in with your clinic's account.")


def date_sign_in(provider: int, name: str, hours: float | None) -> None:
    """Have the provider say that this person signed in so many hours ago; None: just now, as it is."""
    claims = {"email": name} | ({} if hours is None else {"iat": int(time.time() - 3600 * hours)})
    request = urllib.request.Request(
        f"http://localhost:{provider}/users/{name}",
        json.dumps(claims).encode(),
        {"Content-Type": "application/json"},
        method="PUT",
    )
    urllib.request.urlopen(request, timeout=20).close()


def test_who_signed_in_twelve_hours_ago_signs_in_again(browser, serve, provider, tmp_path):
    """First one who did so to the second, then one whose time ends amid their work."""
    name, asked = "John@clinic.example", "You signed in 12 hours ago: sign in again."
    with closing(open_casebook(str(tmp_path))) as book, book.write("dr-a") as writer:
        case = f"/cases?case={add_case(writer, 'A-17').id}"
    server, url = serve(MELANOMA_CASEBOOK=str(tmp_path))
    with server, open_window(browser, "desktop") as page:
        page.goto(url)
        date_sign_in(provider, name, 12)
        page.get_by_role("button", name="Sign in").click()
        page.locator("input[name=sub]").fill(name)
        page.get_by_role("button", name="Authorize").click()
        expect_words(page, asked, "what was typed and not saved are forgotten")
        for path in (case, "/worklist"):
            page.goto(url + path)
            expect_words(page, asked)
            assert page.get_by_text("A-17").count() == page.locator("input[type=file]").count() == 0
        assert not (tmp_path / "audit.jsonl").exists()

        date_sign_in(provider, name, 12 - LEFT / 3600)
        sign_in(page, name)
        expect_words(page, "you are asked to sign in again, as you did so 12 hours ago. Save your work now.")
        page.goto(url + case)
        expect_words(page, "A-17, lesion 1")
        expect_words(page, asked)
        wait_until_still(page)
        assert page.get_by_text("A-17").count() == 0

        date_sign_in(provider, name, None)
        sign_in(page, name)
        page.goto(url + case)
        expect_words(page, "A-17, lesion 1")
        assert page.get_by_text(asked).count() == 0


def test_the_role_of_a_reader_takes_part_in_a_study(browser, serve, tmp_path):
    book = open_casebook(str(tmp_path))
    set_up_pilot(book)
    server, url = serve(MELANOMA_CASEBOOK=str(tmp_path))
    with server, open_window(browser, "desktop") as page:
        page.goto(url)
        sign_in(page, "rita@clinic.example")
        page.goto(f"{url}/reader_study?tab=Set+up")
        expect_words(page, "Setting a study up is for clinicians")
        go_to_tab(page, "Read")
        expect_words(page, "The audit log names you")
        page.get_by_role("button", name="Join").click()
        page.get_by_role("button", name="I have written it down: begin").click()
        expect_words(page, "Photo 1 of 2")
        wait_until_still(page)
        page.get_by_role("radio", name="melanoma", exact=True).check(force=True)
        page.get_by_role("radio", name="Yes", exact=True).check(force=True)
        page.get_by_role("button", name="Answer, and go on").click()
        expect_words(page, "1 of 4 answered")
    assert len(book.find(StudyReading)) == 1
    book.close()
