"""A training may stop between any two writes: what then counts is what history.csv says."""

import keras
import numpy as np
import pandas as pd
import pytest

from melanoma.training.architectures import build_network
from melanoma.training.checkpoint import (
    BEST,
    append_history,
    can_resume,
    clear_checkpoint,
    count_epochs,
    is_better,
    read_checkpoint,
    save_deflated,
    settle_checkpoints,
    write_checkpoint,
)
from melanoma.training.trainable_network import compile_network, keep_heads

pytestmark = pytest.mark.slow


@pytest.fixture
def network(settings):
    return compile_network(settings, steps=2)


def first_weight(network: keras.Model) -> float:
    return float(network.get_weights()[0].flat[0])


def set_first_weight(network: keras.Model, value: float) -> None:
    weights = network.get_weights()
    weights[0].flat[0] = value
    network.set_weights(weights)


def write_epoch(folder, epoch: int, network: keras.Model, *, is_best: bool, has_row: bool) -> None:
    """What an epoch leaves before it is settled; a mark in the first weight tells which one it was."""
    set_first_weight(network, float(epoch))
    path = clear_checkpoint(folder, epoch)
    if is_best:
        save_deflated(keep_heads(network), path / BEST)
    write_checkpoint(path, network, [np.full(3, float(epoch))])
    if has_row:
        append_history(folder, {"epoch": epoch, "val_accuracy": 0.5})


def test_an_epoch_without_its_row_does_not_count(tmp_path, network):
    write_epoch(tmp_path, 1, network, is_best=True, has_row=True)
    settle_checkpoints(tmp_path)
    write_epoch(tmp_path, 2, network, is_best=True, has_row=False)  # stopped before the row
    settle_checkpoints(tmp_path)
    last, average = read_checkpoint(tmp_path)
    assert (first_weight(last), average[0][0]) == (1, 1)
    assert first_weight(keras.saving.load_model(tmp_path / "model.keras")) == 1
    assert [path.name for path in (tmp_path / "checkpoints").iterdir()] == ["0001"]


def test_an_epoch_with_its_row_counts_though_nothing_was_settled(tmp_path, network):
    write_epoch(tmp_path, 1, network, is_best=True, has_row=True)
    settle_checkpoints(tmp_path)
    write_epoch(tmp_path, 2, network, is_best=True, has_row=True)  # stopped before its network was put in place
    assert first_weight(keras.saving.load_model(tmp_path / "model.keras")) == 1
    last, average = read_checkpoint(tmp_path)
    assert (first_weight(last), average[0][0]) == (2, 2)
    settle_checkpoints(tmp_path)
    assert first_weight(keras.saving.load_model(tmp_path / "model.keras")) == 2
    write_epoch(tmp_path, 3, network, is_best=False, has_row=True)
    settle_checkpoints(tmp_path)
    assert first_weight(keras.saving.load_model(tmp_path / "model.keras")) == 2
    assert first_weight(read_checkpoint(tmp_path)[0]) == 3


def test_what_cannot_be_resumed_is_known_before_training(tmp_path):
    assert can_resume(tmp_path)  # from the beginning
    append_history(tmp_path, {"epoch": 1})
    assert not can_resume(tmp_path)


def test_history_is_appended_as_it_was_written(tmp_path):
    for row in ({"epoch": 1, "loss": 0.123456}, {"epoch": 2, "loss": 1e-7}):
        append_history(tmp_path, row)
    assert (tmp_path / "history.csv").read_text() == "epoch,loss\n1,0.123456\n2,1e-07\n"
    assert count_epochs(tmp_path) == 2
    assert not list(tmp_path.glob("*.partial"))


def test_a_row_that_was_half_written_does_not_count_and_is_written_anew(tmp_path):
    for cut in ("2,0.12", "2,", "2,0.123456", ""):
        (tmp_path / "history.csv").write_text(f"epoch,loss\n1,0.5\n{cut}")
        assert count_epochs(tmp_path) == 1
        append_history(tmp_path, {"epoch": 2, "loss": 0.123456})
        assert (tmp_path / "history.csv").read_text() == "epoch,loss\n1,0.5\n2,0.123456\n"
    (tmp_path / "history.csv").write_text("epoch,lo")
    assert count_epochs(tmp_path) == 0
    append_history(tmp_path, {"epoch": 1, "loss": 0.5})
    assert (tmp_path / "history.csv").read_text() == "epoch,loss\n1,0.5\n"


def test_an_epoch_is_better_above_the_highest_metric_or_below_the_lowest_loss():
    history = pd.DataFrame({"epoch": [1, 2, 3], "val_accuracy": [0.2, 0.6, 0.4], "val_loss": [0.9, 0.7, 0.8]})
    for monitor, better in {"val_accuracy": 0.7, "val_loss": 0.6}.items():
        assert is_better(better, history, monitor)
        assert not is_better(history[monitor][1], history, monitor)
    assert is_better(9.0, pd.DataFrame({"epoch": []}), "val_loss")


def test_a_deflated_network_is_smaller_and_answers_as_before(tmp_path):
    network = build_network("efficientnet-lite0", input_size=32, classes=9)
    network.save(tmp_path / "plain.keras")
    save_deflated(network, tmp_path / "deflated.keras")
    assert (tmp_path / "deflated.keras").stat().st_size < 0.95 * (tmp_path / "plain.keras").stat().st_size
    again = keras.saving.load_model(tmp_path / "deflated.keras", compile=False, safe_mode=True)
    pixels = np.random.default_rng(0).uniform(0, 255, (2, 32, 32, 3)).astype(np.float32)
    np.testing.assert_array_equal(again.predict_on_batch(pixels), network.predict_on_batch(pixels))
