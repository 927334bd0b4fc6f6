"""JSON of several programs becomes a table."""

import json

import pytest
from log_files import columns_of, log_of

from melanoma.run.imported_logs import LogError

RIGHT = {"epoch": [1, 2], "loss": [1.5, 1.2], "val_loss": [1.6, 1.4]}
STEPS = [
    {"epoch": 0.5, "loss": 2.0, "learning_rate": 5e-5, "step": 50},
    {"epoch": 1.0, "loss": 1.0, "step": 100},
    {"epoch": 1.0, "eval_loss": 1.6, "eval_runtime": 9.0, "eval_samples_per_second": 22.0, "step": 100},
    {"epoch": 2.0, "loss": 1.2, "step": 200},
    {"epoch": 2.0, "eval_loss": 1.4, "eval_runtime": 9.0, "eval_samples_per_second": 22.0, "step": 200},
    {"epoch": 2.0, "step": 200, "train_loss": 1.8, "train_runtime": 90.0, "total_flos": 1e15},
]


@pytest.mark.parametrize(
    "value",
    [
        {"loss": [1.5, 1.2], "val_loss": [1.6, 1.4]},
        {"loss": ["1,5", "1,2"], "val_loss": ["1,6", "1,4"]},
        {"history": {"loss": [1.5, 1.2], "val_loss": [1.6, 1.4]}, "epoch": [0, 1], "params": {"epochs": 2}},
        {"train": {"loss": [1.5, 1.2]}, "val": {"loss": [1.6, 1.4]}, "best": 2},
        [{"epoch": 1, "loss": 1.5, "val_loss": 1.6}, {"epoch": 2, "loss": 1.2, "val_loss": 1.4}],
        [{"epoch": 1, "train": {"loss": 1.5}, "val": {"loss": 1.6}}, {"epoch": 2, "loss": 1.2, "eval_loss": 1.4}],
        {"0": {"loss": 1.5, "val_loss": 1.6}, "1": {"loss": 1.2, "val_loss": 1.4}},
        {"columns": ["epoch", "loss", "val_loss"], "index": [0, 1], "data": [[0, 1.5, 1.6], [1, 1.2, 1.4]]},
        {
            "schema": {},
            "data": [{"epoch": 0, "loss": 1.5, "val_loss": 1.6}, {"epoch": 1, "loss": 1.2, "val_loss": 1.4}],
        },
    ],
)
def test_the_same_history_however_it_is_set(value):
    assert columns_of(json.dumps(value), "history.json") == RIGHT


@pytest.mark.parametrize("value", [{"log_history": STEPS}, STEPS])
def test_hugging_face_logs_within_epochs_and_evaluates_after_them(value):
    log = log_of(json.dumps(value), "trainer_state.json")
    assert log.history.drop(columns="learning_rate").to_dict("list") == RIGHT
    assert "mean of an epoch's rows" in log.notes[0]


def test_hugging_face_may_evaluate_before_it_trains():
    rows = [{"epoch": 0, "eval_loss": 2, "step": 0}, {"epoch": 1.0, "eval_loss": 1, "step": 9}]
    assert columns_of(json.dumps({"log_history": rows}), "trainer_state.json") == {"epoch": [0, 1], "val_loss": [2, 1]}


def test_less_than_an_epoch_is_drawn_by_step_and_said():
    rows = [{"epoch": 0.1, "loss": 2.0, "step": 10}, {"epoch": 0.2, "loss": 1.0, "step": 20}]
    log = log_of(json.dumps({"log_history": rows}), "trainer_state.json")
    assert list(log.history["epoch"]) == [10, 20]
    assert "counts steps" in log.notes[0]


def test_one_object_a_line_is_read_without_a_half_written_last_one():
    log = log_of('{"epoch": 0, "loss": 1.5}\n{"epoch": 1, "loss": 1.2}\n{"epoch": 2, "lo', "log.json")
    assert list(log.history["loss"]) == [1.5, 1.2]
    assert "until it is complete" in log.notes[0]


def test_a_last_object_is_whole_where_its_bracket_is_closed():
    log = log_of('{"epoch": 0, "loss": 1.5}\n{"epoch": 1, "loss": 1.2}', "log.json")
    assert (list(log.history["loss"]), log.notes) == ([1.5, 1.2], ())


WHOLE = (json.dumps({"log_history": STEPS}), json.dumps({"log_history": STEPS}, indent=2), json.dumps(STEPS))


@pytest.mark.parametrize("text", [*WHOLE, json.dumps({"loss": [1.5, 1.2]}), '{"epoch": 0, "loss": 1.5}'])
def test_what_is_in_brackets_is_read_whole_or_not_at_all(text):
    assert len(log_of(text, "trainer_state.json").history)
    for length in range(1, len(text)):
        with pytest.raises(LogError, match="if it is still being written, open it again later") as caught:
            log_of(text[:length], "trainer_state.json")
        assert str(caught.value).count(". ") == 0


@pytest.mark.parametrize(
    ("content", "advice"),
    [
        ('{"loss": 1}\n{"loss\n{"loss": 2}\n', "row 2"),
        ('{"log_history": []}', "after the first epoch"),
        ("[" + "{}," * 400_001 + "{}]", "200,000 rows"),
    ],
)
def test_what_cannot_be_read_is_refused_with_what_to_do(content, advice):
    with pytest.raises(LogError, match=advice):
        log_of(content, "log.json")
