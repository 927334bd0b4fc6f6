"""Logs say what failed and where, and repeat no message that could hold a name."""

import json
import subprocess
import sys

import pytest

SECRET = "Smith-1970.jpg"
FAULTS = f"""
import logging, sys, threading
from melanoma.operations import keep_content_out
keep_content_out()
logging.basicConfig(format="%(message)s")
def fail():
    raise ValueError("{SECRET} cannot be read: ninety-seven %")
def fail_twice():
    try:
        fail()
    except ValueError as error:
        raise RuntimeError("{SECRET}") from error
try:
    fail_twice()
except RuntimeError:
    logging.getLogger("streamlit").exception("a page failed")
thread = threading.Thread(target=fail)
thread.start()
thread.join()
class Unraisable:
    def __del__(self):
        fail()
Unraisable()
fail()
"""


def run_faults(**environment: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", FAULTS], capture_output=True, text=True, check=False, env={**environment, "PATH": ""}
    )
    assert done.returncode == 1
    assert SECRET not in done.stderr
    assert "ninety-seven" not in done.stderr
    return done.stderr.splitlines()


@pytest.fixture(autouse=True)
def here(monkeypatch, request):
    monkeypatch.chdir(request.config.rootpath)


def test_types_and_places_are_logged_and_no_message():
    text = "\n".join(run_faults())
    assert "a page failed" in text
    assert text.index("ValueError") < text.index("RuntimeError"), "the first fault first"
    assert "<string>:7 fail" in text
    assert text.count("nothing caught this fault") == 3  # in a thread, in a finalizer, at the end


def test_as_json_each_line_is_an_object():
    records = [json.loads(line) for line in run_faults(MELANOMA_LOGS="json")]
    assert [record["level"] for record in records] == ["ERROR", *["CRITICAL"] * 3]
    assert records[0]["logger"] == "streamlit"
    assert records[0]["message"] == "a page failed"
    assert records[0]["fault"][0] == "ValueError"


PAGE = f"""
from streamlit.testing.v1 import AppTest
from melanoma.operations import keep_content_out
keep_content_out()
page = AppTest.from_string("raise ValueError('{SECRET[:6]}' + '{SECRET[6:]} cannot be read')").run(timeout=60)
assert page.exception
"""


@pytest.mark.slow
def test_a_page_that_fails_prints_no_message_in_any_way():
    done = subprocess.run([sys.executable, "-c", PAGE], capture_output=True, text=True, check=True)
    assert "ValueError" in done.stderr
    assert SECRET not in done.stdout + done.stderr
