"""The whole way by commands, on drawn pictures in the layout of the nine-class set: data to answer."""

import json
import shutil
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from melanoma.diagnoses import CODES, DIAGNOSES
from melanoma.evaluation import calibration
from melanoma.run import folder as runs
from melanoma.run import history as histories

SCORE_COLUMNS = (
    "file,sha256,status,message,quality,diagnosis,p_AK,p_BCC,p_DF,p_MEL,p_NV,p_PBK,p_SCC,p_SK,p_VASC,"
    "malignant,decision,run"
)


def command(*words, check=True):
    """Run `python -m melanoma WORDS`; its result."""
    result = subprocess.run(
        [sys.executable, "-m", "melanoma", *map(str, words)], capture_output=True, text=True, check=False
    )
    if check:
        assert result.returncode == 0, result.stdout + result.stderr
    return result


@pytest.fixture(scope="module")
def drawn_data(tmp_path_factory):
    """Thirty noisy pictures a diagnosis, each diagnosis of its own colour."""
    folder = tmp_path_factory.mktemp("data")
    rng = np.random.default_rng(3)
    number = 0
    for diagnosis in DIAGNOSES:
        colour = rng.integers(40, 220, 3)
        (folder / "isic9" / "Train" / diagnosis.name).mkdir(parents=True)
        for _ in range(30):
            coarse = np.clip(colour + rng.normal(0, 25, (9, 12, 3)), 0, 255).astype(np.uint8)
            picture = Image.fromarray(coarse).resize((120, 90), Image.Resampling.BICUBIC)
            number += 1
            picture.save(folder / "isic9" / "Train" / diagnosis.name / f"ISIC_{9000000 + number}.jpg")
    return folder


@pytest.fixture(scope="module")
def trained(drawn_data, tmp_path_factory):
    """A run trained, evaluated and exported by the commands."""
    models = tmp_path_factory.mktemp("models")
    options = (
        "--architecture efficientnet-lite0 --size 64 --strength 0 --epochs 2 --samples 288 --frozen 0.8 --average 0"
    )
    command("train", drawn_data, "--name", "drawn", "--models", models, *options.split())
    command("evaluate", models / "drawn", "--data", drawn_data, "--no-robustness")
    command("export", models / "drawn")
    return models / "drawn"


def test_trained_run_has_every_part_of_a_run_folder(trained):
    run = runs.open_run(trained)
    assert run.state == "finished"
    assert set(run.predictions["split"]) == {"validation", "test"}
    assert run.calibration["operating_points"]["high-sensitivity"]["chosen_on"] == "validation"
    assert run.evaluation["figures"]["balanced_accuracy_9"]["value"] > 0.3  # chance is 0.11
    assert (trained / "model.onnx").exists()


def test_same_name_is_not_trained_over(trained, drawn_data):
    result = command("train", drawn_data, "--name", "drawn", "--models", trained.parent, check=False)
    assert result.returncode == 2
    assert "is there already" in result.stderr
    assert "Traceback" not in result.stderr


def test_blend_of_a_run_with_itself_answers_as_that_run(trained, drawn_data):
    models = trained.parent
    command(
        "blend", drawn_data, "--name", "twice", "--size", "64", "--of", "drawn", "--of", "drawn", "--models", models
    )
    one, two = runs.open_run(trained), runs.open_run(models / "twice")
    assert two.facts["blend"] == ["drawn", "drawn"]
    assert two.facts["parent"] == "drawn and drawn"
    answers = [f"p_{code}" for code in CODES]
    np.testing.assert_allclose(two.predictions[answers], one.predictions[answers], atol=1e-4)


def test_a_run_joined_with_itself_answers_as_that_run(trained, drawn_data):
    models = trained.parent
    command("join", drawn_data, "--name", "joined", "--of", "drawn", "--of", "drawn@64", "--models", models)
    one, two = runs.open_run(trained), runs.open_run(models / "joined")
    assert [(part["run"], part["size"]) for part in two.facts["joined"]] == [("drawn", 64), ("drawn", 64)]
    assert two.facts["architecture"] == "efficientnet-lite0@64+efficientnet-lite0@64"
    answers = [f"p_{code}" for code in CODES]
    temperature = two.facts["joined"][0]["temperature"]
    wanted = calibration.tempered(one.predictions[answers].to_numpy(), temperature)
    np.testing.assert_allclose(two.predictions[answers], wanted, atol=0.01)  # half precision
    assert "side by side" in " ".join(histories.lacks(two))

    options = ("--models", models, "--name", "never")
    lonely = command("join", drawn_data, "--of", "drawn", *options, check=False)
    assert (lonely.returncode, "at least twice" in lonely.stderr) == (2, True)
    for words in (("train", drawn_data, "--from", "joined"), ("blend", drawn_data, "--size", "64", "--of", "joined")):
        refused = command(*words, *options, check=False)
        assert refused.returncode == 2
        assert "take one of them, drawn or drawn" in refused.stderr.replace("\n", " ")


