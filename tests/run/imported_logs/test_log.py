"""Training logs of other programs become the table that a run's own history is, or one plain sentence."""

import json
import pickle

import numpy as np
import pandas as pd
import pytest
from event_files import events
from hypothesis import given
from hypothesis import strategies as st
from log_files import log_of

from melanoma.run.history import find_best_epoch, tabulate_gaps, tabulate_run
from melanoma.run.imported_logs import LogError, find_log_files, open_log, read_log

HISTORY = {"loss": [1.5, 1.2], "accuracy": [0.4, 0.5], "val_loss": [1.6, 1.4], "val_accuracy": [0.3, 0.45]}


@pytest.mark.slow
def test_keras_own_csv_logger(tmp_path):
    keras = pytest.importorskip("keras")
    network = keras.Sequential([keras.layers.Input((2,)), keras.layers.Dense(1)])
    network.compile("sgd", "mse", metrics=["mae"])
    x, y = np.zeros((4, 2)), np.zeros((4, 1))
    path = tmp_path / "training.csv"
    fitted = network.fit(
        x, y, epochs=3, validation_data=(x, y), verbose=0, callbacks=[keras.callbacks.CSVLogger(str(path))]
    )
    from_csv, from_json = log_of(path.read_bytes()).history, log_of(json.dumps(fitted.history), "history.json").history
    assert list(from_csv["epoch"]) == list(from_json["epoch"]) == [1, 2, 3]
    assert set(from_csv) == set(from_json) == {"epoch", "loss", "mae", "val_loss", "val_mae"}
    assert list(from_csv["loss"]) == pytest.approx(list(from_json["loss"]))


def test_semicolons_a_byte_order_mark_and_a_missing_value():
    log = log_of("\ufeffepoch;acc;val_acc\r\n0;0.4;NA\r\n1;0.5;0.45\r\n").history
    assert list(log["accuracy"]) == [0.4, 0.5]
    assert np.isnan(log["val_accuracy"][0])


def test_training_and_validation_in_rows_of_their_own_share_an_epoch():
    log = log_of("epoch,step,train_loss,val_loss\n0,9,1.5,\n0,9,,1.6\n1,19,1.2,\n1,19,,1.4\n").history
    assert log.to_dict("list") == {"epoch": [1, 2], "loss": [1.5, 1.2], "val_loss": [1.6, 1.4]}


def test_a_training_that_was_taken_up_again_is_numbered_through():
    log = log_of("epoch,loss\n0,3\n1,2\n0,1.5\n1,1\n")
    assert list(log.history["epoch"]) == [1, 2, 3, 4]
    assert "start over" in log.notes[0]


def test_json_as_pandas_writes_it():
    log = log_of(pd.DataFrame(HISTORY).to_json(), "history.json").history
    assert log.drop(columns="epoch").to_dict("list") == HISTORY


def test_json_of_lists_that_do_not_fit_says_what_is_left_out():
    log = log_of(json.dumps({"loss": [3, 2, 1], "val_loss": [2.5]}), "history.json")
    assert list(log.history) == ["epoch", "loss"]
    assert "val_loss" in log.notes[0]


def test_tensorboard_training_and_validation_below_their_folders():
    contents = {
        "train/events.out.tfevents.1": events((0, "epoch_loss", 1.5), (1, "epoch_loss", 1.25), (7, "batch_loss", 9)),
        "validation/events.out.tfevents.2": events((0, "epoch_loss", 1.75), (1, "epoch_loss", 1.5)),
    }
    log = read_log("board", contents)
    assert log.history.to_dict("list") == {"epoch": [1, 2], "loss": [1.5, 1.25], "val_loss": [1.75, 1.5]}
    assert "by batch" in log.notes[0]


def test_tensorboard_file_that_is_still_written_opens_without_its_last_record():
    first, both = events((0, "epoch_loss", 1.5)), events((0, "epoch_loss", 1.5), (1, "epoch_loss", 1.25))
    for length in range(len(first) + 1, len(both)):
        log = log_of(both[:length], "events.out.tfevents.1")
        assert list(log.history["loss"]) == [1.5]
        assert "until it is complete" in log.notes[0]
    assert log_of(both, "events.out.tfevents.1").notes == ()
    with pytest.raises(LogError, match="open it again after the first epoch"):
        log_of(first[:-1], "events.out.tfevents.1")


def test_tensorboard_file_without_a_scalar_yet_is_left_out_beside_one_with_some():
    contents = {
        "train/events.out.tfevents.1": events((0, "epoch_loss", 1.5)),
        "validation/events.out.tfevents.2": events(),
    }
    log = read_log("board", contents)
    assert log.history.to_dict("list") == {"epoch": [1], "loss": [1.5]}
    assert "validation/events.out.tfevents.2" in log.notes[0]


