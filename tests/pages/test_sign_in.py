"""Who is told that a server is open to all."""

from pathlib import Path

import pytest
from streamlit import config
from streamlit.testing.v1 import AppTest

from pages.parts.sign_in import is_this_computer

APP = Path(__file__).resolve().parents[2] / "app.py"


@pytest.mark.parametrize("address", ["localhost", "127.0.0.1", "127.0.0.2", "::1", "[::1]"])
def test_this_computer(address):
    assert is_this_computer(address)


@pytest.mark.parametrize(
    "address", [None, "", "0.0.0.0", "::", "192.168.1.4", "clinic.example.org", "localhost.evil.org"]
)
def test_another_computer(address):
    assert not is_this_computer(address)


@pytest.mark.parametrize(("address", "warned"), [("0.0.0.0", True), ("localhost", False)])
def test_the_page_warns_where_anyone_can_connect(address, warned):
    before = config.get_option("server.address")
    config.set_option("server.address", address)
    try:
        page = AppTest.from_file(APP, default_timeout=120).run()
    finally:
        config.set_option("server.address", before)
    assert not page.exception
    assert any("it does not ask who comes in" in warning.value for warning in page.warning) is warned
