"""One training by several processes, on one machine or many: all take the mean of their gradients at each step.

Each takes its share of an epoch's batches, so that the photos drawn are those of one process. Each has the data, and
makes the run in its own folder: the networks are the same. TensorFlow's MultiWorkerMirroredStrategy connects them, as
the variable TF_CONFIG says. `Model.fit` of Keras 3 ends under it (keras-team/keras#20585), so the epochs are gone
through here, by Keras's own training step.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import keras
import tensorflow as tf

from melanoma.dataset.batches import TrainingBatches
from melanoma.run import RunError, TrainingSettings

# What TensorFlow raises where another process is gone
ENDED = (tf.errors.UnavailableError, tf.errors.AbortedError, tf.errors.CancelledError, tf.errors.InternalError)


@dataclass(frozen=True)
class Processes:
    """Those that train together. number: of this one, from 0."""

    strategy: tf.distribute.Strategy
    count: int
    number: int


def count_processes() -> int:
    """How many TF_CONFIG names; 1 without it. Raises RunError where it names something else than workers."""
    cluster = _read_config().get("cluster", {})
    if set(cluster) - {"worker"}:
        raise RunError("TF_CONFIG names more than workers. Name under `cluster` a list `worker`, and nothing else.")
    return max(len(cluster.get("worker", ())), 1)


def connect_processes(settings: TrainingSettings, done: int = 0) -> Processes | None:
    """Wait until all have come; None where there is one alone. done: epochs that this one has.

    Raises RunError for what several cannot train, and where another one has done more epochs, or fewer.
    """
    count = count_processes()
    if count == 1:
        return None
    if not settings.freeze_batch_norm and settings.architecture != "baseline-cnn":
        raise RunError("Several processes share no statistics of batch normalisation. Give --freeze-batch-norm.")
    processes = Processes(tf.distribute.MultiWorkerMirroredStrategy(), count, int(_read_config()["task"]["index"]))
    add = tf.function(lambda one: processes.strategy.run(_sum, args=(one,)))
    if int(add(tf.constant(done))) != count * done:
        raise RunError("The processes stand at different epochs. Copy the run's folder of one of them to the others.")
    return processes


def _read_config() -> dict:
    try:
        return json.loads(os.environ.get("TF_CONFIG") or "{}")
    except json.JSONDecodeError as error:
        raise RunError("TF_CONFIG is no JSON. See models/README.md for an example.") from error


def fit_together(
    network: keras.Model,
    batches: TrainingBatches,
    processes: Processes,
    epochs: int,
    initial_epoch: int,
    callback: keras.callbacks.Callback,
) -> None:
    """As `Model.fit`. The metrics of an epoch that are logged of the training photos are those of this process.

    Raises RunError where another process has ended.
    """
    with _refuse_lost_processes():
        _go_through_epochs(network, batches, processes, range(initial_epoch, epochs), callback)


@contextmanager
def _refuse_lost_processes() -> Iterator[None]:
    try:
        yield
    except ENDED as error:
        raise RunError("Another process has ended. Start all of them again, with --resume.") from error


def _sum(value: tf.Tensor) -> tf.Tensor:
    """Over all processes."""
    here = tf.identity(value)  # on this process's device
    return tf.distribute.get_replica_context().all_reduce(tf.distribute.ReduceOp.SUM, here)


def _go_through_epochs(
    network: keras.Model,
    batches: TrainingBatches,
    processes: Processes,
    epochs: range,
    callback: keras.callbacks.Callback,
) -> None:
    strategy, steps = processes.strategy, len(batches) // processes.count

    @tf.function
    def take_step(batch: tuple) -> dict[str, tf.Tensor]:
        logs = strategy.run(network.train_step, args=(batch,))
        return {name: strategy.experimental_local_results(value)[0] for name, value in logs.items()}

    callbacks = keras.callbacks.CallbackList([callback], model=network, epochs=epochs.stop, steps=steps, verbose=0)
    callbacks.on_train_begin()
    for epoch in epochs:
        network.reset_metrics()
        callbacks.on_epoch_begin(epoch)
        logs: dict[str, tf.Tensor] = {}
        for number, batch in enumerate(_take_share(batches, processes, steps)):
            logs = take_step(batch)
            callbacks.on_train_batch_end(number)
        callbacks.on_epoch_end(epoch, {name: float(value) for name, value in logs.items()})
        batches.start_next_epoch()
    callbacks.on_train_end()


def _take_share(batches: TrainingBatches, processes: Processes, steps: int) -> Iterator[tuple]:
    """This process's batches: every so many-th, as many as the others have."""
    for step in range(steps):
        yield tf.nest.map_structure(tf.constant, batches[step * processes.count + processes.number])
