"""Rows become epochs, and times their seconds."""

import numpy as np
import pytest
from log_files import columns_of, log_of


def seconds_of(times: list[object], column: str = "time", first: int = 1) -> list[float]:
    rows = "".join(f"{first + place},1.5,{time}\n" for place, time in enumerate(times))
    return log_of(f"epoch,loss,{column}\n{rows}").history.get("seconds", default=np.array([])).tolist()


def test_a_time_since_the_start_becomes_differences_and_is_said():
    log = log_of("epoch,loss,time\n1,1.5,12\n2,1.2,24\n3,1.1,35\n")
    assert list(log.history["seconds"]) == [12, 12, 11]
    assert "differences" in log.notes[0]


@pytest.mark.parametrize(
    ("column", "times"),
    [("time", [50, 51, 52]), ("time", [50, 90, 40]), ("seconds", [10, 20, 30]), ("epoch_time", [1, 5])],
)
def test_a_time_of_each_epoch_stays(column, times):
    assert seconds_of(times, column) == times


def test_a_name_that_says_since_the_start_is_believed():
    assert seconds_of([50, 52, 54], "elapsed") == [50, 2, 2]


def test_a_training_that_was_taken_up_again_counts_from_its_own_start():
    assert seconds_of([50, 100, 150, 200, 51, 100, 150, 200]) == [50, 50, 50, 50, 51, 49, 50, 50]


def test_the_first_epoch_of_a_log_that_begins_later_took_nobody_knows_how_long():
    assert seconds_of([500, 1000, 1500], first=11)[1:] == [500, 500]
    assert np.isnan(seconds_of([500, 1000, 1500], first=11)[0])


def test_times_of_day_are_left_out():
    assert seconds_of([1700000000, 1700000050]) == []


def test_minutes_become_seconds():
    assert seconds_of([2, 2.5, 2], "epoch time (min)") == [120, 150, 120]


def test_learning_rates_in_rows_without_an_epoch_belong_to_the_next():
    content = "epoch,step,lr-Adam,loss\n,9,0.1,\n0,9,,1.5\n,19,0.01,\n1,19,,1.2\n"
    assert columns_of(content) == {"epoch": [1, 2], "learning_rate": [0.1, 0.01], "loss": [1.5, 1.2]}


def test_several_rows_of_an_epoch_give_the_mean_of_training_and_the_last_of_validation():
    log = log_of("epoch,loss,val_loss\n1,2.0,1.9\n1,1.0,1.6\n2,0.5,1.5\n")
    assert log.history.to_dict("list") == {"epoch": [1, 2], "loss": [1.5, 0.5], "val_loss": [1.6, 1.5]}
    assert "mean" in log.notes[0]


@pytest.mark.parametrize("epochs", [(0, 1, 2), (1, 2, 3), (-1, 0, 1)])
def test_epochs_are_counted_from_one(epochs):
    rows = "".join(f"{epoch},1.5\n" for epoch in epochs)
    assert columns_of("epoch,loss\n" + rows)["epoch"] == [1, 2, 3]


def test_steps_instead_of_epochs_are_said():
    log = log_of("step,loss\n1000,2\n2000,1\n")
    assert list(log.history["epoch"]) == [1000, 2000]
    assert "may count steps" in log.notes[0]


def test_times_in_rows_without_an_epoch_are_no_seconds():
    assert columns_of("epoch,loss,time\n1,1.5,\nmean,1.2,9\n") == {"epoch": [1], "loss": [1.5]}
