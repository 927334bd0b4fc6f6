"""`train`: options become settings, `--like` takes those of a run, and what cannot be trained is refused."""

import shutil
from dataclasses import replace

import pytest
from command_line import call
from public_layouts import write_photo

from melanoma.commands.train import DEFAULTS, choose_defaults, make_recipe
from melanoma.diagnoses import CODES
from melanoma.run import RunError, find_run, open_run

pytestmark = pytest.mark.slow


def test_trained_run_has_every_part_of_a_run_folder(trained):
    run = open_run(trained)
    assert run.state == "finished"
    assert set(run.predictions["split"]) == {"validation", "test"}
    assert run.calibration.default.chosen_on == "validation"
    assert run.evaluation.photos == (run.predictions["split"] == "test").sum()
    assert run.evaluation.command == "python -m melanoma evaluate small [a] --data DATA"
    assert run.evaluation.per_sex
    assert run.facts.export.network_sha256 == run.sha256


def test_options_are_the_settings_that_they_name(trained):
    said = {"architecture": "baseline-cnn", "input_size": 32, "epochs": 1, "samples_per_epoch": 64, "frozen_share": 0.0}
    said |= {"augmentation_strength": None, "mixup_alpha": 0.0, "ema_decay": 0.0, "seed": 4, "dropout": 0.25}
    assert open_run(trained).facts.settings == replace(choose_defaults(said, leaky=False), **said)


def test_every_setting_but_two_can_be_said():
    """Batch size and weight decay have stayed as they are since the first run."""
    from dataclasses import fields
    from inspect import signature

    from melanoma.commands.train import SETTINGS, train

    assert {field.name for field in fields(DEFAULTS)} == SETTINGS
    assert SETTINGS - set(signature(train).parameters) == {"batch_size", "weight_decay"}


def test_like_takes_settings_and_lineage_and_what_is_said_wins(trained):
    from melanoma.training import TrainingRecipe

    facts = replace(open_run(trained).facts, started_from=("first",), teachers=("second",), nine_class_set=True)
    assert make_recipe({}, facts) == TrainingRecipe(facts.settings, ("first",), ("second",), nine_class_set=True)
    changed = make_recipe({"epochs": 3}, facts, teachers=["third", "fourth"], nine_class_set=False)
    assert changed == TrainingRecipe(replace(facts.settings, epochs=3), ("first",), ("third", "fourth"))
    assert make_recipe({"dropout": 0.1}).settings == replace(DEFAULTS, dropout=0.1)


def test_like_needs_a_run_that_was_trained():
    with pytest.raises(RunError, match="made of other runs"):
        make_recipe({}, find_run("efficientnet-lite0-lite2-erased").facts)


def test_the_defaults_make_the_run_that_the_shipped_network_goes_back_to(run):
    while run.facts.started_from:
        (parent,) = run.facts.started_from
        run = find_run(parent)
    assert make_recipe({}) == make_recipe({}, run.facts)


def test_defaults_give_way_where_another_choice_rules_them_out():
    baseline = make_recipe({"architecture": "baseline-cnn"}).settings
    assert (baseline.lesion_attention_weight, baseline.training_size) == (0.0, None)
    assert make_recipe({"input_size": 64}).settings.fitted_size == 64
    assert make_recipe({"input_size": 64, "training_size": 48}).settings.fitted_size == 48
    assert make_recipe({}, leaky=True).settings.kind_weight == 0


def test_a_run_like_another_is_distilled_as_it_and_says_so(trained, made_up_data):
    said = ("--epochs", 1, "--input-size", 32, "--samples-per-epoch", 32)  # quick even if --like were ignored
    options = ("--like", trained.name, "--teacher", trained, "--distillation-weight", 0.5, *said)
    result = call("train", made_up_data, "--name", "again", *options, "--models", trained.parent)
    assert result.exit_code == 0, result.output
    one, two = open_run(trained).facts, find_run("again", trained.parent).facts
    assert two.settings == replace(one.settings, samples_per_epoch=32, distillation_weight=0.5)
    assert two.teachers == (trained.name,)
    assert two.data.fingerprint == one.data.fingerprint


