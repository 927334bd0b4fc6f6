"""A folder becomes a CSV whose columns are a contract; what cannot be read gets a row that says why."""

import csv
import hashlib
import io
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from melanoma.photo.photos import read_photo
from melanoma.photo.synthetic import draw_example, example_bytes
from melanoma.run.folder import RunError
from melanoma.serving import Classifier
from melanoma.serving.rows import find_photos, prediction_columns, score_photos, write_csv

HEADER = (
    "file,sha256,status,message,quality,diagnosis,p_AK,p_BCC,p_DF,p_MEL,p_NV,p_PBK,p_SCC,p_SK,p_VASC,"
    "malignant,decision,run,kind"
)


@pytest.fixture(scope="module")
def classifier(run) -> Classifier:
    return Classifier.open(run)


@pytest.fixture
def folder(tmp_path):
    """Two good photos, and files that are none."""
    (tmp_path / "a.png").write_bytes(example_bytes(seed=1))
    (tmp_path / "b.jpg").write_bytes(example_bytes(seed=2)[:2000])
    (tmp_path / "c.jpg").write_bytes(b"")
    (tmp_path / "d.jpeg").write_text("not a picture")
    (tmp_path / "E.PNG").write_bytes(example_bytes(seed=3))
    (tmp_path / "notes.txt").write_text("not scored")
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "f.png").write_bytes(example_bytes(seed=4))
    return tmp_path


def score(classifier, paths, **options) -> list[dict]:
    file = io.StringIO()
    list(write_csv(score_photos(classifier, paths, **options), file))
    assert file.getvalue().splitlines()[0] == HEADER
    return list(csv.DictReader(io.StringIO(file.getvalue())))


def test_a_folder_stands_for_its_photos_sorted(folder):
    assert [p.name for p in find_photos([folder])] == ["E.PNG", "a.png", "b.jpg", "c.jpg", "d.jpeg"]
    assert find_photos([folder], recursive=True)[-1].name == "f.png"
    (folder / "no suffix").write_bytes(example_bytes(seed=5))
    (folder / "._a.png").write_bytes(b"\0\5\x16\7")
    assert [p.name for p in find_photos([folder])] == ["E.PNG", "a.png", "b.jpg", "c.jpg", "d.jpeg", "no suffix"]
    named = [folder / "notes.txt", folder / "absent.jpg"]
    assert find_photos(named) == named


def test_bad_files_get_a_row_and_do_not_stop_the_rest(classifier, folder):
    paths = [*find_photos([folder]), folder / "absent.jpg", folder / "notes.txt"]
    rows = score(classifier, paths)
    assert [row["file"] for row in rows] == [str(path) for path in paths]
    assert [row["status"] for row in rows] == ["ok", "ok", "error", "error", "error", "error", "error"]
    for row in rows:
        if row["status"] == "error":
            assert row["message"]
            rest = {k: v for k, v in row.items() if k not in ("file", "sha256", "status", "message")}
            assert not any(rest.values())
        else:
            assert row["message"] == ""


def test_a_row_is_the_prediction(classifier, folder):
    (row,) = score(classifier, [folder / "a.png"])
    content = (folder / "a.png").read_bytes()
    prediction = classifier.predict(read_photo(content))
    assert row["sha256"] == hashlib.sha256(content).hexdigest()
    assert row["diagnosis"] == prediction.top
    assert row["decision"] == prediction.decision
    assert row["run"] == prediction.run
    assert row["quality"] in ("good", "doubtful", "unusable")
    assert float(row["malignant"]) == pytest.approx(prediction.malignancy, abs=1e-6)
    parts = sum(float(row[f"p_{code}"]) for code in ("MEL", "BCC", "SCC", "AK"))
    assert parts == pytest.approx(float(row["malignant"]), abs=3e-6)


