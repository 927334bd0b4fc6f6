"""The Performance page as a whole: its tabs, one run for all pages, and an empty folder."""

import shutil

import pandas as pd
from reading_pages import go_to, open_app, open_page, read

from melanoma.run import folder, write_checksums

TABS = ["Training", "Test results", "Operating point", "Compare", "Data leakage example"]


def test_research_use_stands_above_the_tabs(models):
    page = open_page("performance")
    assert page.caption[0].value == "Research use only, not a medical device."
    assert [tab.label for tab in page.tabs] == TABS


def test_the_run_chosen_on_one_page_is_the_one_on_the_others(models):
    app = open_app()
    go_to(app, "model_card")
    assert app.selectbox(key="run").value == "baseline-cnn"
    app.selectbox(key="run").select("whole").run()
    for name in ("dataset", "model_card"):
        go_to(app, name)
        assert app.selectbox(key="run").value == "whole"


def test_a_run_that_a_page_cannot_show_is_still_the_chosen_one_elsewhere(models):
    app = open_app()
    go_to(app, "model_card")
    app.selectbox(key="run").select("moving").run()
    go_to(app, "dataset")
    assert app.selectbox(key="run").value == "whole"
    go_to(app, "model_card")
    assert app.selectbox(key="run").value == "moving"


def test_a_run_that_does_not_fit_is_named_and_set_aside_on_every_tab(models, tmp_path, monkeypatch):
    for name in ("whole", "broken"):
        shutil.copytree(models / "whole", tmp_path / name)
    predictions = tmp_path / "broken" / "predictions.csv"
    pd.read_csv(predictions).drop(columns="p_MEL").to_csv(predictions, index=False)
    write_checksums(tmp_path / "broken")
    monkeypatch.setattr(folder, "MODELS", tmp_path)
    for tab in TABS[:3]:
        page = open_page("performance", tab=tab)
        assert [warning.value for warning in page.warning if "broken/predictions.csv" in warning.value]
        assert not page.error


def test_an_empty_models_folder_says_how_to_fill_it(empty_models):
    assert "python -m melanoma train" in read(open_page("performance"))
