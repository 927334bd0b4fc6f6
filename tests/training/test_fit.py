import json
from dataclasses import replace

import keras
import numpy as np
import pandas as pd
import pytest
from melanoma.training.compiling import compiled, mean_weights, save_packed

from melanoma.dataset.splitting import split_by_group
from melanoma.diagnoses import CODES
from melanoma.run import folder as runs
from melanoma.training import architectures as networks
from melanoma.training import fit as training

SETTINGS = training.Settings(
    architecture="baseline-cnn", size=32, epochs=3, samples=144, batch_size=16, learning_rate=3e-3, dropout=0.0,
    label_smoothing=0.0, strength=None, average=0.5, monitor="val_balanced_accuracy",
)  # fmt: skip


@pytest.fixture
def material():
    """Nine flat colours with noise: what a network can learn in seconds."""
    rng = np.random.default_rng(0)
    labels = np.repeat(np.arange(9), 24)
    colours = rng.integers(20, 235, (9, 3))
    noise = rng.normal(0, 8, (len(labels), 32, 32, 3))
    images = np.clip(colours[labels][:, None, None, :] + noise, 0, 255).astype(np.uint8)
    return training.Material(images, labels)


@pytest.fixture
def table(material):
    ids = [f"photo{i:03d}" for i in range(len(material.labels))]
    table = pd.DataFrame({"image_id": ids, "group": ids, "source": "drawn"})
    table["diagnosis"] = [CODES[i] for i in material.labels]
    table["split"] = split_by_group(table, seed=1)
    return table


def test_training_learns_logs_each_epoch_and_seals_the_run(tmp_path, material, table):
    folder = tmp_path / "run"
    training.new_run(folder, SETTINGS, table)
    assert runs.open_run(folder).state == "training"
    state = training.fit(folder, SETTINGS, material, material)

    run = runs.open_run(folder)
    assert state == run.state == "finished"
    assert run.history["epoch"].tolist() == [1, 2, 3]
    assert {"loss", "accuracy", "val_loss", "val_accuracy", "learning_rate", "seconds"} <= set(run.history)
    assert run.history["val_balanced_accuracy"].max() > 0.5  # chance is 0.11
    assert run.facts["best"]["value"] == run.history["val_balanced_accuracy"].max()
    assert not (folder / training.LAST).exists()


def test_kept_network_is_the_best_epochs_and_carries_no_optimiser(tmp_path, material, table):
    folder = tmp_path / "run"
    training.new_run(folder, SETTINGS, table)
    training.fit(folder, SETTINGS, material, material)
    network = keras.saving.load_model(folder / "model.keras")
    top = training.logits_of(network, material.images).argmax(axis=1)
    accuracy = np.mean(top == material.labels)
    assert accuracy == pytest.approx(runs.open_run(folder).facts["best"]["value"], abs=1e-6)
    assert (folder / "model.keras").stat().st_size < 1.2 * 4 * network.count_params() + 100_000


def test_interrupted_run_opens_and_goes_on_where_it_stopped(tmp_path, material, table):
    def interrupt(done, of):
        if (folder / "history.csv").exists() and done == 3:
            raise KeyboardInterrupt

    folder = tmp_path / "run"
    training.new_run(folder, SETTINGS, table)
    assert training.fit(folder, SETTINGS, material, material, step=interrupt) == "interrupted"
    run = runs.open_run(folder)
    assert (run.state, len(run.history)) == ("interrupted", 1)
    assert run.network_path is not None

    runs.write_json(folder / "run.json", run.facts | {"state": "training"})
    assert training.fit(folder, SETTINGS, material, material) == "finished"
    history = runs.open_run(folder).history
    assert history["epoch"].tolist() == [1, 2, 3]
    assert history["learning_rate"].is_monotonic_decreasing  # the cosine goes on; it does not start again


def test_interruption_before_the_first_epoch_still_leaves_a_run_that_opens(tmp_path, material, table):
    def interrupt(done, of):
        raise KeyboardInterrupt

    folder = tmp_path / "run"
    training.new_run(folder, SETTINGS, table)
    training.fit(folder, SETTINGS, material, material, step=interrupt)
    run = runs.open_run(folder)
    assert (run.state, len(run.history), run.network_path) == ("interrupted", 0, None)


def test_run_facts_say_what_was_trained_on_what(tmp_path, table):
    training.new_run(tmp_path / "run", SETTINGS, table, ["earlier"])
    facts = json.loads((tmp_path / "run" / "run.json").read_text())
    assert facts["classes"] == list(CODES)
    assert facts["parent"] == "earlier"
    assert sum(row["photos"] for row in facts["data"]["counts"]) == len(table) == facts["data"]["photos"]
    assert facts["arguments"]["seed"] == SETTINGS.seed
    assert facts["packages"]["keras"] == keras.__version__


