"""The performance page on complete, moving, partial and broken runs."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from melanoma import runs

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "pages" / "performance.py"


def words(page: AppTest) -> str:
    elements = [*page.markdown, *page.caption, *page.info, *page.warning, *page.error]
    return "\n".join(element.value for element in elements)


@pytest.fixture
def at(shown):
    """Opens the page at a tab, as a link with a URL query does."""

    def open_(tab: str | None = None, **query: str) -> AppTest:
        page = AppTest.from_file(PAGE, default_timeout=60)
        for key, value in ({"tab": tab} if tab else {} | query).items():
            page.query_params[key] = value
        page.run()
        assert not page.exception
        return page

    return open_


def test_broken_folders_are_named_and_the_rest_is_shown(at):
    page = at()
    warnings = " ".join(w.value for w in page.warning)
    assert "stray is not a run" in warnings
    assert "changed/history.csv was changed" in warnings
    assert {"whole", "moving"} <= set(page.multiselect(key="runs").options)


def test_a_run_in_progress_says_how_far_it_is(at):
    page = at()
    page.multiselect(key="runs").set_value(["moving"]).run()
    assert "still training: 2 of 9 epochs are done" in words(page)


def test_metrics_that_were_logged_can_be_chosen(at):
    page = at()
    page.multiselect(key="runs").set_value(["whole"]).run()
    assert page.selectbox(key="metric").options == ["accuracy", "loss"]
    page.selectbox(key="metric").select("loss").run()
    assert not page.exception


def test_no_chosen_run_is_asked_for(at):
    page = at()
    page.multiselect(key="runs").set_value([]).run()
    assert "Choose one or more runs" in words(page)


def test_test_results_show_headline_figures_with_their_command(at, shown):
    page = at("Test results")
    figures = runs.Run(shown / "whole").evaluation["figures"]
    shown_figures = {metric.label: metric.value for metric in page.metric}
    assert shown_figures["Melanoma AUC"] == f"{figures['melanoma_auc']['value']:.2f}"
    assert page.code[0].value == "python -m melanoma evaluate models/whole"


def test_explorer_counts_a_thousand_patients(at):
    page = at("Operating point")
    page.slider(key="prevalence").set_value(10).run()
    assert "Of 1,000 such patients, 100 have a malignant lesion (10%)" in words(page)


def test_explorer_meets_an_asked_sensitivity_on_validation(at):
    page = at("Operating point")
    page.segmented_control(key="way").set_value("sensitivity").run()
    low = page.metric[1].value
    page.slider(key="asked").set_value(60).run()
    assert page.metric[1].value != low


def test_cautionary_tale_sets_the_two_protocols_side_by_side(at):
    told = words(at("A cautionary tale"))
    assert "88% were copies" in told
    assert "Mostly copies." in told


def test_an_empty_models_folder_says_how_to_fill_it(tmp_path, monkeypatch):
    monkeypatch.setattr(runs, "MODELS", tmp_path)
    page = AppTest.from_file(PAGE, default_timeout=60).run()
    assert not page.exception
    assert "python -m melanoma train" in words(page)
