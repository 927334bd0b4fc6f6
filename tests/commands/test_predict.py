"""`predict` and `score` at the command line: what is printed, written and refused."""

import csv
import json
import os

import numpy as np
import pytest
from command_line import call
from PIL import Image

from melanoma.documents.answer import as_record
from melanoma.documents.wording import write_share
from melanoma.estimates import percent
from melanoma.photo import draw_example, example_bytes, read_photo
from melanoma.serving import Classifier

COLUMNS = (
    "file,sha256,status,message,quality,diagnosis,p_AK,p_BCC,p_DF,p_MEL,p_NV,p_PBK,p_SCC,p_SK,p_VASC,"
    "malignant,decision,run,kind"
)


@pytest.fixture
def dark(tmp_path):
    """The synthetic example at a tenth of its brightness: the score alone would not refer it."""
    path = tmp_path / "dark [2].png"
    Image.fromarray((draw_example() * 0.1).astype(np.uint8)).save(path)
    return path


def test_predict_prints_nine_probabilities_the_decision_and_what_the_threshold_means(photo, run):
    result = call("predict", photo)
    assert result.exit_code == 0
    prediction = Classifier.open(run).predict(read_photo(photo.read_bytes()))
    rates = run.calibration.default.test
    for words in ("lesion [1].png", "melanoma", "vascular lesion", "Research use only", "ONNX Runtime", run.name):
        assert words in result.stdout
    for words in (percent(prediction.malignancy), write_share(rates.sensitivity), write_share(rates.specificity)):
        assert words in result.stdout
    assert prediction.decision in result.stdout


def test_a_photo_that_is_not_good_is_referred_with_the_reason(dark):
    result = call("predict", dark, "--operating-point", "balanced")
    assert "dark [2].png: Refer. The photo is not good enough to call it routine. The photo " in result.stdout
    assert "The photo is dark" in result.stdout
    assert "**" not in result.stdout
    (decision,) = [line for line in result.stdout.splitlines() if "│ decision" in line]
    assert "refer" in decision
    (record,) = json.loads(call("predict", dark, "--operating-point", "balanced", "--json").stdout)
    assert record["decision"] == "refer"


def test_predict_as_json_is_the_record_of_the_app(photo, run):
    (record,) = json.loads(call("predict", photo, "--json").stdout)
    read = read_photo(photo.read_bytes(), 1024)
    assert record == json.loads(json.dumps(as_record(str(photo), read, Classifier.open(run).predict(read))))
    assert sum(record["probabilities"].values()) == pytest.approx(1, abs=1e-4)
    assert record["decision"] in ("refer", "routine")


def test_predict_goes_on_after_files_that_cannot_be_read(photo):
    result = call("predict", photo.parent / "absent [3].png", photo.parent, photo, "--json")
    assert result.exit_code == 2
    assert "absent [3].png: the file cannot be read" in result.stderr
    assert "photos [old]: This is a folder, not a photo" in result.stderr
    assert len(json.loads(result.stdout)) == 1


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
@pytest.mark.parametrize("command", [["predict"], ["explain", "--out", "maps"]], ids=["predict", "explain"])
def test_what_is_no_regular_file_or_too_large_is_never_read(command, photo, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    pipe, large = tmp_path / "pipe.jpg", tmp_path / "large.tif"
    os.mkfifo(pipe)  # reading it would wait for a writer, for ever
    large.touch()
    os.truncate(large, 2 * 1024**3)  # a hole: it takes no space on disk
    zero, itself, folder = tmp_path / "zero.jpg", tmp_path / "itself.jpg", tmp_path / "folder.jpg"
    zero.symlink_to("/dev/zero")
    itself.symlink_to(itself.name)
    folder.mkdir()
    result = call(*command, pipe, large, zero, itself, folder, photo)
    assert result.exit_code == 2
    assert "zero.jpg: This is not a regular file" in result.stderr
    assert "itself.jpg: the file cannot be read" in result.stderr
    assert "folder.jpg: This is a folder, not a photo" in result.stderr
    assert "pipe.jpg: This is not a regular file" in result.stderr
    assert "large.tif: This file is larger than 50 MB" in result.stderr
    assert photo.name in result.stdout


def test_score_writes_a_row_a_photo_and_goes_on_after_a_bad_file(photo, dark, tmp_path):
    (photo.parent / "notes.jpg").write_text("no photo")
    target = tmp_path / "rows [4].csv"
    result = call("score", photo.parent, dark, "--out", target, "--operating-point", "balanced")
    assert result.exit_code == 0
    assert f"{target}: 2 scored, 1 could not be used" in result.stderr
    assert "operating point balanced" in result.stderr
    assert "Research use only" in result.stderr
    lines = target.read_text().splitlines()
    assert lines[0] == COLUMNS
    rows = list(csv.DictReader(lines))
    assert [row["status"] for row in rows] == ["ok", "error", "ok"]
    assert rows[0]["file"] == str(photo)
    assert "not a photo" in rows[1]["message"]
    assert (rows[2]["decision"], rows[2]["quality"]) == ("refer", "unusable")
    assert "dark" in rows[2]["message"]


def test_score_never_overwrites_a_photo_that_it_scores(photo):
    result = call("score", photo, "--out", photo)
    assert result.exit_code == 2
    assert "is one of the photos" in result.stderr
    assert photo.read_bytes() == example_bytes()


def test_what_cannot_be_scored_is_one_sentence(photo, tmp_path):
    empty = tmp_path / "empty [5]"
    empty.mkdir()
    rows = tmp_path / "rows.csv"
    for words, sentence in (
        ([empty, "--out", rows], f"There are no photos in {empty}."),
        ([tmp_path / "gone [6]", "--out", rows], f"There is no file or folder {tmp_path / 'gone [6]'}."),
        ([photo, "--out", tmp_path], f"{tmp_path} is a folder."),
        ([photo, "--out", tmp_path / "gone [6]" / "rows.csv"], f"There is no folder {tmp_path / 'gone [6]'}."),
        ([photo, "--out", rows, "--operating-point", "strict [7]"], "no operating point 'strict [7]'"),
    ):
        result = call("score", *words)
        assert result.exit_code == 2
        assert sentence in result.stderr
        assert len(result.stderr.strip().splitlines()) == 1
        assert not rows.exists()