def test_a_run_is_remade_with_what_it_started_from_and_goes_on_where_it_stopped(trained, made_up_data, tmp_path):
    models = trained.parent
    options = ("--like", trained.name, "--from", trained.name, "--models", models)
    assert call("train", made_up_data, "--name", "second", *options).exit_code == 0
    mine = tmp_path / "mine"
    result = call("remake", made_up_data, models / "second", "--models", mine)
    assert result.exit_code == 0, result.output
    first, second = (find_run(name, mine) for name in (trained.name, "second"))
    assert second.facts.started_from == (trained.name,)
    assert second.evaluation
    assert not first.evaluation  # the test photos are read for the last one alone
    for made in (first, second):
        assert made.facts.settings == find_run(made.name, models).facts.settings

    before = first.sha256
    shutil.rmtree(second.folder)
    assert call("remake", made_up_data, models / "second", "--models", mine).exit_code == 0
    assert find_run(trained.name, mine).sha256 == before
    assert find_run("second", mine).state == "finished"

    refused = call("remake", made_up_data, models / "second", "--models", models)
    assert refused.exit_code == 2
    assert "Name another folder with --models." in refused.stderr


def test_the_lineage_of_the_shipped_network_begins_at_the_defaults(run):
    from melanoma.training import list_lineage

    assert [one.name for one in list_lineage(run)] == ["2026-11-lite0-first", "2026-11-lite0", run.name]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--teacher", "small [a]"], "belong together"),
        (["--from", "small [a]"], "small [a] has the architecture baseline-cnn, not efficientnet-lite0"),
        (["--from", "nobody [b]"], "nobody [b] is not a run"),
        (["--like", "nobody [b]"], "nobody [b] is not a run"),
        (["--architecture", "teapot [c]"], "teapot [c]"),
        (["--resume", "--epochs", "3"], "--resume goes on with the settings that the run has"),
        (["--resume"], "later is not a run"),
        (["--name", "small [a]"], "small [a] is there already"),
        (["--monitor", "val_macro_aux"], "An epoch cannot be chosen by val_macro_aux: use one of val_"),
    ],
)
def test_what_cannot_be_trained_is_one_sentence(trained, made_up_data, options, sentence):
    result = call("train", made_up_data, "--name", "later", "--models", trained.parent, *options)
    assert result.exit_code == 2
    assert sentence in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1
    assert not (trained.parent / "later").exists()


def test_a_folder_without_photos_is_one_sentence(tmp_path):
    result = call("train", tmp_path, "--name", "x", "--models", tmp_path / "m")
    assert result.exit_code == 2
    assert "holds none of the known layouts" in result.stderr
    assert "folders of other classes cannot" in result.stderr


def test_a_run_without_network_is_nothing_to_start_from(trained, made_up_data, tmp_path):
    from melanoma.run import write_checksums

    bare = shutil.copytree(trained, tmp_path / "bare", ignore=shutil.ignore_patterns("model.*"))
    write_checksums(bare)
    result = call("train", made_up_data, "--name", "later", "--from", bare, "--models", trained.parent)
    assert result.exit_code == 2
    assert "no network" in result.stderr
    assert not (trained.parent / "later").exists()


def test_ordinary_mess_is_named_and_the_rest_is_trained_on(tmp_path):
    """Two diagnoses in other spellings, a class that is none of the nine, and a photo that broke off."""
    train = tmp_path / "downloads" / "isic9" / "Train"
    for number in range(80):
        name = ("Melanoma", "naevus", "wart", ".ipynb_checkpoints")[number % 4 if number < 60 else number % 2]
        write_photo(train / name / f"ISIC_{number:07d}.JPG", number)
    whole = (train / "naevus" / "ISIC_0000001.JPG").read_bytes()
    (train / "naevus" / "ISIC_0000001.JPG").write_bytes(whole[: len(whole) // 2])
    options = "--architecture baseline-cnn --input-size 32 --epochs 1 --samples-per-epoch 32 --frozen-share 0"
    result = call(
        "train", tmp_path / "downloads", "--name", "two", "--models", tmp_path, *options.split(), "--no-augmentation"
    )
    assert result.exit_code == 0, result.output
    said = " ".join(result.stderr.split())
    assert "named for none of the nine diagnoses: wart (15)." in said
    assert "cannot be read as photos: 1 (" in said
    run = find_run(tmp_path / "two")
    assert run.facts.unlearned == tuple(code for code in CODES if code not in ("MEL", "NV"))
    assert "ISIC_0000001" not in set(run.split["image_id"]) and len(run.split) == 49


@pytest.mark.parametrize("name", ["../out", "a/b", "", ".", "..", ".hidden", "splits", "a\nb", "\x1b[31m"])
def test_a_run_is_named_by_a_name_and_not_by_a_path(name, tmp_path):
    result = call("train", tmp_path, "--name", name, "--models", tmp_path / "models")
    assert (result.exit_code, "is no name for a run" in result.stderr) == (2, True)
    assert list(tmp_path.iterdir()) == []