@pytest.mark.slow
def test_tensorflow_writes_what_is_read(tmp_path):
    tensorflow = pytest.importorskip("tensorflow")
    with tensorflow.summary.create_file_writer(str(tmp_path / "board")).as_default():
        for step in range(3):
            tensorflow.summary.scalar("epoch_accuracy", 0.25 * step, step)
    assert list(open_log(tmp_path / "board").history["accuracy"]) == [0, 0.25, 0.5]


@pytest.mark.parametrize(
    ("path", "content", "said"),
    [
        ("training.csv", b"", "is empty"),
        ("patients.csv", b"name,age\nA,3\n", "no column of a metric"),
        ("patients.csv", b"epoch,learning_rate\n0,0.1\n", "no column of a metric"),
        ("patients.csv", b"epoch,name\n0,A\n", "no column of a metric"),
        ("photo.csv", b"\xff\xd8\xff\xe0", "is no text"),
        ("history.json", b'{"loss": [1, 2', "is not valid JSON"),
        ("history.json", b"[" * 100_000, "is not valid JSON"),
        ("history.json", b'{"loss": 3}', "should map each metric"),
        ("history.json", pickle.dumps(HISTORY), "pickle"),
        ("events.out.tfevents.1", b"\x00" * 40, "TensorBoard"),
        ("events.out.tfevents.1", b"\xff" * 40, "TensorBoard"),
    ],
)
def test_what_is_no_log_gets_one_sentence(path, content, said):
    with pytest.raises(LogError) as caught:
        log_of(content, path)
    message = str(caught.value)
    assert said in message
    assert message.startswith(path)
    assert message.endswith(".")
    assert "\n" not in message


@given(
    st.one_of(st.binary(max_size=200), st.text(max_size=200).map(str.encode)),
    st.sampled_from(["a.csv", "a.json", "a.tfevents"]),
)
def test_any_bytes_are_a_log_or_refused(content, path):
    try:
        log = log_of(content, path)
    except LogError:
        return
    assert log.history["epoch"].min() >= 1 or len(log.history)


numbers = st.one_of(st.floats(), st.integers(), st.none(), st.text(max_size=5), st.booleans())


@given(st.dictionaries(st.text(max_size=12), st.one_of(numbers, st.lists(numbers, max_size=6)), max_size=5))
def test_any_json_is_a_log_or_refused(value):
    try:
        log = log_of(json.dumps(value), "history.json")
    except LogError:
        return
    assert len(log.history) == max(len(v) for v in value.values() if isinstance(v, list))


def test_only_a_folder_without_parts_of_a_run_is_imported(tmp_path):
    for name in ("colleague", "lost"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "history.csv").write_text("epoch,loss\n0,1\n")
    (tmp_path / "lost" / "split.csv").write_text("image_id\n")
    assert [path.name for path in find_log_files(tmp_path / "colleague")] == ["history.csv"]
    assert find_log_files(tmp_path / "lost") == []


def test_an_imported_log_has_curves_and_says_that_it_is_no_run():
    log = log_of(json.dumps(HISTORY), "history.json")
    best = find_best_epoch(log.history, log.monitor)
    assert (best.metric, best.value, best.epoch) == ("val_accuracy", 0.45, 2)
    assert list(tabulate_gaps([log], "loss")["gap"]) == pytest.approx([0.1, 0.2])
    row = tabulate_run(log)
    assert (row["state"], row["architecture"], row["epochs"]) == ("imported log", "not known", 2)


def test_the_likeliest_log_of_a_folder_is_read_and_the_others_are_named(tmp_path):
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "._trainer_state.json").write_bytes(b"\0")
    (tmp_path / "trainer_state.json").write_text('{"log_history": [{"epoch": 1, "loss": 2}]}')
    log = open_log(tmp_path)
    assert list(log.history["loss"]) == [2]
    assert log.notes == ("not read: config.json",)


def test_exported_curves_of_one_folder_are_one_log(tmp_path):
    (tmp_path / "run-train-tag-epoch_loss.csv").write_text("Wall time,Step,Value\n1,0,1.5\n2,1,1.2\n")
    (tmp_path / "run-validation-tag-epoch_loss.csv").write_text("Wall time,Step,Value\n2,1,1.4\n")
    history = open_log(tmp_path).history
    assert list(history["loss"]) == [1.5, 1.2]
    assert list(history["val_loss"].fillna(0)) == [0, 1.4]


def test_a_tag_called_epoch_numbers_tensorboard_steps():
    content = events((9, "epoch", 0), (9, "eval/loss", 1.5), (19, "epoch", 1), (19, "eval/loss", 1.25))
    log = log_of(content, "events.out.tfevents.1")
    assert log.history.to_dict("list") == {"epoch": [1, 2], "val_loss": [1.5, 1.25]}


def test_a_computer_called_dev_is_no_validation():
    log = log_of(events((0, "loss", 1.5)), "events.out.tfevents.1.dev-box")
    assert list(log.history) == ["epoch", "loss"]
