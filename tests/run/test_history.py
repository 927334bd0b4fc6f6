"""Logs as tables: the best epoch, curves, gaps."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from melanoma.run import DEFAULT_RUN, MODELS, find_run, open_run
from melanoma.run.facts import BestEpoch
from melanoma.run.history import (
    find_best_epoch,
    first_choice,
    ingredients,
    list_metrics,
    smooth,
    tabulate_curves,
    tabulate_gaps,
    tabulate_run,
    trace_lineage,
)
from melanoma.run.imported_logs import ImportedLog

HISTORY = pd.DataFrame(
    {
        "epoch": [1, 2, 3],
        "loss": [1.5, 1.2, 1.0],
        "val_loss": [1.6, 1.3, 1.4],
        "accuracy": [0.4, 0.5, 0.6],
        "val_accuracy": [0.3, 0.5, 0.45],
    }
)


def log_of(history: pd.DataFrame) -> ImportedLog:
    return ImportedLog("log", "a test", history, 100)


def test_the_best_epoch_is_the_one_with_the_highest_metric():
    assert find_best_epoch(HISTORY, "val_accuracy") == BestEpoch(2, "val_accuracy", 0.5)


def test_of_a_loss_the_best_epoch_has_the_lowest():
    assert find_best_epoch(HISTORY, "val_loss") == BestEpoch(2, "val_loss", 1.3)


def test_without_an_epoch_or_its_metric_none_is_the_best():
    assert find_best_epoch(HISTORY[:0], "val_loss") is None
    assert find_best_epoch(HISTORY, "val_balanced_accuracy") is None
    assert find_best_epoch(HISTORY.assign(val_loss=np.nan), "val_loss") is None


def test_smoothing_follows_the_curve_more_the_lower_its_weight():
    values = np.array([0.0, 1.0, 0.0, 1.0, 0.0, 1.0])
    assert smooth(values, 0).tolist() == values.tolist()
    little, much = smooth(values, 0.2), smooth(values, 0.9)
    assert np.abs(little - values).mean() < np.abs(much - values).mean()
    # Bias-corrected exponential average of the second value at weight w: (w * x0 + x1) / (1 + w)
    assert smooth(values, 0.5)[1] == pytest.approx(1 / 1.5)


def test_curves_gaps_and_metrics():
    curves = tabulate_curves([log_of(HISTORY)], "loss")
    assert curves.groupby("part")["value"].apply(list).to_dict() == {
        "training": [1.5, 1.2, 1.0],
        "validation": [1.6, 1.3, 1.4],
    }
    assert tabulate_gaps([log_of(HISTORY)], "loss")["gap"].tolist() == pytest.approx([0.1, 0.1, 0.4])
    assert tabulate_gaps([log_of(HISTORY)], "accuracy")["gap"].tolist() == pytest.approx([0.1, 0.0, 0.15])
    assert list_metrics([log_of(HISTORY)]) == ["accuracy", "loss"]


def test_the_default_run_is_drawn_first_beside_what_it_is_made_of():
    runs = [open_run(path.parent) for path in sorted(MODELS.glob("*/run.json"))]
    default = find_run(DEFAULT_RUN)
    assert first_choice(runs) == [default.name, *ingredients(default.facts)]
    row = tabulate_run(default)
    assert (row["run"], row["epochs"]) == (DEFAULT_RUN, int(default.history["epoch"].max()))
    ensemble = find_run("efficientnet-lite0-lite2-erased")
    assert ingredients(ensemble.facts)[0] == "efficientnet-lite0-lite2-both-taught"
    assert (tabulate_run(ensemble)["epochs"], tabulate_run(ensemble)["best epoch"]) == (None, None)


def test_the_lineage_of_a_run_names_each_ancestor_once_with_what_it_gave():
    facts = find_run(DEFAULT_RUN).facts
    runs = {
        "last": replace(facts, name="last", started_from=("middle",), teachers=("wise",)),
        "middle": replace(facts, name="middle", started_from=("first",), teachers=()),
        "wise": replace(facts, name="wise", started_from=("first",), teachers=()),
    }
    assert [(one.name, one.generation, one.role) for one in trace_lineage(runs, "last")] == [
        ("last", 0, ""),
        ("middle", 1, "weights"),
        ("first", 2, "weights"),
        ("wise", 1, "answers"),
    ]
