"""The Dataset page as a whole: who may name folders of this computer."""

import pytest
import streamlit as st
from reading_pages import open_page


@pytest.mark.parametrize(("address", "offered"), [("127.0.0.1", True), ("192.0.2.7", False)])
def test_only_a_visitor_at_this_computer_can_name_its_folders(empty_models, monkeypatch, address, offered):
    monkeypatch.setattr(type(st.context), "ip_address", address)  # AppTest has no browser and so no address
    tabs = [tab.label for tab in open_page("dataset").tabs]
    assert tabs[:2] == ["Training photos", "Data quality"]
    assert ("Audit a folder" in tabs) is offered
