"""One training by several processes, on one machine or many: all take the mean of their gradients at each step.

Each takes its share of an epoch's batches, so that the photos drawn are those of one process. Each has the data, and
makes the run in its own folder: the networks are the same. TensorFlow's MultiWorkerMirroredStrategy connects them, as
the variable TF_CONFIG says. `Model.fit` of Keras 3 ends under it (keras-team/keras#20585), so the epochs are gone
through here, by Keras's own training step.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import keras
import tensorflow as tf

from melanoma.dataset.batches import TrainingBatches
from melanoma.run import RunError, TrainingSettings
from melanoma.run.cluster import read_cluster

# What TensorFlow raises where another process is gone
ENDED = (tf.errors.UnavailableError, tf.errors.AbortedError, tf.errors.CancelledError, tf.errors.InternalError)


@dataclass(frozen=True)
class Processes:
    """Those that train together. number: of this one, from 0."""

    strategy: tf.distribute.Strategy
    count: int
    number: int


def check_shared(settings: TrainingSettings) -> None:
    """Raises RunError for settings that several processes, where TF_CONFIG names them, cannot train by."""
    several = read_cluster().count > 1
    if several and not settings.freeze_batch_norm and settings.architecture != "baseline-cnn":
        raise RunError("Several processes share no statistics of batch normalisation. Give --freeze-batch-norm.")


def connect_processes(settings: TrainingSettings, done: int = 0) -> Processes | None:
    """Wait until all have come; None where there is one alone. done: epochs that this one has.

    Raises RunError for what several cannot train, and where another one has done more epochs, or fewer.
    """
    cluster = read_cluster()
    if cluster.count == 1:
        return None
    check_shared(settings)
    processes = Processes(tf.distribute.MultiWorkerMirroredStrategy(), cluster.count, cluster.number)
    add = tf.function(lambda one: processes.strategy.run(_sum, args=(one,)))
    if int(add(tf.constant(done))) != processes.count * done:
        raise RunError("The processes stand at different epochs. Copy the run's folder of one of them to the others.")
    return processes


def fit_together(
    network: keras.Model,
    batches: TrainingBatches,
    processes: Processes,
    epochs: int,
    initial_epoch: int,
    callback: keras.callbacks.Callback,
) -> None:
    """As `Model.fit`. The metrics of an epoch that are logged of the training photos are those of its share.

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
