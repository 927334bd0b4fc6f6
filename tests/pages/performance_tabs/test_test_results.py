"""The test results: every report drawn, cells chosen, runs without the newer parts."""

import shutil
from dataclasses import replace

import pytest
from reading_pages import open_page, read
from reports_as_stored import GROUPS, ROBUSTNESS, around, make_evaluation, make_heatmap

from melanoma.documents.glossary import define
from melanoma.estimates import percent
from melanoma.run import Run, folder, write_checksums, write_part
from melanoma.run.evaluation import Confidence, DiagnosisProbe, OutOfDistribution, SourceProbe
from melanoma.run.faithfulness import Faithfulness

TAB = {"tab": "Test results"}


def open_all():
    """The tab with every section open."""
    page = open_page("performance", **TAB)
    page.button(key="open-all-sections").click().run()
    assert not page.exception
    return page


def list_sections(page) -> list[str]:
    """Titles of the sections on the page."""
    return [expander.label.strip("*") for expander in page.expander]


@pytest.fixture
def whole(example_models, tmp_path, monkeypatch):
    """The run `whole`, alone in a folder of its own."""
    monkeypatch.setattr(folder, "MODELS", tmp_path)
    return Run(shutil.copytree(example_models / "whole", tmp_path / "whole"))


def test_every_headline_explains_its_terms(models):
    page = open_page("performance", **TAB)
    helps = {metric.label: metric.help for metric in page.metric}
    assert all(helps.values())
    assert define("AUC") in helps["Melanoma AUC"]
    assert define("prevalence") in helps["Cancers missed of 1,000"]


def test_the_estimates_that_decide_are_all_in_sight_with_their_command(models):
    page = open_page("performance", **TAB)
    headline = Run(models / "whole").evaluation.headline
    assert [metric.label for metric in page.metric] == [
        "Melanomas referred",
        "Melanomas called melanoma",
        "Cancers missed of 1,000",
        "Benign seen of 1,000",
        "Balanced accuracy, 9 classes",
        "Balanced accuracy, 7 classes",
        "Melanoma AUC",
        "Specificity at 95 % sensitivity",
        "Calibration error",
    ]
    assert headline.melanoma_auc.text().startswith(f"{page.metric[6].value} (")
    assert open_all().code[0].value == "python -m melanoma evaluate whole"


def test_a_run_without_groups_or_reports_shows_what_it_has(models):
    page = open_all()
    assert "By group" in list_sections(page)
    assert "By source." in read(page)
    assert "--data DATA` adds them" in read(page)
    assert not {"Robustness", "Source probe"} & set(list_sections(page))


def test_the_sections_of_a_network_are_all_named_and_drawn_once_they_are_opened(run):
    page = open_page("performance", tab="Test results", run=run.name)
    assert list_sections(page) == [
        "All headline estimates, and how to make them again",
        "One photo or two",
        "Kind of photo",
        "Before the answer",
        "Confusion matrix",
        "ROC and precision-recall",
        "Calibration",
        "By diagnosis",
        "By group",
        "Operating points",
        "Robustness",
        "Out-of-distribution photos",
        "Faithfulness of the heatmaps",
        "Source probe",
    ]
    assert not any(expander.children for expander in page.expander)
    assert not page.dataframe
    page.button(key="open-all-sections").click().run()
    assert not page.exception
    assert all(expander.children for expander in page.expander)
    page.button(key="close-all-sections").click().run()
    assert not any(expander.children for expander in page.expander)


def test_what_a_clinician_asks_first_follows_from_the_default_operating_point(run):
    page = open_page("performance", tab="Test results", run=run.name)
    cards = {metric.label: metric.value for metric in page.metric}
    point = run.calibration.default
    missed = 50 * (1 - point.abstention.sensitivity.value)
    assert cards["Cancers missed of 1,000"] == f"{missed:.1f}"
    assert cards["Benign seen of 1,000"] == f"{950 * (1 - point.abstention.specificity.value):.0f}"
    assert cards["Melanomas called melanoma"] == percent(run.evaluation.headline.melanoma_sensitivity.value)
    page.number_input(key="clinic-prevalence").set_value(20).run()
    missed = 200 * (1 - point.abstention.sensitivity.value)
    assert {metric.label: metric.value for metric in page.metric}["Cancers missed of 1,000"] == f"{missed:.1f}"


def test_groups_and_every_report_are_drawn(whole):
    confidence = Confidence(photos=40, mean_top=around(0.8), refer=around(0.5), above_90=around(0.4))
    probe = DiagnosisProbe(auc=around(0.9), diagnosis="nevus", photos={"ham10000": 30, "isic2017": 40})
    methods = {"gradcam": make_heatmap(0.6, 0.5), "centre spot": make_heatmap(0.58, 0.9)}
    evaluation = replace(
        whole.evaluation,
        per_age=GROUPS.per_age,
        robustness=ROBUSTNESS,
        out_of_distribution=OutOfDistribution("words", {"clean": confidence, "everyday": confidence}),
        faithfulness=Faithfulness("python -m melanoma explain-check whole", "2026", "", "words", 40, methods),
        source_probe=SourceProbe("words", 0.5, {"NV": probe, "MEL": None}),
    )
    write_part(whole.folder / "evaluation.json", evaluation)
    write_checksums(whole.folder)
    page = open_all()
    words = read(page)
    assert "By source and age" in words
    assert "ink" in words
    assert "Grad-CAM is the default" in words
    assert "HAM10000 (30 photos)" in words
    assert "Out-of-distribution photos" in list_sections(page)


def test_cells_are_chosen_by_keyboard_and_merged_with_the_classes(models):
    page = open_all()
    page.selectbox(key="cell-true").select("AK").run()
    page.selectbox(key="cell-predicted").select("SCC").run()
    page.segmented_control(key="classes").set_value("seven (ISIC 2018)").run()
    assert not page.exception
    assert page.selectbox(key="cell-true").value == "AK+SCC"
    assert page.selectbox(key="cell-predicted").value == "AK+SCC"
    assert page.selectbox(key="cell-true").options[0] == "AK+SCC"


def test_the_photos_of_a_cell_are_of_its_true_diagnosis_and_its_predicted_one(models):
    page = open_all()
    page.selectbox(key="cell-true").select("MEL").run()
    page.selectbox(key="cell-predicted").select("NV").run()
    (cell,) = [table.value for table in page.dataframe if "image_id" in table.value]
    confusion = Run(models / "whole").evaluation.confusion
    assert len(cell) == confusion.counts[confusion.codes.index("MEL")][confusion.codes.index("NV")] > 0
    assert set(cell["diagnosis"]) == {"MEL"}
    assert set(cell["predicted"]) == {"NV"}


def test_a_run_without_an_evaluation_shows_its_predictions(whole):
    (whole.folder / "evaluation.json").unlink()
    write_checksums(whole.folder)
    page = open_all()
    assert "have not been made for this run yet" in read(page)
    assert list_sections(page) == ["Confusion matrix", "ROC and precision-recall", "Operating points"]


def test_an_evaluation_with_nothing_in_it_does_not_break_the_tab(whole):
    write_part(whole.folder / "evaluation.json", make_evaluation())
    write_checksums(whole.folder)
    assert "Confusion matrix" in list_sections(open_all())
