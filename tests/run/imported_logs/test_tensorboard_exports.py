"""Curves that TensorBoard's page saved."""

import json

import pytest
from log_files import columns_of, log_of

CURVE = "Wall time,Step,Value\n1700000000.1,0,1.5\n1700000010.1,1,1.25\n"


@pytest.mark.parametrize(
    ("path", "metric"),
    [
        ("run-train-tag-epoch_loss.csv", "loss"),
        ("run-validation-tag-epoch_loss.csv", "val_loss"),
        ("run_2024-validation-tag-epoch_accuracy (1).csv", "val_accuracy"),
        ("run-.-tag-Loss_val.csv", "val_loss"),
        ("val_loss.csv", "val_loss"),
    ],
)
def test_the_files_name_tells_the_metric(path, metric):
    assert columns_of(CURVE, path) == {"epoch": [1, 2], metric: [1.5, 1.25]}


def test_a_name_that_tells_nothing_is_said():
    log = log_of(CURVE, "export.csv")
    assert list(log.history["value"]) == [1.5, 1.25]
    assert "name the file" in log.notes[0]


def test_the_same_curve_as_json():
    points = json.dumps([[1700000000.1, 0, 1.5], [1700000010.1, 1, 1.25]])
    assert columns_of(points, "run-train-tag-epoch_loss.json") == {"epoch": [1, 2], "loss": [1.5, 1.25]}
