"""Experiments as tables: the right numbers in the right rows and columns."""

from dataclasses import replace

import numpy as np
import pytest

from melanoma.diagnoses import CODES, NAMES
from melanoma.explain import Curve, Curves, Heatmap, Method, MethodComparison
from melanoma.explain.tables import (
    tabulate_agreement,
    tabulate_cost,
    tabulate_curves,
    tabulate_probability_changes,
)
from melanoma.photo import Photo, draw_example
from melanoma.serving import Classifier

SHARES = np.array([0.0, 0.5, 1.0])


@pytest.fixture
def comparison() -> MethodComparison:
    methods = (Method.LAYERCAM, Method.SCORECAM)
    maps = {method: Heatmap.of(np.eye(3), "MEL", method, "features") for method in methods}
    seconds = {Method.LAYERCAM: 0.126, Method.SCORECAM: 2.0}
    return MethodComparison("MEL", maps, seconds, np.array([[1.0, 0.25], [0.25, 1.0]]))


def test_curves_have_a_column_each():
    curves = Curves(Curve(SHARES, np.array([0.9, 0.5, 0.1])), (Curve(SHARES, np.array([0.9, 0.8, 0.1])),))
    table = tabulate_curves(curves)
    assert list(table.columns) == ["share", "this map", "random map 1"]
    assert table.iloc[1].tolist() == [0.5, 0.5, 0.8]


def test_agreement_names_its_rows_and_columns_alike(comparison):
    table = tabulate_agreement(comparison)
    assert list(table.columns) == ["method", *table["method"]] == ["method", "Layer-CAM", "Score-CAM"]
    assert table["Score-CAM"].tolist() == [0.25, 1.0]


def test_cost_is_that_of_each_method(comparison):
    table = tabulate_cost(comparison).set_index("method")
    assert table.loc["Layer-CAM"].tolist() == [Method.LAYERCAM.facts.passes, 0.13]
    assert table.loc["Score-CAM", "seconds, this time"] == 2.0


def test_probabilities_before_and_after_are_not_exchanged(run):
    before = Classifier.open(run).predict(Photo(draw_example(), "0" * 64, "PNG"))
    after = replace(before, probabilities=before.probabilities[::-1])
    table = tabulate_probability_changes(before, after)
    assert table["diagnosis"].tolist() == [NAMES[code] for code in before.ranked]
    np.testing.assert_allclose(table["before"], [before.probability(code) for code in before.ranked])
    np.testing.assert_allclose(table["after"], before.probabilities[::-1][[CODES.index(c) for c in before.ranked]])
