"""Who is told that a server is open to all."""

from pathlib import Path

import pytest
import streamlit as st
from streamlit import config
from streamlit.testing.v1 import AppTest

from pages.parts.local_visitor import is_this_computer

APP = Path(__file__).resolve().parents[2] / "app.py"


@pytest.mark.parametrize("address", ["localhost", "127.0.0.1", "127.0.0.2", "::1", "[::1]"])
def test_this_computer(address):
    assert is_this_computer(address)


@pytest.mark.parametrize(
    "address", [None, "", "0.0.0.0", "::", "192.168.1.4", "clinic.example.org", "localhost.evil.org"]
)
def test_another_computer(address):
    assert not is_this_computer(address)


@pytest.mark.parametrize("content", ["[auth", "[auth]\nclient_id = 'melanoma'\n"])
def test_settings_that_cannot_be_read_let_nobody_in(content, tmp_path):
    before = config.get_option("secrets.files")
    (tmp_path / "secrets.toml").write_text(content)
    config.set_option("secrets.files", [str(tmp_path / "secrets.toml")])
    st.secrets._reset()
    try:
        page = AppTest.from_file(APP, default_timeout=120).run()
    finally:
        config.set_option("secrets.files", before)
        st.secrets._reset()
    assert not page.get("file_uploader")
    assert [title.value for title in page.title] == ["Melanoma"]


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
