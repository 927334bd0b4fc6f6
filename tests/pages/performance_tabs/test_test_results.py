"""The test results: every report drawn, cells chosen, runs without the newer parts."""

import pytest
from reports_as_stored import GROUPS, ROBUSTNESS, figure, heatmap
from streamlit.testing.v1 import AppTest

from melanoma.run import folder as runs


def script(name: str) -> None:
    from melanoma.run import folder as runs
    from pages.performance_tabs.test_results import test_results

    test_results([runs.find_run(name, runs.MODELS)])


def words(page: AppTest) -> str:
    return "\n".join(element.value for element in [*page.header, *page.markdown, *page.caption, *page.info])


@pytest.fixture
def at(shown):
    """Opens the test results of the run `whole`, with more parts in its evaluation."""

    def open_(**parts) -> AppTest:
        folder = shown / "whole"
        before = (folder / "evaluation.json").read_bytes(), (folder / "SHA256SUMS").read_bytes()
        try:
            runs.write_json(folder / "evaluation.json", runs.Run(folder).evaluation | parts)
            runs.seal(folder)
            page = AppTest.from_function(script, default_timeout=120, kwargs={"name": "whole"}).run()
        finally:
            (folder / "evaluation.json").write_bytes(before[0])
            (folder / "SHA256SUMS").write_bytes(before[1])
        assert not page.exception
        return page

    return open_


def test_the_deciding_figures_are_all_in_sight(at):
    labels = [metric.label for metric in at().metric]
    assert labels[:3] == ["Balanced accuracy, 9 classes", "Balanced accuracy, 7 classes", "Melanoma AUC"]
    assert labels[3:] == ["Specificity at 95 % sensitivity", "Calibration error"]


def test_a_run_without_groups_or_reports_shows_what_it_has(at):
    page = at()
    assert "By source" in [header.value for header in page.header]
    assert "--data DATA` adds them" in words(page)
    assert not {"Robustness", "Source probe"} & {header.value for header in page.header}


def test_groups_and_every_report_are_drawn(at):
    kind = {"mean_top": figure(0.8), "refer": figure(0.5), "above_90": figure(0.4)}
    probe = {"diagnosis": "nevus", "photos": {"ham10000": 30, "isic2017": 40}, "auc": figure(0.9)}
    page = at(
        per_age=GROUPS["per_age"],
        robustness=ROBUSTNESS,
        unfamiliar={"clean": kind, "everyday": kind},
        faithfulness={"methods": {"gradcam": heatmap(0.6, 0.5), "centre spot": heatmap(0.58, 0.9)}},
        source_probe={"chance": 0.5, "NV": probe, "MEL": None},
    )
    said = words(page)
    assert "By source and age" in said
    assert "Decisions change most with ink" in said
    assert "Grad-CAM is the default" in said
    assert "Photos of nevus (30 of HAM10000 and 40 of ISIC 2017)" in said
    assert "Photos unlike the training photos" in said


def test_cells_are_chosen_by_keyboard_and_merged_with_the_classes(at):
    page = at()
    page.selectbox(key="cell-true").select("AK").run()
    page.selectbox(key="cell-answer").select("SCC").run()
    page.segmented_control(key="classes").set_value("seven (ISIC 2018)").run()
    assert not page.exception
    assert page.selectbox(key="cell-true").value == "AK+SCC"
    assert page.selectbox(key="cell-answer").value == "AK+SCC"
    assert page.selectbox(key="cell-true").options[0] == "AK+SCC"


def test_a_run_without_an_evaluation_shows_its_predictions(at, shown):
    folder = shown / "whole"
    kept = (folder / "evaluation.json").read_bytes()
    (folder / "evaluation.json").unlink()
    runs.seal(folder)
    try:
        page = AppTest.from_function(script, default_timeout=120, kwargs={"name": "whole"}).run()
    finally:
        (folder / "evaluation.json").write_bytes(kept)
        runs.seal(folder)
    assert not page.exception
    assert "have not been made for this run yet" in words(page)
    assert "Confusion matrix" in words(page)