def test_a_row_is_what_one_process_says_of_photos_good_and_bad(classifier, tmp_path):
    example = draw_example()
    inked = example.copy()
    inked[100:350, 220:240] = inked[100:350, 360:380] = (60, 40, 140)
    grey = np.repeat(example.mean(axis=2, keepdims=True), 3, axis=2)
    photos = {"plain": example, "small": example[::4, ::4], "dark": example * 0.3, "inked": inked, "grey": grey}
    for name, pixels in photos.items():
        Image.fromarray(pixels.astype(np.uint8)).save(tmp_path / f"{name}.png")
    rows = score(classifier, [tmp_path / f"{name}.png" for name in photos])
    assert {row["quality"] for row in rows} > {"good", "doubtful"}
    for row in rows:
        here = prediction_columns(classifier.predict(read_photo(Path(row["file"]).read_bytes())))
        assert {name: row[name] for name in here} == here


def test_a_photo_too_dark_to_use_is_never_routine_and_its_row_says_why(classifier, tmp_path):
    Image.fromarray((draw_example() * 0.1).astype(np.uint8)).save(tmp_path / "dark.png")
    (row,) = score(classifier, [tmp_path / "dark.png"], operating_point="balanced")
    assert (row["quality"], row["decision"], row["status"]) == ("unusable", "refer", "ok")
    assert float(row["malignant"]) < classifier.operating_point("balanced")[1].threshold
    assert "The photo is dark: most of it is close to black." in row["message"]


def test_rows_keep_the_order_of_the_files(classifier, folder):
    paths = [folder / name for name in ("a.png", "d.jpeg", "E.PNG")] * 8
    assert [row["file"] for row in score(classifier, paths, workers=4)] == [str(p) for p in paths]


def test_rows_are_written_as_they_come(classifier, folder):
    file = io.StringIO()
    rows = write_csv(score_photos(classifier, [folder / "a.png"] * 100), file)
    next(rows)
    assert file.getvalue().count("\n") == 2
    rows.close()  # as Ctrl-C does: what was not begun is left


def test_an_unknown_operating_point_is_refused_before_anything_is_read(classifier, folder):
    with pytest.raises(RunError, match="no operating point"):
        score_photos(classifier, [folder / "absent.jpg"], operating_point="strict")


def test_a_file_name_that_is_not_unicode_is_written_back(classifier, folder):
    name = os.fsdecode(b"caf\xe9.png")
    (folder / name).write_bytes(example_bytes())
    target = folder / "out.csv"
    with target.open("w", newline="", encoding="utf-8", errors="surrogateescape") as file:
        list(write_csv(score_photos(classifier, [folder / name]), file))
    assert b"caf\xe9.png" in target.read_bytes()


@pytest.mark.slow
def test_every_full_size_photo_is_scored(classifier, data):
    paths = sorted((data / "ham10000_600x450").glob("*.jpg"))
    rows = score(classifier, paths)
    assert [row["status"] for row in rows] == ["ok"] * 150


def test_what_is_no_regular_file_gets_a_row_and_is_not_read(classifier, tmp_path):
    os.mkfifo(tmp_path / "pipe.jpg")
    (tmp_path / "loop.jpg").symlink_to(tmp_path / "loop.jpg")
    (tmp_path / "folder.jpg").mkdir()
    paths = [tmp_path / "pipe.jpg", tmp_path / "loop.jpg", tmp_path / "folder.jpg", Path("/dev/zero")]
    rows = score(classifier, paths)
    assert [row["status"] for row in rows] == ["error"] * 4
    assert all(row["message"].endswith(".") for row in rows)
    assert find_photos([tmp_path]) == []


@pytest.mark.parametrize("name", ["=SUM(A1).png", "+1.png", "-1.png", "@cmd.png", "two\rlines.png"])
def test_a_file_name_is_no_formula_and_stays_on_its_line(classifier, tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    Path(name).write_bytes(example_bytes())
    file = io.StringIO()
    list(write_csv(score_photos(classifier, [Path(name)]), file))
    assert len(file.getvalue().splitlines()) == 2
    cell = file.getvalue().splitlines()[1].split(",")[0]
    assert cell[0] not in "=+-@"
