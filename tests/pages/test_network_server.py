"""The pages with the network on another server: they answer, say when it is gone, and answer when it is back."""

import pytest
import streamlit as st
from network_server import NetworkServer
from reading_pages import open_page, read

from melanoma.serving.classifier import open_local_engine


@pytest.fixture
def server(run, monkeypatch):
    opened = NetworkServer(open_local_engine(run), run.sha256)
    monkeypatch.setenv("MELANOMA_ENGINE", opened.address)
    st.cache_resource.clear()  # networks that are open already run here
    yield opened
    st.cache_resource.clear()
    opened.close()


def test_the_page_says_that_the_server_is_gone_and_answers_when_it_is_back(server):
    server.close()
    page = open_page("analyze")
    page.button(key="example").click().run()
    assert not page.exception
    assert [one.value for one in page.error] == [
        f"Network server {server.address} does not answer. Try again in a minute."
    ]
    assert "Routine" not in read(page)
    server.open()
    page.run()
    assert not page.error
    assert "At the high sensitivity operating point" in read(page)
