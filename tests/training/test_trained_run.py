"""From a folder of made-up photos to a run: what is recorded, resumed and refused."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from rich.console import Console

from melanoma.dataset.batches import NO_DIAGNOSIS
from melanoma.diagnoses import CODES
from melanoma.photo.photos import read_photo
from melanoma.photo.preprocessing import network_input
from melanoma.photo.synthetic import draw_example
from melanoma.run import RunError, file_sha256, open_run, split_path, write_checksums
from melanoma.sources import KINDS
from melanoma.training import TrainingRecipe, UnknownArchitectureError, recipe_of, resume, train
from melanoma.training.architectures import build_network
from melanoma.training.progress import make_progress_bar
from melanoma.training.run_files import start_run
from melanoma.training.trained_run import load_photo_sets, load_split

pytestmark = pytest.mark.slow

QUIET = Console(quiet=True)


@pytest.fixture(scope="module")
def recipe(settings) -> TrainingRecipe:
    return TrainingRecipe(replace(settings, epochs=1, samples_per_epoch=64))


@pytest.fixture(scope="module")
def models(two_sources, recipe, tmp_path_factory):
    """Two trained runs, the second started from the first and learning from it."""
    models = tmp_path_factory.mktemp("models")
    train(two_sources, models / "first", recipe, QUIET)
    learner = replace(recipe.settings, distillation_weight=0.5)
    train(two_sources, models / "second", TrainingRecipe(learner, ("first",), ("first",)), QUIET)
    return models


def test_a_run_is_trained_on_a_split_of_its_data_and_recorded(models, recipe):
    run = open_run(models / "first")
    assert run.state == "finished"
    assert run.network_path is not None
    assert recipe_of(run.facts) == recipe
    assert run.facts.protocol == "lesion-grouped"
    assert set(run.split["split"]) == {"train", "validation", "test"}
    path = split_path(models, run.facts.data.fingerprint)
    assert file_sha256(path) == path.stem
    assert (run.split.groupby("group")["split"].nunique() == 1).all()


def test_what_is_learned_from_and_what_is_validated_on_are_their_own_rows_of_the_split(two_sources, recipe):
    with make_progress_bar(QUIET) as bar:
        table, images = load_split(two_sources, recipe, bar)
        learned, validation = load_photo_sets(two_sources, recipe, table, images, bar)
    rows = {split: np.flatnonzero(table["split"] == split) for split in ("train", "validation")}
    np.testing.assert_array_equal(learned.images, images[rows["train"]])
    assert [CODES[label] for label in learned.labels] == table["diagnosis"][rows["train"]].tolist()
    assert [CODES[label] for label in validation.labels] == table["diagnosis"][rows["validation"]].tolist()
    photo = read_photo(Path(table["path"][rows["validation"][0]]).read_bytes())
    np.testing.assert_array_equal(validation.images[0], network_input(photo.pixels, 32))


def test_a_run_that_learns_the_kind_of_photo_also_sees_photos_of_no_lesion(two_sources, recipe, tmp_path):
    data = shutil.copytree(two_sources, tmp_path / "data")
    (data / "everyday").mkdir()
    rng = np.random.default_rng(0)
    for number in range(160):
        picture = rng.integers(0, 255, (48, 48, 3), np.uint8)
        picture[..., 0] = 0  # no skin is without red
        Image.fromarray(picture).save(data / "everyday" / f"everyday-{number:03}.jpg")
    settings = replace(
        recipe.settings, kind_weight=1.0, samples_per_epoch=320, learning_rate=1e-2, kind_shares=(0.5, 0.0, 0.5)
    )
    assert train(data, tmp_path / "run", TrainingRecipe(settings), QUIET) == "finished"
    run = open_run(tmp_path / "run")
    assert {"kind_loss", "kind_accuracy", "val_kind_accuracy", "accuracy", "val_accuracy"} <= set(run.history)
    assert run.history["val_kind_accuracy"].max() > 0.9
    assert not run.split["image_id"].str.startswith("everyday").any()
    with make_progress_bar(QUIET) as bar:
        recipe = TrainingRecipe(settings)
        sets = load_photo_sets(data, recipe, *load_split(data, recipe, bar), bar)
    for photos in sets:
        others = photos.kinds == KINDS.index("other")
        assert 0.3 < others.mean() < 0.7
        assert (photos.labels[others] == NO_DIAGNOSIS).all()
        assert (photos.labels[~others] != NO_DIAGNOSIS).all()
        assert photos.images[others][..., 0].mean() < 60 < photos.images[~others][..., 0].mean()


def test_what_a_run_started_and_learned_from_is_recorded_and_shares_its_split(models, recipe):
    run = open_run(models / "second")
    assert run.facts.started_from == run.facts.teachers == ("first",)
    assert len(list((models / "splits").iterdir())) == 1


def test_an_interrupted_training_is_resumed_from_the_beginning_or_from_its_last_epoch(
    two_sources, models, recipe, tmp_path
):
    class Impatient(Console):
        """Ctrl-C as soon as the first epoch is reported."""

        def print(self, *args, **kwargs):
            if args and str(args[0]).startswith("epoch 1"):
                raise KeyboardInterrupt
            super().print(*args, **kwargs)

    recipe = replace(recipe, settings=replace(recipe.settings, epochs=2))
    folder = tmp_path / "run"
    assert train(two_sources, folder, recipe, Impatient(quiet=True)) == "interrupted"
    assert open_run(folder).history["epoch"].tolist() == [1]
    assert resume(two_sources, folder, QUIET) == "finished"
    assert open_run(folder).history["epoch"].tolist() == [1, 2]
    with pytest.raises(RunError, match="run has finished"):
        resume(two_sources, folder, QUIET)
    start_run(tmp_path / "never begun", recipe.settings, open_run(folder).split)
    assert resume(two_sources, tmp_path / "never begun", QUIET) == "finished"


def test_what_cannot_be_resumed_says_why(two_sources, models, recipe, tmp_path, table):
    start_run(tmp_path / "other data", recipe.settings, table)
    with pytest.raises(RunError, match="trained on other data or another split"):
        resume(two_sources, tmp_path / "other data", QUIET)
    start_run(tmp_path / "lost", recipe.settings, table)
    (tmp_path / "lost" / "history.csv").write_text("epoch,val_balanced_accuracy\n1,0.5\n")
    with pytest.raises(RunError, match="its checkpoint is missing"):
        resume(two_sources, tmp_path / "lost", QUIET)


def test_a_recipe_that_cannot_be_followed_is_refused_before_any_photo_is_read(models, recipe, tmp_path, make_run):
    def refusal(recipe: TrainingRecipe, name: str = "new") -> str:
        with pytest.raises((RunError, UnknownArchitectureError)) as refused:
            train(tmp_path, models / name, recipe, QUIET)
        assert not (models / "new").exists()
        return str(refused.value)

    settings = recipe.settings
    assert "is there already" in refusal(recipe, "first")
    assert "There is no architecture" in refusal(replace(recipe, settings=replace(settings, architecture="resnet9")))
    assert "use one of val_loss, val_accuracy" in refusal(replace(recipe, settings=replace(settings, monitor="auc")))
    assert "belong together" in refusal(replace(recipe, teachers=("first",)))
    assert "belong together" in refusal(replace(recipe, settings=replace(settings, distillation_weight=0.5)))
    assert "neither teachers nor a kind head" in refusal(replace(recipe, leaky=True, teachers=("first",)))
    other = replace(settings, architecture="MobileNetV2")
    assert "has the architecture baseline-cnn, not MobileNetV2" in refusal(TrainingRecipe(other, ("first",)))
    without = make_run("without", build_network("baseline-cnn", input_size=32, classes=9))
    without.network_path.unlink()
    write_checksums(without.folder)
    assert "keeps its history and results, no network" in refusal(replace(recipe, start_from=(str(without.folder),)))


def test_the_data_leakage_example_keeps_its_warning_and_no_network(recipe, tmp_path):
    for diagnosis in ("melanoma", "nevus"):
        folder = tmp_path / "isic9" / "Train" / diagnosis
        folder.mkdir(parents=True)
        for seed in range(4):
            picture = draw_example(seed + 10 * (diagnosis == "nevus"), 48, 48)
            Image.fromarray(picture).save(folder / f"ISIC_{seed + 10 * (diagnosis == 'nevus'):07d}.jpg")
    models = tmp_path / "models"
    assert train(tmp_path, models / "leaky", replace(recipe, leaky=True), QUIET) == "finished"
    run = open_run(models / "leaky")
    assert run.network_path is None
    assert recipe_of(run.facts) == replace(recipe, leaky=True)
    assert run.facts.leaked_share == 1
    assert "100% of the validation rows" in run.facts.warning
    assert len(run.history) == 1
