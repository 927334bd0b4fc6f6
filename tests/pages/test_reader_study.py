"""The Reader study page while the casebook is off, and before anything is set up."""

from reading_pages import open_page


def test_without_a_casebook_it_says_how_to_turn_it_on(monkeypatch):
    monkeypatch.delenv("MELANOMA_CASEBOOK", raising=False)
    page = open_page("reader_study")
    assert "Nothing is stored" in page.info[0].value
    assert "MELANOMA_CASEBOOK=" in page.get("code")[0].value
    assert not page.get("button")


def test_an_empty_casebook_offers_to_set_a_study_up(monkeypatch, tmp_path):
    monkeypatch.setenv("MELANOMA_CASEBOOK", str(tmp_path))
    page = open_page("reader_study")
    assert [tab.label for tab in page.tabs] == ["Read", "Set up", "Analysis"]
    assert "There is no study yet" in page.info[0].value


def test_a_casebook_that_cannot_be_opened_is_a_sentence(monkeypatch, tmp_path):
    monkeypatch.setenv("MELANOMA_CASEBOOK", str(tmp_path / "gone"))
    page = open_page("reader_study")
    assert "There is no folder" in page.error[0].value
