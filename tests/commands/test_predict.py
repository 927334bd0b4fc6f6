"""`predict` and `score` at the command line: what is printed, written and refused."""

import csv
import json

import pytest
import typer
from typer.testing import CliRunner

from melanoma.commands import predict
from melanoma.photo.synthetic import example_bytes

app = typer.Typer(pretty_exceptions_enable=False)
app.command()(predict.predict)
app.command()(predict.score)


@pytest.fixture
def photo(tmp_path):
    path = tmp_path / "lesion.png"
    path.write_bytes(example_bytes())
    return path


def called(*words):
    return CliRunner().invoke(app, [str(word) for word in words])


def test_predict_prints_nine_probabilities_and_what_the_threshold_means(photo, light_run):
    result = called("predict", photo, "--run", light_run.folder)
    assert result.exit_code == 0
    for words in ("melanoma", "vascular lesion", "sensitivity", "specificity", "Research use only", "ONNX Runtime"):
        assert words in result.stdout


def test_predict_as_json(photo, light_run):
    (record,) = json.loads(called("predict", photo, "--json", "--run", light_run.folder).stdout)
    assert sum(record["probabilities"].values()) == pytest.approx(1, abs=1e-4)
    assert record["run_sha256"] == light_run.sha256
    assert record["decision"] in ("refer", "routine")


def test_predict_goes_on_after_a_file_that_cannot_be_read(photo, light_run):
    result = called("predict", photo.parent / "absent.png", photo, "--json", "--run", light_run.folder)
    assert result.exit_code == 2
    assert "absent.png: the file cannot be read" in result.stderr
    assert len(json.loads(result.stdout)) == 1


def test_score_writes_a_row_a_photo(photo, light_run, tmp_path):
    target = tmp_path / "rows.csv"
    result = called("score", tmp_path, "--out", target, "--run", light_run.folder, "--operating-point", "balanced")
    assert result.exit_code == 0
    assert "1 scored, 0 could not be used" in result.stderr
    assert "operating point balanced" in result.stderr
    with target.open() as file:
        (row,) = csv.DictReader(file)
    assert row["file"] == str(photo)
    assert row["status"] == "ok"


def test_score_of_an_empty_folder_is_refused(tmp_path):
    (tmp_path / "notes.txt").write_text("")
    result = called("score", tmp_path, "--out", tmp_path / "rows.csv")
    assert result.exit_code == 2
    assert "No photos in" in result.stderr
    assert not (tmp_path / "rows.csv").exists()


def test_score_never_overwrites_a_photo_that_it_scores(photo):
    before = photo.read_bytes()
    assert called("score", photo, "--out", photo).exit_code == 2
    assert photo.read_bytes() == before


@pytest.mark.parametrize(
    ("options", "said"),
    [(["--run", "absent"], "absent is not a run"), (["--operating-point", "strict"], "no operating point 'strict'")],
)
def test_a_mistake_is_answered_in_one_sentence(photo, light_run, tmp_path, options, said):
    words = ["score", photo, "--out", tmp_path / "rows.csv", *options]
    result = called(*words, *([] if "--run" in options else ["--run", light_run.folder]))
    assert result.exit_code == 2
    assert said in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1
    assert "Traceback" not in result.output
    assert not (tmp_path / "rows.csv").exists()
