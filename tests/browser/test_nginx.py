"""The nginx configuration that is deployed, started for real in front of two processes of the app."""

import json
import re
import ssl
import urllib.request
from pathlib import Path
from urllib.error import HTTPError

import pytest
from large_photos import make_large_photo
from nginx import HOST, serve_nginx
from playwright.sync_api import expect
from visiting import CHROMIUM, EXAMPLE, QUIET, expect_words, start_server, upload

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def front(tmp_path_factory):
    """Folder of nginx, its https and http ports."""
    folder = tmp_path_factory.mktemp("nginx")
    public = ("--browser.serverAddress", HOST)
    with start_server(options=public) as (first, _), start_server(options=public) as (second, _):
        ports = [int(url.rsplit(":", 1)[1]) for url in (first, second)]
        with serve_nginx(folder, ports) as (https, http):
            yield folder, https, http


@pytest.fixture(scope="module")
def remote(browser):
    """A browser for which HOST is this computer."""
    arguments = ["--no-sandbox", "--disable-gpu", *QUIET, f"--host-resolver-rules=MAP {HOST} 127.0.0.1"]
    chromium = browser.browser_type.launch(executable_path=CHROMIUM, args=arguments)
    yield chromium
    chromium.close()


@pytest.fixture
def visitor(remote):
    """A page that takes the certificate as it is."""
    context = remote.new_context(ignore_https_errors=True, viewport={"width": 1280, "height": 844})
    context.set_default_timeout(90_000)
    yield context.new_page()
    context.close()


def ask(url: str, method: str = "GET", length: int | None = None):
    """Status and headers; redirections are not followed. length: of a body that is said to come, and does not."""

    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_):
            return None

    trusting = ssl.create_default_context()
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    opener = urllib.request.build_opener(Stay, urllib.request.HTTPSHandler(context=trusting))
    try:
        with opener.open(
            urllib.request.Request(url, None, {"Content-Length": str(length)} if length else {}, method=method),
            timeout=60,
        ) as answer:
            return answer.status, answer.headers
    except HTTPError as error:
        return error.code, error.headers


def read_log(folder: Path) -> list[dict]:
    return [json.loads(line) for line in (folder / "access.log").read_text().splitlines()]


def test_a_photo_is_answered_through_tls_and_nothing_of_it_is_written(visitor, front):
    folder, https, _ = front
    visitor.goto(f"https://{HOST}:{https}/")
    expect_words(visitor, "Anyone on the network can use this server")
    upload(visitor, {"name": "Smith-Jane-1970.jpg", "mimeType": "image/jpeg", "buffer": make_large_photo()})
    visitor.get_by_text("In brackets: 95 % intervals").wait_for()
    expect(visitor.get_by_test_id("stMain")).to_contain_text("Smith-Jane-1970.jpg")
    with visitor.expect_download() as event:
        visitor.get_by_role("button", name="PDF", exact=True).click()
    assert Path(event.value.path()).read_bytes().startswith(b"%PDF")
    for name in ("access.log", "error.log"):
        assert "Smith" not in (folder / name).read_text()
    assert any(line["path"].startswith("/_stcore/upload_file") for line in read_log(folder))


def test_a_browser_stays_with_one_process_and_others_come_to_the_other(visitor, front):
    folder, https, _ = front
    before = len(read_log(folder))
    visitor.goto(f"https://{HOST}:{https}/")
    upload(visitor, EXAMPLE)
    visitor.get_by_text("In brackets: 95 % intervals").wait_for()
    cookie = next(one for one in visitor.context.cookies() if one["name"] == "melanoma_process")
    assert (cookie["secure"], cookie["httpOnly"], cookie["sameSite"]) == (True, True, "Lax")
    visitor.goto(f"https://{HOST}:{https}/performance")
    visitor.get_by_role("heading", name="Performance", exact=True).wait_for()
    own = {line["process"] for line in read_log(folder)[before:] if line["process"]}
    assert len(own) == 1
    strangers = len(read_log(folder))
    for _ in range(40):  # each without a cookie: the chance that all come to one process is 1 in 2^39
        assert ask(f"https://localhost:{https}/health/live")[0] == 200
    assert len({line["process"] for line in read_log(folder)[strangers:]}) == 2


def test_what_is_not_for_visitors_is_refused(front):
    _, https, http = front
    for path in ("/metrics", "/_stcore/metrics"):
        assert ask(f"https://localhost:{https}{path}")[0] == 404
    status, headers = ask(f"http://localhost:{http}/worklist?a=b")
    assert (status, headers["Location"]) == (308, "https://localhost/worklist?a=b")
    assert ask(f"https://localhost:{https}/_stcore/upload_file/a/b", "PUT", length=600 * 1024**2)[0] == 413


def test_the_headers_are_there(front):
    headers = ask(f"https://localhost:{front[1]}/")[1]
    assert re.fullmatch(r"max-age=\d{8}", headers["Strict-Transport-Security"])
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert len(headers.get_all("Content-Security-Policy")) == 1
    assert "/" not in headers["Server"], "no version"


def test_every_cookie_is_for_tls_alone(front):
    """That of who is signed in is set as this one is, by the app, which cannot know that TLS is before it."""
    cookies = ask(f"https://localhost:{front[1]}/_stcore/health")[1].get_all("Set-Cookie")
    assert [cookie for cookie in cookies if cookie.startswith("_streamlit_xsrf")]
    assert [cookie for cookie in cookies if "secure" not in cookie.lower().split("; ")] == []
