"""Stored estimates as tables and words."""

import dataclasses

import numpy as np
import pytest
from reports_as_stored import GROUPS, ROBUSTNESS, around, make_evaluation, make_heatmap

from melanoma.estimates import Estimate
from melanoma.evaluation.tables import (
    count_photos,
    describe_calibration,
    describe_groups,
    describe_weakest,
    estimate_columns,
    flatten,
    list_headline,
    list_thresholds,
    tabulate_classes,
    tabulate_groups,
    tabulate_operating_points,
    whole_estimate,
    write_estimate,
    write_estimates,
)
from melanoma.run.evaluation import DiagnosisEstimates, Headline
from melanoma.run.faithfulness import Faithfulness, PairedDifference


def test_the_estimates_that_decide_come_first():
    headline = Headline(**{field.name: around(0.5) for field in dataclasses.fields(Headline)})
    assert [name for name, _ in list_headline(headline)][:5] == [
        "Balanced accuracy, 9 classes",
        "Balanced accuracy, 7 classes",
        "Melanoma AUC",
        "Specificity at 95 % sensitivity",
        "Calibration error",
    ]
    assert len(list_headline(headline)) == 9
    assert list_headline(Headline(ece=around(0.2))) == [("Calibration error", around(0.2))]


def test_groups_are_counted_by_the_photos_that_an_estimate_is_of():
    groups = tabulate_groups(GROUPS)
    assert list(groups["by"]) == ["Source", "Age", "Age", "Age"]
    assert count_photos(groups, "sensitivity").tolist() == [500, 3, 100, 9]
    assert count_photos(groups, "specificity").tolist()[1:] == [397, 200, 0]
    assert count_photos(groups, "melanoma AUC").tolist() == [500, 400, 300, 9]


def test_the_weakest_group_is_none_of_the_tiny_ones():
    groups = tabulate_groups(GROUPS)
    assert (
        describe_weakest(groups, "sensitivity", 30) == "Lowest sensitivity: age 30 to 44: 80 % (75–85 %), 300 photos."
    )
    assert describe_weakest(groups.head(0), "sensitivity", 30) == ""
    assert describe_weakest(tabulate_groups(make_evaluation()), "sensitivity", 30) == ""


def test_of_calibration_errors_the_highest_is_the_weakest():
    groups = tabulate_groups(GROUPS)
    groups = groups.assign(**{"calibration error": [0.02, 0.1, 0.3, 0.4]})
    groups = groups.assign(**{"calibration error low": 0.01, "calibration error high": 0.5})
    assert describe_weakest(groups, "calibration error", 30) == (
        "Highest calibration error: age 30 to 44: 0.30 (0.01–0.50), 300 photos."
    )


def test_groups_in_words_leave_out_what_is_undefined():
    sentences = describe_groups(tabulate_groups(GROUPS), "sensitivity")
    assert sentences[1] == "age under 30: 10 % (5–15 %), 400 photos"
    assert len(sentences) == 3


def test_a_run_without_groups_has_an_empty_table():
    assert tabulate_groups(make_evaluation()).empty
    assert estimate_columns(tabulate_groups(make_evaluation())) == []


def test_shares_are_written_as_per_cent_and_areas_as_numbers():
    rows = {"MEL": DiagnosisEstimates(277, around(0.611), around(0.95, 0.01), Estimate(0.9166, 0.897, 0.9331))}
    table = tabulate_classes(make_evaluation(per_class=rows))
    written = write_estimates(table).iloc[0]
    assert written["diagnosis"] == "melanoma (MEL)"
    assert written["support"] == 277
    assert written["sensitivity"] == "61 % (56–66 %)"
    assert written["AUC"] == "0.92 (0.90–0.93)"
    assert "referred" not in table  # undefined for all


def test_the_headline_is_written_in_the_same_notation():
    headline = Headline(melanoma_auc=around(0.9), ece=around(0.1), accuracy=around(0.8))
    assert [write_estimate(*row) for row in list_headline(headline)] == [
        "0.90 (0.85–0.95)",
        "0.10 (0.05–0.15)",
        "80 % (75–85 %)",
    ]


def test_an_undefined_estimate_is_a_dash():
    written = write_estimates(tabulate_groups(GROUPS))
    assert written["specificity"].tolist()[0] == "–"
    assert written["sensitivity"].tolist()[3] == "–"


def test_the_whole_split_stands_beside_its_groups():
    evaluation = make_evaluation(headline=Headline(melanoma_auc=around(0.9)))
    assert whole_estimate(evaluation, "melanoma AUC") == around(0.9)
    assert whole_estimate(evaluation, "sensitivity") is None


def test_operating_points_show_their_test_rates(run):
    table = tabulate_operating_points(run.calibration)
    points = list(run.calibration.operating_points.values())
    assert table["threshold"].tolist() == [point.threshold for point in points]
    assert table["test sensitivity"].tolist() == [point.test.sensitivity.value for point in points]
    assert table["test specificity low"].tolist() == [point.test.specificity.low for point in points]
    assert list(list_thresholds(run.calibration, "malignant")) == ["high-sensitivity", "balanced"]
    assert list(list_thresholds(run.calibration, "MEL")) == ["melanoma-95"]
    assert list_thresholds(None, "MEL") == {}


def test_a_part_is_flattened_with_its_path():
    rows = flatten(ROBUSTNESS).set_index("what")
    assert rows.loc["photos", "value"] == 600
    assert rows.loc["note", "note"] == "words"
    row = rows.loc["changes, artefact, ink, controls, patch, excess, decision"]
    assert row[["value", "low", "high"]].tolist() == pytest.approx([0.2, 0.15, 0.25])
    assert not rows.index.str.contains("refer to routine").any()  # undefined


def test_every_number_of_a_method_is_in_its_rows():
    method = dataclasses.replace(
        make_heatmap(0.6, 0.5), against_default={"deletion": PairedDifference(0.1, 0.0, 0.2, photos=7)}
    )
    rows = flatten(Faithfulness("check", "today", "", "words", 40, {"scorecam": method}), "maps").set_index("what")
    assert rows.loc["maps, methods, scorecam, wrong, pointing game", "value"] == 0.5
    assert rows.loc["maps, methods, scorecam, against default, deletion", "high"] == 0.2
    assert rows.loc["maps, methods, scorecam, against default, deletion, photos", "value"] == 7
    assert np.isnan(rows.loc["maps, photos", "low"])


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (Estimate(0.1, 0.08, 0.12), Estimate(0.03, 0.02, 0.05), "truer"),
        (Estimate(0.03, 0.02, 0.05), Estimate(0.1, 0.08, 0.12), "less true"),
        (Estimate(0.03, 0.02, 0.05), Estimate(0.04, 0.02, 0.06), "did not clearly change"),
        (Estimate(0.04, 0.02, 0.06), Estimate(0.03, 0.02, 0.05), "did not clearly change"),
    ],
)
def test_what_calibration_did_is_said_also_where_it_hurt(before, after, words):
    sentence = describe_calibration(Headline(ece=after, ece_before=before))
    assert words in sentence
    assert f"{before.text()} before it and is {after.text()}" in sentence


def test_nothing_is_said_of_a_calibration_that_was_not_measured():
    assert describe_calibration(Headline()) == ""