@pytest.mark.parametrize(
    ("part", "said"), [("drawn@huge", "as in drawn@224"), ("drawn@8", "from 32 to 1024"), ("nobody", "nobody")]
)
def test_parts_that_cannot_be_joined_are_one_plain_sentence(trained, drawn_data, part, said):
    given = ("--name", "never", "--of", "drawn", "--of", part, "--models", trained.parent)
    result = command("join", drawn_data, *given, check=False)
    assert result.returncode == 2
    assert said in result.stderr.replace("\n", " ")
    assert "Traceback" not in result.stderr
    assert not (trained.parent / "never").exists()


def test_blend_of_unlike_runs_is_one_plain_sentence(trained, drawn_data):
    other = trained.parent / "other"
    shutil.copytree(trained, other)
    facts = json.loads((other / "run.json").read_text()) | {"name": "other", "architecture": "efficientnet-lite1"}
    runs.write_json(other / "run.json", facts)
    runs.seal(other)
    given = ("--name", "both", "--size", "64", "--of", "drawn", "--of", "other", "--models", trained.parent)
    result = command("blend", drawn_data, *given, check=False)
    assert result.returncode == 2
    assert "other and drawn differ in architecture" in result.stderr.replace("\n", " ")
    assert not (trained.parent / "both").exists()


def test_a_run_without_network_is_nothing_to_start_from(trained, drawn_data):
    bare = trained.parent / "bare"
    shutil.copytree(trained, bare, ignore=shutil.ignore_patterns("model.*"))
    runs.seal(bare)
    given = ("--name", "later", "--from", "bare", "--models", trained.parent)
    result = command("train", drawn_data, *given, check=False)
    assert result.returncode == 2
    assert "keeps figures only" in result.stderr
    assert not (trained.parent / "later").exists()


def test_score_writes_the_agreed_columns_and_goes_on_after_a_bad_file(trained, drawn_data, tmp_path):
    good = sorted((drawn_data / "isic9" / "Train" / "melanoma").glob("*.jpg"))[:2]
    bad = tmp_path / "notes.jpg"
    bad.write_text("not a photo")
    out = tmp_path / "scores.csv"
    command("score", good[0], bad, good[1], "--out", out, "--run", trained)
    lines = out.read_text().splitlines()
    assert lines[0] == SCORE_COLUMNS
    rows = pd.read_csv(out, keep_default_na=False)
    assert rows["status"].tolist() == ["ok", "error", "ok"]
    assert rows.loc[1, "message"] and rows.loc[1, "p_MEL"] == ""
    fine = rows[rows["status"] == "ok"]
    probabilities = fine[[f"p_{code}" for code in CODES]].astype(float)
    assert probabilities.sum(axis=1).to_numpy() == pytest.approx(1, abs=1e-5)
    malignant = probabilities[["p_MEL", "p_BCC", "p_SCC", "p_AK"]].sum(axis=1)
    assert fine["malignant"].astype(float).to_numpy() == pytest.approx(malignant.to_numpy(), abs=1e-5)
    assert set(fine["decision"]) <= {"refer", "routine"}


def test_predict_prints_json_that_other_programs_read(trained, drawn_data):
    photo = next((drawn_data / "isic9" / "Train" / "nevus").glob("*.jpg"))
    result = command("predict", photo, "--json", "--run", trained)
    (answer,) = json.loads(result.stdout)
    assert sum(answer["probabilities"].values()) == pytest.approx(1, abs=1e-5)
    assert answer["run"] == "drawn"


def test_folder_without_photos_is_one_plain_sentence(tmp_path):
    result = command("train", tmp_path, "--name", "x", "--models", tmp_path / "m", check=False)
    assert result.returncode == 2
    assert "holds none of the known layouts" in result.stderr.replace("\n", " ")
    assert "Traceback" not in result.stderr


def test_teacher_and_taught_belong_together(trained, drawn_data):
    given = ("--name", "later", "--teacher", trained.name, "--models", trained.parent)
    result = command("train", drawn_data, *given, check=False)
    assert result.returncode == 2
    assert "belong together" in result.stderr
    assert not (trained.parent / "later").exists()


def test_start_from_another_architecture_is_one_plain_sentence(trained, drawn_data):
    given = ("--name", "later", "--from", trained.name, "--architecture", "baseline-cnn", "--models", trained.parent)
    result = command("train", drawn_data, *given, check=False)
    assert result.returncode == 2
    assert "drawn has the architecture efficientnet-lite0, not baseline-cnn" in result.stderr.replace("\n", " ")
    assert not (trained.parent / "later").exists()


def test_a_run_taught_by_another_says_so_and_answers(trained, drawn_data):
    models = trained.parent
    given = "--name taught --teacher drawn --taught 0.5 --architecture baseline-cnn --size 64 --epochs 1 --samples 64"
    command("train", drawn_data, *given.split(), "--models", models)
    run = runs.open_run(models / "taught")
    assert run.facts["teachers"] == ["drawn"]
    assert run.facts["arguments"]["taught"] == 0.5
    assert len(run.predictions)
