"""Curves of training logs."""

import numpy as np
import pandas as pd

from melanoma.charts.frame import QUALITATIVE
from melanoma.charts.training import POINTS, assign_colours, describe_curves, epoch_lines, thin_out, training_curves
from melanoma.run.history import smooth

VALUES = [1.0, 0.2, 0.9, 0.1, 0.8]


def make_log(run: str = "a", smoothing: float = 0.7) -> pd.DataFrame:
    log = pd.DataFrame({"run": run, "part": "validation", "epoch": range(1, 6), "value": VALUES})
    return log.assign(smoothed=smooth(np.array(VALUES), smoothing))


def test_the_raw_curve_stays_behind_the_smoothed_one():
    figure = training_curves(make_log(), "loss", {"a": 4})
    curves = {trace.name: list(trace.y) for trace in figure.data}
    assert curves["a, validation, raw"] == VALUES
    assert np.ptp(curves["a, validation"]) < np.ptp(VALUES)
    assert curves["a, best epoch"] == [0.1]


def test_a_crowd_is_drawn_in_one_trace_a_colour_with_breaks_between_runs():
    runs = [f"run {i}" for i in range(len(QUALITATIVE) + 1)]
    log = pd.concat([make_log(run, 0) for run in runs], ignore_index=True)
    figure = training_curves(log, "loss", dict.fromkeys(runs, 4))
    assert not figure.layout.showlegend
    assert len(figure.data) == len(QUALITATIVE) + 1  # and one of stars
    assert sum(np.isnan(trace.y).sum() for trace in figure.data[:-1]) == len(runs)
    assert list(figure.data[-1].y) == [0.1] * len(runs)


def test_colours_repeat_after_the_last():
    colours = assign_colours(map(str, range(10)))
    assert colours["9"] == colours["0"] == QUALITATIVE[0]


def test_a_long_curve_keeps_its_ends_and_extremes():
    values = np.sin(np.arange(5000) / 50)
    values[1234], values[4321] = 9, -9
    rows = thin_out(pd.DataFrame({"value": values, "epoch": np.arange(5000)}))
    assert len(rows) <= POINTS + 2
    assert {0, 1234, 4321, 4999} <= set(rows["epoch"])


def test_lines_keep_the_colours_of_the_runs_above():
    log = make_log("b")[["run", "epoch", "value"]]
    figure = epoch_lines(log, "value", "gap", zero=True, runs=["a", "b"])
    assert figure.data[0].line.color == QUALITATIVE[1]
    assert figure.layout.shapes[0].y0 == 0


def test_curves_in_words_end_where_they_end():
    text = describe_curves(make_log(), "loss")
    assert text == "loss: a, validation: 0.8 at epoch 5 (range 0.1 to 1)."
    assert describe_curves(make_log().head(0), "loss") == "No values of loss have been logged."


def test_a_run_made_of_others_is_a_level_line_and_no_epoch_0():
    table = pd.DataFrame(
        {
            "run": ["trained"] * 3 + ["made"],
            "part": "validation",
            "epoch": [1, 2, 3, 0],
            "value": [0.5, 0.6, 0.7, 0.65],
            "smoothed": [0.5, 0.6, 0.7, 0.65],
        }
    )
    figure = training_curves(table, "accuracy", {"trained": 3})
    (level,) = (trace for trace in figure.data if trace.name.startswith("made"))
    assert (tuple(level.x), tuple(level.y)) == ((1, 3), (0.65, 0.65))
    assert min(min(trace.x) for trace in figure.data) == 1
