"""What a reader takes from the figures of test results."""

import numpy as np
import pandas as pd
import pytest

from melanoma.charts.frame import BLUE, GREY
from melanoma.charts.results import (
    Curve,
    confusion_matrix,
    describe_confusion,
    describe_curves,
    describe_reliability,
    forest_plot,
    precision_recall,
    reliability_diagram,
    roc,
    tabulate_reliability,
)
from melanoma.diagnoses import COLOURS
from melanoma.estimates import Estimate
from melanoma.evaluation.outcomes import READERS
from melanoma.run.evaluation import Reliability, ReliabilityBin

CODES = ["MEL", "NV", "SK"]
COUNTS = pd.DataFrame([[6, 3, 1], [1, 98, 1], [0, 0, 0]], index=CODES, columns=CODES)
POINTS = pd.DataFrame({"threshold": [np.inf, 0.5], "sensitivity": [0.0, 0.8], "specificity": [1.0, 0.7]})
RELIABILITY = Reliability(
    before=(ReliabilityBin(0, 0.5, 0.4, 0.2, 100), ReliabilityBin(0.5, 1, None, None, 0)),
    after=(ReliabilityBin(0, 0.5, 0.4, 0.45, 100), ReliabilityBin(0.5, 1, 0.9, 0.7, 40), ReliabilityBin(1, 1, 1, 0, 2)),
)


def test_every_cell_of_the_confusion_matrix_can_be_clicked():
    figure = confusion_matrix(COUNTS, outline=("NV", "SK"))
    targets = figure.data[1]
    photos = {(y, x): n for y, x, (n, _) in zip(targets.y, targets.x, targets.customdata, strict=True)}
    assert photos == {(true, top): COUNTS.loc[true, top] for true in CODES for top in CODES}
    outline = figure.layout.shapes[-1]
    assert (outline.y0 + outline.y1, outline.x0 + outline.x1) == (2, 4)


def test_the_confusion_matrix_shows_counts_or_shares_of_the_row_and_nothing_for_nobody():
    assert confusion_matrix(COUNTS).data[0].text[0].tolist() == ["6", "3", "1"]
    shares = confusion_matrix(COUNTS, as_shares=True).data[0]
    assert shares.text.tolist() == [["60 %", "30 %", "10 %"], ["1 %", "98 %", "1 %"], ["", "", ""]]
    assert shares.z[0].tolist() == [0.6, 0.3, 0.1]


def test_the_commonest_error_of_each_diagnosis_is_named():
    assert describe_confusion(COUNTS).startswith(
        "Confusion matrix: MEL 60 % right, most often predicted as NV (30 %); NV 98 % right"
    )
    assert "SK" not in describe_confusion(COUNTS).split("; ")[-1].split(",")[0]


def test_the_roc_curve_has_its_colour_area_and_words():
    curves = [Curve("MEL", POINTS, 0.9155), Curve("malignant", POINTS, 0.92)]
    _, melanoma, malignancy = roc(curves).data
    assert (melanoma.name, melanoma.line.color) == ("probability of melanoma, AUC 0.92", COLOURS["MEL"])
    assert list(melanoma.x) == pytest.approx([0, 0.3])
    assert melanoma.customdata[1] == "sensitivity 80.0 %, specificity 70.0 %, threshold 50.0 %"
    assert malignancy.name == "malignancy probability, AUC 0.92"
    assert describe_curves(curves, "AUC") == "AUC: probability of melanoma 0.92, malignancy probability 0.92."


def test_readers_are_labelled_points_on_the_roc():
    figure = roc([Curve("MEL", POINTS, 0.9)], READERS)
    labels = {text for trace in figure.data for text in trace.text or ()}
    assert labels == {reader.name for reader in READERS}


def test_the_operating_point_lies_at_its_rates_with_both_intervals():
    point = roc([], operating_point=(Estimate(0.9, 0.8, 0.95), Estimate(0.6, 0.5, 0.75))).data[-1]
    assert (point.x[0], point.y[0]) == pytest.approx((0.4, 0.9))
    assert (point.error_x.array[0], point.error_x.arrayminus[0]) == pytest.approx((0.1, 0.15))
    assert (point.error_y.array[0], point.error_y.arrayminus[0]) == pytest.approx((0.05, 0.1))


def test_precision_recall_has_sensitivity_across():
    points = POINTS.assign(precision=[1.0, 0.3])
    curve = precision_recall([Curve("MEL", points, 0.5)]).data[0]
    assert (curve.x[1], curve.y[1]) == (0.8, 0.3)


def test_the_reliability_diagram_draws_bins_that_hold_photos():
    _, before, after = reliability_diagram(RELIABILITY).data
    assert (list(before.x), list(before.y)) == ([0.4], [0.2])
    assert list(after.x) == [0.4, 0.9, 1]
    assert after.marker.size[0] > after.marker.size[2]
    assert len(tabulate_reliability(RELIABILITY)) == 5


def test_the_largest_gap_is_of_a_bin_with_photos_enough():
    assert describe_reliability(RELIABILITY) == "Largest gap after calibration: stated 90 %, right 70 %, 40 photos."
    assert describe_reliability(Reliability()) == "Reliability: not measured."


def test_small_groups_are_grey_and_say_their_number():
    table = pd.DataFrame({"diagnosis": ["AK", "BCC"], "support": [12, 400], "AUC": [0.8, 0.9]})
    table["AUC low"], table["AUC high"] = table["AUC"] - 0.05, table["AUC"] + 0.05
    dots = forest_plot(table, "diagnosis", "AUC", "support").data[0]
    assert dots.y == ("BCC  (n 400)", "AK  (n 12)")
    assert list(dots.marker.color) == [BLUE, GREY]
    assert list(dots.customdata) == ["0.90 (0.85–0.95)", "0.80 (0.75–0.85)"]


def test_shares_have_ticks_in_per_cent_and_areas_have_none():
    table = pd.DataFrame({"d": ["a"], "AUC": [0.8], "AUC low": [0.7], "AUC high": [0.9]})
    assert forest_plot(table, "d", "AUC").layout.xaxis.ticktext is None
    shares = table.rename(columns=lambda name: name.replace("AUC", "sensitivity"))
    assert forest_plot(shares, "d", "sensitivity").layout.xaxis.ticktext[-1] == "100 %"
