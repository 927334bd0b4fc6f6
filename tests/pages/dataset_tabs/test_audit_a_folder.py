"""The audit of a folder of the visitor's own."""

import pytest
import streamlit as st
from reading_pages import open_page, read

from melanoma.photo import example_bytes


@pytest.fixture
def audit(empty_models, monkeypatch):
    """A path, typed into the form and sent -> the page."""
    monkeypatch.setattr(type(st.context), "ip_address", "127.0.0.1")

    def audit(path: str):
        page = open_page("dataset", tab="Audit a folder")
        page.text_input(key="path").set_value(path)
        page.button[0].click().run()
        assert not page.exception
        return page

    return audit


def test_a_folder_of_ones_own_is_audited(audit, tmp_path):
    for label, seeds in {"mole": (1, 2), "wart": (2, 3)}.items():
        (tmp_path / "clinic" / label).mkdir(parents=True)
        for seed in seeds:
            (tmp_path / "clinic" / label / f"{seed}.jpg").write_bytes(example_bytes(seed, 80, 60))
    page = audit(str(tmp_path / "clinic"))
    assert "1 of 3" in {m.value for m in page.metric}
    assert "clinic" in read(page)
    page.selectbox(key="finding-own").select_index(1).run()
    assert "clinic" in read(page)  # what was found stays


@pytest.mark.parametrize(("path", "sentence"), [("", "Type the path"), ("/nowhere/at/all", "There is no folder")])
def test_a_wrong_path_gets_one_sentence(audit, path, sentence):
    assert sentence in read(audit(path))
