"""The experiments of this room as tables, for reading and for taking away."""

from __future__ import annotations

import pandas as pd

from melanoma.diagnoses import NAMES
from melanoma.explain.deletion_test import Curves
from melanoma.explain.method_comparison import MethodComparison
from melanoma.serving import Prediction


def tabulate_curves(curves: Curves) -> pd.DataFrame:
    """A row a share of the crop: it, and the probability by the heatmap and by each random map, 0 to 1."""
    columns = {"share": curves.heatmap.shares, "this map": curves.heatmap.probabilities}
    columns |= {f"random map {number}": curve.probabilities for number, curve in enumerate(curves.random, 1)}
    return pd.DataFrame(columns)


def tabulate_agreement(comparison: MethodComparison) -> pd.DataFrame:
    """A row a method: it, and the rank correlation of its map with each method's, -1 to 1."""
    labels = [method.facts.label for method in comparison.methods]
    table = pd.DataFrame(comparison.agreement, columns=labels)
    table.insert(0, "method", labels)
    return table


def tabulate_cost(comparison: MethodComparison) -> pd.DataFrame:
    """A row a method: it, how often it runs the network, and the seconds that it took."""
    rows = [
        (method.facts.label, method.facts.passes, round(comparison.seconds[method], 2)) for method in comparison.methods
    ]
    return pd.DataFrame(rows, columns=["method", "runs of the network", "seconds, this time"])


def tabulate_probability_changes(before: Prediction, after: Prediction) -> pd.DataFrame:
    """A row a diagnosis, the likeliest before first: its name and both probabilities, 0 to 1."""
    rows = [(NAMES[code], before.probability(code), after.probability(code)) for code in before.ranked]
    return pd.DataFrame(rows, columns=["diagnosis", "before", "after"])
