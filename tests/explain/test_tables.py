"""Experiments as tables: what stands in which column."""

from types import SimpleNamespace

import numpy as np

from melanoma.diagnoses import CODES
from melanoma.explain import (
    Curves,
    Method,
    MethodComparison,
    tabulate_agreement,
    tabulate_cost,
    tabulate_curves,
    tabulate_probability_changes,
)
from melanoma.explain.deletion_test import Curve

SHARES = np.array([0.0, 0.5, 1.0])


def test_each_map_has_its_own_column_beside_the_share():
    own, random = Curve(SHARES, np.array([0.9, 0.2, 0.1])), Curve(SHARES, np.array([0.9, 0.6, 0.1]))
    table = tabulate_curves(Curves(own, (random,)))
    assert list(table.columns) == ["share", "this map", "random map 1"]
    assert table["this map"].tolist() == [0.9, 0.2, 0.1]


def test_methods_stand_beside_what_they_cost_and_whom_they_agree_with():
    seconds = {Method.GRADCAM: 0.014, Method.SCORECAM: 2.5}
    comparison = MethodComparison("MEL", dict.fromkeys(seconds), seconds, np.array([[1, 0.3], [0.3, 1]]))
    assert tabulate_cost(comparison).values.tolist() == [["Grad-CAM", 3, 0.01], ["Score-CAM", 66, 2.5]]
    agreement = tabulate_agreement(comparison).set_index("method")
    assert agreement.loc["Grad-CAM", "Score-CAM"] == 0.3
    assert agreement.loc["Score-CAM", "Score-CAM"] == 1


def test_probabilities_before_and_after_keep_their_sides():
    before = SimpleNamespace(ranked=CODES, probability=lambda code: 0.2)
    after = SimpleNamespace(probability=lambda code: 0.4)
    table = tabulate_probability_changes(before, after)
    assert (table["before"] == 0.2).all()
    assert (table["after"] == 0.4).all()
    assert table["diagnosis"][0] == "actinic keratosis"
