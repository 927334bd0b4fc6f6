"""The Model card page on complete, moving and broken runs."""

import pytest
from reading_pages import open_page, read
from streamlit.testing.v1 import AppTest

from melanoma.run import Run


def headline(page: AppTest, name: str) -> str:
    """A headline estimate as the card's table gives it."""
    (rows,) = [table.value for table in page.table if "estimate" in table.value]
    return rows.set_index("estimate").iloc[:, 0][name]


@pytest.fixture
def page(models) -> AppTest:
    return open_page("model_card", run="whole")


def test_research_use_stands_on_top(page):
    assert page.markdown[0].value == "**Research use only, not a medical device.**"


def test_a_link_opens_the_card_of_its_run(page, models):
    assert page.selectbox(key="run").value == "whole"
    auc = Run(models / "whole").evaluation.headline.melanoma_auc
    assert headline(page, "Melanoma AUC") == auc.text()


def test_a_list_of_contents_leads_to_every_section(page):
    words = read(page)
    assert "On this page: [Network](#network) · [Intended use" in words
    assert all(f"](#{header.proto.anchor})" in words for header in page.header)


def test_every_run_that_opens_has_a_card(page):
    for name in page.selectbox(key="run").options:
        page.selectbox(key="run").select(name).run()
        assert not page.exception
        assert f"Run: {name}," in read(page)


def test_a_run_in_progress_says_so(page):
    page.selectbox(key="run").select("moving").run()
    assert "State: training" in read(page)
    assert headline(page, "Melanoma AUC") == "not measured"


def test_broken_folders_are_named(page):
    assert "changed/history.csv was changed" in read(page)


def test_an_empty_models_folder_says_how_to_fill_it(empty_models):
    assert "python -m melanoma train" in read(open_page("model_card"))
