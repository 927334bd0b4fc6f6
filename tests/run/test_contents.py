"""A run whose parts make no sense is refused when it is opened, whatever its checksums say."""

from dataclasses import replace

import pandas as pd
import pytest
from copied_runs import copy_run, recalibrate

from melanoma.run import DEFAULT_RUN, Run, RunError, find_run, open_run, write_checksums, write_part
from melanoma.run.calibration import TestRates as RatesOnTest
from melanoma.run.history import find_best_epoch, read_history


@pytest.fixture
def copy(tmp_path) -> Run:
    return copy_run(find_run(DEFAULT_RUN), tmp_path / "copy")


def refused(run: Run) -> str:
    with pytest.raises(RunError) as caught:
        open_run(run.folder)
    assert str(caught.value).endswith("Restore it or remove the run.")
    return str(caught.value)


@pytest.mark.parametrize(
    ("parts", "why"),
    [
        ({"temperature": 0.0}, "temperature is no number above 0"),
        ({"temperature": float("nan")}, "temperature is no number above 0"),
        ({"default_operating_point": "strict"}, "default operating point is not among"),
    ],
)
def test_a_calibration_that_gives_no_answers_is_refused(copy, parts, why):
    recalibrate(copy, **parts)
    assert why in refused(copy)


@pytest.mark.parametrize(
    ("part", "why"),
    [
        ({"score": "XYZ"}, "score of"),
        ({"threshold": float("inf")}, "threshold of"),
        ({"threshold": float("nan")}, "threshold of"),
        ({"threshold": 1.5}, "threshold of"),  # which no photo reaches
        ({"test": RatesOnTest(ppv={"rare": None})}, "prevalence of"),
        ({"test": RatesOnTest(npv={"5": None})}, "prevalence of"),
    ],
)
def test_an_operating_point_that_decides_nothing_is_refused(copy, part, why):
    points = copy.calibration.operating_points
    name = next(iter(points))
    recalibrate(copy, operating_points=points | {name: replace(points[name], **part)})
    assert f"{why} the operating point {name}" in refused(copy)


@pytest.mark.parametrize("part", [{"test_coverage": {"XYZ": None}}, {"validation_photos": {"XYZ": 3}}])
def test_a_prediction_set_of_other_diagnoses_is_refused(copy, part):
    recalibrate(copy, prediction_set=replace(copy.calibration.prediction_set, **part))
    assert "names a diagnosis that is none of the nine" in refused(copy)


@pytest.mark.parametrize(
    ("column", "value", "why"),
    [
        ("p_MEL", "much", "the column p_MEL has cells that are no probabilities"),
        ("p_MEL", 1.5, "the column p_MEL has cells that are no probabilities"),
        ("diagnosis", "ABC", "none of the nine"),
        ("image_id", None, "the column image_id has empty cells"),
    ],
)
def test_predictions_that_are_none_are_refused(copy, column, value, why):
    path = copy.folder / "predictions.csv"
    pd.read_csv(path).assign(**{column: value}).to_csv(path, index=False)
    write_checksums(copy.folder)
    assert why in refused(copy)


@pytest.mark.parametrize(("content", "why"), [("", "it is no table"), ("a,b\n1,2\n", "the column image_id is missing")])
def test_predictions_of_another_form_are_refused(copy, content, why):
    (copy.folder / "predictions.csv").write_text(content)
    write_checksums(copy.folder)
    assert why in refused(copy)


def test_checksums_of_other_files_are_refused(copy):
    with (copy.folder / "SHA256SUMS").open("a") as file:
        file.write(f"{'0' * 64}  ../other/run.json\n")
    assert "names what is no part of a run" in refused(copy)


def test_facts_nested_without_end_are_refused(copy):
    (copy.folder / "run.json").write_text("[" * 100_000)
    assert "it is no JSON" in refused(copy)


@pytest.mark.parametrize("name", ["run.json", "SHA256SUMS", "calibration.json", "predictions.csv"])
def test_a_folder_in_place_of_a_file_is_refused(copy, name):
    (copy.folder / name).unlink()
    (copy.folder / name).mkdir()
    assert name in refused(copy) or "Is a directory" in refused(copy)


def test_a_history_counts_by_its_numbers_alone(tmp_path):
    run = copy_run(find_run(DEFAULT_RUN), tmp_path / "copy")
    write_part(run.folder / "run.json", replace(run.facts, settings=replace(run.facts.settings, monitor="val_loss")))
    (run.folder / "history.csv").write_text("epoch,val_loss\n1,0.5\nx,0.1\n3,lost\n4,inf\n")
    history = read_history(Run(run.folder))
    assert history["epoch"].tolist() == [1, 3, 4]
    assert find_best_epoch(history, "val_loss").epoch == 1
