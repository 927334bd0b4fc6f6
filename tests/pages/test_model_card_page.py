"""The model card page on complete, moving, partial and broken runs."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from melanoma.run import folder as runs

PAGE = Path(__file__).resolve().parents[2] / "pages" / "model_card.py"


def headline(page: AppTest, name: str) -> str:
    """A headline figure as the card's table gives it."""
    tables = [table.value for table in page.table]
    (rows,) = [table for table in tables if "figure" in table]
    return rows.set_index("figure").iloc[:, 0][name]


def words(page: AppTest) -> str:
    return "\n".join(e.value for e in (*page.markdown, *page.caption, *page.info, *page.warning))


@pytest.fixture
def page(shown) -> AppTest:
    opened = AppTest.from_file(PAGE, default_timeout=60)
    opened.query_params["run"] = "whole"
    opened.run()
    assert not opened.exception
    return opened


def test_research_use_stands_on_top(page):
    assert page.markdown[0].value == "**Research use only, not a medical device.**"


def test_a_link_opens_the_card_of_its_run(page, shown):
    assert page.selectbox(key="run").value == "whole"
    auc = runs.Run(shown / "whole").evaluation["figures"]["melanoma_auc"]["value"]
    assert headline(page, "Melanoma AUC").startswith(f"{auc:.2f} (")


def test_every_run_that_opens_has_a_card(page):
    for name in page.selectbox(key="run").options:
        page.selectbox(key="run").select(name).run()
        assert not page.exception
        assert f"Run: {name}," in words(page)


def test_a_run_in_progress_says_so(page):
    page.selectbox(key="run").select("moving").run()
    assert "still training" in words(page)
    assert headline(page, "Melanoma AUC") == "not measured"


def test_broken_folders_are_named(page):
    assert "changed/history.csv was changed" in words(page)


def test_an_empty_models_folder_says_how_to_fill_it(tmp_path, monkeypatch):
    monkeypatch.setattr(runs, "MODELS", tmp_path)
    page = AppTest.from_file(PAGE, default_timeout=60).run()
    assert not page.exception
    assert "python -m melanoma train" in words(page)