def test_steady_training_leaves_batch_normalisation_as_it_was_and_moves_the_rest():
    def weights(network, kind):
        layers = [layer for layer in network.layers if isinstance(layer, kind)]
        return [value for layer in layers for value in layer.get_weights()]

    random = np.random.default_rng(0)
    settings = training.Settings("efficientnet-lite0", size=32, epochs=1, samples=8, frozen=0.5, steady=True)
    network = compiled(settings, steps=2)
    kinds = keras.layers.BatchNormalization, keras.layers.Conv2D
    before = [weights(network, kind) for kind in kinds]
    for _ in range(2):
        network.train_on_batch(random.uniform(0, 255, (8, 32, 32, 3)), np.eye(9)[random.integers(0, 9, 8)])
    after = [weights(network, kind) for kind in kinds]
    changed = [
        [not np.array_equal(a, b) for a, b in zip(*pair, strict=True)] for pair in zip(before, after, strict=True)
    ]
    assert not any(changed[0])
    assert not changed[1][0], "the first layers are frozen"
    assert all(changed[1][-5:])


def test_training_from_two_networks_starts_at_the_mean_of_their_weights(tmp_path):
    paths = [tmp_path / "one.keras", tmp_path / "two.keras"]
    each = []
    for seed, path in enumerate(paths):
        keras.utils.set_random_seed(seed)
        network = networks.build("baseline-cnn", size=32, classes=9)
        network.save(path)
        each.append(network.get_weights())
    started = compiled(SETTINGS, steps=2, initial=paths).get_weights()
    for one, two, value in zip(*each, started, strict=True):
        np.testing.assert_allclose(value, (one + two) / 2, atol=1e-6)


def test_a_blend_is_the_mean_and_is_validated_as_epoch_0(tmp_path, material, table):
    paths = [tmp_path / "one.keras", tmp_path / "two.keras"]
    for seed, path in enumerate(paths):
        keras.utils.set_random_seed(seed)
        networks.build("baseline-cnn", size=32, classes=9).save(path)
    folder = tmp_path / "blend"
    training.new_run(folder, SETTINGS, table, ["one", "two"])
    row = training.blend(folder, SETTINGS, material, paths)

    run = runs.open_run(folder)
    assert run.state == "finished"
    assert run.history["epoch"].tolist() == [0]
    kept = keras.saving.load_model(run.network_path)
    for value, mean in zip(kept.get_weights(), mean_weights(paths), strict=True):
        np.testing.assert_array_equal(value, mean)
    top = training.logits_of(kept, material.images).argmax(axis=1)
    assert row["val_accuracy"] == pytest.approx(np.mean(top == material.labels), abs=1e-5)


def test_network_that_is_taught_learns_its_teachers_answer_against_the_label(tmp_path, material, table):
    """A teacher that calls everything the fourth diagnosis is believed, for labels have no share."""
    folder, settings = tmp_path / "run", replace(SETTINGS, taught=1.0, epochs=2)
    training.new_run(folder, settings, table, teachers=["stubborn"])
    training.fit(folder, settings, material, material, teach=lambda pixels: np.eye(9)[[3] * len(pixels)])
    network = keras.saving.load_model(folder / "model.keras")
    assert (training.logits_of(network, material.images).argmax(axis=1) == 3).mean() > 0.95
    assert runs.open_run(folder).facts["teachers"] == ["stubborn"]


def test_clip_shortens_long_gradients_only():
    """Adam's first step forgets the length of a gradient, so the optimiser is looked at by its own means."""
    long = [keras.ops.full((4,), 30.0)]
    clipped = compiled(replace(SETTINGS, clip=1.0), steps=2).optimizer
    assert float(keras.ops.norm(clipped._clip_gradients(long)[0])) == pytest.approx(1, abs=1e-5)
    assert compiled(SETTINGS, steps=2).optimizer.global_clipnorm is None


def test_packed_network_is_smaller_and_answers_as_before(tmp_path, material):
    network = networks.build("efficientnet-lite0", size=32, classes=9)
    network.save(tmp_path / "plain.keras")
    save_packed(network, tmp_path / "packed.keras")
    assert (tmp_path / "packed.keras").stat().st_size < 0.95 * (tmp_path / "plain.keras").stat().st_size
    again = keras.saving.load_model(tmp_path / "packed.keras", compile=False, safe_mode=True)
    images = material.images[:4]
    np.testing.assert_array_equal(training.logits_of(again, images), training.logits_of(network, images))
