"""Where photos go: into memory, and nowhere else. The page "Where your photos go" says what is held here."""

import io
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile

import pytest
from large_photos import make_large_photo
from visiting import (
    CHROMIUM,
    ROOT,
    download,
    expect_no_crash,
    expect_words,
    go_to_page,
    limit_files,
    open_window,
    start_server,
    unfold,
    upload,
    wait_until_still,
)

from melanoma.documents.privacy import TESTED

pytestmark = pytest.mark.browser

NAME, REFERENCE, FINDINGS = "Featherstonehaugh-Jane-1970.jpg", "Cholmondeley 4711", "asymmetric, Marjoribanks pattern"


def as_zip(name: str, content: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(name, content)
    return file.getvalue()


def visit(page, url: str, photo: bytes) -> list[str]:
    """All that is done with photos; the digits of every probability of the answer."""
    page.goto(url)
    bad = {"name": f"bad-{NAME}", "mimeType": "image/jpeg", "buffer": photo[:5000]}
    upload(page, {"name": NAME, "mimeType": "image/jpeg", "buffer": photo}, bad)
    page.get_by_text("In brackets: 95 % intervals").wait_for()
    expect_words(page, NAME)
    wait_until_still(page)  # the bad file has been named, and the page drawn again
    unfold(page, "Details for the report")
    for label, text in (("Case reference", REFERENCE), ("Own findings", FINDINGS)):
        page.get_by_label(label).fill(text)
        page.get_by_label(label).press("Tab")
        wait_until_still(page)
    assert REFERENCE in download(page, "JSON")[1].decode()
    record = json.loads(download(page, "JSON")[1])
    assert download(page, "PDF")[1].startswith(b"%PDF")
    go_to_page(page, "Explain")
    page.get_by_role("tab", name="Hide a region").click()
    page.get_by_text("hidden region: small moves mean little").wait_for()
    go_to_page(page, "Worklist")
    upload(page, {"name": "more.zip", "mimeType": "application/zip", "buffer": as_zip(f"zip-{NAME}", photo)})
    page.get_by_text(re.compile("^Take away")).wait_for()
    assert NAME in download(page, "CSV")[1].decode()
    expect_no_crash(page)
    numbers = list(record["probabilities"].values())
    assert len(numbers) == 9
    return [str(number)[:6] for number in numbers if number > 0.001]


def test_nothing_is_written_to_a_disk_or_a_log(browser, tmp_path):
    photo, log = make_large_photo(), tmp_path / "log"
    for name in ("temporary", "home"):
        (tmp_path / name).mkdir()
    places = {"TMPDIR": str(tmp_path / "temporary"), "HOME": str(tmp_path / "home"), "PYTHONDONTWRITEBYTECODE": "1"}
    reading, writing = os.pipe()
    with log.open("wb") as file, subprocess.Popen(["cat"], stdin=reading, stdout=file) as kept:
        os.close(reading)
        more = {"before": limit_files(0), "stdout": writing, "stderr": writing}
        with start_server(places, **more) as (url, _), open_window(browser, "desktop") as page:
            os.close(writing)
            probabilities = visit(page, url, photo)
        kept.wait(30)
    text = log.read_text()
    assert "You can now view" in text, "the log was kept"
    for secret in (NAME, "Featherstonehaugh", REFERENCE, "Marjoribanks", *probabilities):
        assert secret not in text
    assert "Traceback" not in text
    assert [path for name in ("temporary", "home") for path in (tmp_path / name).rglob("*")] == []


def test_it_works_without_any_network():
    unshare = shutil.which("unshare")
    if unshare is None or subprocess.run([unshare, "-rn", "true"], check=False, capture_output=True).returncode:
        pytest.skip("this system lets nobody make a network namespace: see unshare(1)")
    script = ROOT / "tests" / "support" / "without_network.py"
    done = subprocess.run(
        [unshare, "-rn", sys.executable, str(script), str(CHROMIUM)],
        check=False,
        capture_output=True,
        text=True,
        timeout=200,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0, done.stderr
    assert "Malignancy probability" in done.stdout


def test_the_page_says_what_was_tested_and_the_tests_are_there(desktop, address):
    desktop.goto(f"{address}/privacy")
    expect_words(desktop, "Where your photos go", *TESTED["what"])
    for file in TESTED["test"]:
        assert (ROOT / file).exists(), file
    wait_until_still(desktop)
