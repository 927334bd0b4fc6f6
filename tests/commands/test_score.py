"""`score`: goes on where it was stopped, follows a folder, takes globs and addresses; the same rows by Ray."""

import os
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet
import pytest
from command_line import call
from other_processes import list_children, list_open_addresses

from melanoma.photo import example_bytes

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """Six files, of which one is no photo."""
    monkeypatch.chdir(tmp_path)
    (folder := tmp_path / "photos").mkdir()
    for seed in range(6):
        (folder / f"{seed}.png").write_bytes(example_bytes(seed=seed) if seed else b"no photo")
    return folder


def test_score_goes_on_where_it_was_stopped(folder):
    whole = call("score", folder, "--out", "whole.csv", "--resume")
    assert "5 scored, 1 could not be used, 0 had a row already" in whole.stderr
    lines = Path("whole.csv").read_bytes().splitlines(keepends=True)
    Path("cut.csv").write_bytes(b"".join(lines[:3]) + lines[3][:50])
    Path("cut.csv.settings.json").write_bytes(Path("whole.csv.settings.json").read_bytes())
    result = call("score", folder, "--out", "cut.csv", "--resume")
    assert "4 scored, 0 could not be used, 2 had a row already" in result.stderr
    assert Path("cut.csv").read_bytes() == Path("whole.csv").read_bytes()
    other = call("score", folder, "--out", "cut.csv", "--resume", "--operating-point", "balanced")
    assert (other.exit_code, "another network, operating point or kind" in other.stderr) == (2, True)


def test_what_lies_beside_the_photos_is_counted_and_named_in_the_end(folder):
    for name in ("notes.txt", "._0.png", "a\nb"):
        (folder / name).write_text("no photo")
    (folder / "folder.jpg").mkdir()
    (folder / "more").mkdir()
    os.mkfifo(folder / "pipe.jpg")
    (folder / "loop.jpg").symlink_to("loop.jpg")
    result = call("score", folder, "--out", folder / "rows.csv")
    assert "Left out, as no photos: ._0.png, a�b, folder.jpg, loop.jpg, notes.txt, pipe.jpg." in result.stderr
    assert result.exit_code == 0
    for i in range(9):
        (folder / f"{i}.txt").write_text("no photo")
    assert "and 5 more." in call("score", folder, "--out", folder / "rows.csv").stderr


def test_nothing_scored_is_a_failure(folder):
    (folder / "loop.jpg").symlink_to("loop.jpg")
    assert call("score", folder / "loop.jpg", "--out", "rows.csv").exit_code == 2
    assert "Too many levels" in Path("rows.csv").read_text()
    assert call("score", folder / "0.png", "--out", "rows.csv").exit_code == 2
    assert call("score", folder / "1.png", folder / "0.png", "--out", "rows.csv").exit_code == 0


def test_a_photo_that_changed_is_scored_again(folder):
    call("score", folder, "--out", "rows.parquet")
    (folder / "1.png").write_bytes(example_bytes(seed=9))
    result = call("score", folder, "--out", "rows.parquet", "--resume")
    assert "1 scored, 0 could not be used, 5 had a row already" in result.stderr
    assert pyarrow.parquet.read_table("rows.parquet").num_rows == 7


def test_a_folder_that_is_empty_yet_may_be_followed(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("empty").mkdir()
    assert "There are no photos in empty" in call("score", "empty", "--out", "rows.csv").stderr
    assert "0 scored" in call("score", "empty", "--out", "rows.csv", "--follow", "0").stderr


def test_globs_and_addresses_name_photos(folder):
    for photos, scored in (("photos/[1-3].png", 3), (f"file://{folder}", 5), (f"file://{folder}/2.png", 1)):
        assert f"{scored} scored" in call("score", photos, "--out", "rows.csv").stderr
    assert "There is no file or folder photos/[7-9]*" in call("score", "photos/[7-9]*", "--out", "rows.csv").stderr
    for out, sentence in (
        ("s3://bucket/rows.csv", "Let it end in .parquet"),
        ("nowhere://b/r.parquet", "cannot be opened"),
    ):
        result = call("score", folder, "--out", out)
        assert (result.exit_code, sentence in result.stderr) == (2, True)


def test_without_ray_the_option_says_how_to_get_it(folder, monkeypatch):
    monkeypatch.setattr("melanoma.commands.score.find_spec", lambda name: None)
    result = call("score", folder, "--out", "rows.parquet", "--engine", "ray")
    assert (result.exit_code, "pip install 'melanoma[ray]'" in result.stderr) == (2, True)


def test_ray_follows_no_folder_and_writes_no_csv(folder):
    pytest.importorskip("ray")
    for words, sentence in ((("--out", "rows.csv"), ".parquet"), (("--out", "r.parquet", "--follow", "1"), "--resume")):
        result = call("score", folder, "--engine", "ray", *words)
        assert (result.exit_code, sentence in result.stderr) == (2, True)


def find_worker_in_work(pid: int) -> int | None:
    """A process of Ray's that scores: one that has started a process that decodes photos."""
    for child, name in list_children(pid).items():
        if name.startswith("ray::") and any("melanoma.photo.worker" in one for one in list_children(child).values()):
            return child
    return None


def wait_for_worker_in_work(score: subprocess.Popen) -> int:
    """The first such process; a command that ends before there is one says why."""
    while (worker := find_worker_in_work(score.pid)) is None:
        try:
            score.wait(0.2)
        except subprocess.TimeoutExpired:
            continue
        raise AssertionError(score.stderr.read())
    return worker


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")
def test_ray_gives_the_same_rows_though_a_worker_is_killed(folder):
    pytest.importorskip("ray")
    for seed in range(6, 60):
        (folder / f"{seed}.png").write_bytes(example_bytes(seed=seed))
    words = [
        sys.executable,
        "-m",
        "melanoma",
        "score",
        "photos",
        "--out",
        "ray.parquet",
        "--engine",
        "ray",
        "--workers",
        "2",
    ]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as score:
        worker = wait_for_worker_in_work(score)
        addresses = list_open_addresses(score.pid)
        os.kill(worker, 9)
        _, said = score.communicate(timeout=300)
    assert "59 scored, 1 could not be used" in said
    assert addresses == {"127.0.0.1"}  # strangers reach nothing of it
    call("score", "photos", "--out", "here.parquet")
    tables = [pyarrow.parquet.read_table(name).sort_by("file") for name in ("ray.parquet", "here.parquet")]
    assert tables[0] == tables[1]
    again = call("score", "photos", "--out", "ray.parquet", "--resume")
    assert "0 scored, 0 could not be used, 60 had a row already" in again.stderr


def test_folders_that_are_not_looked_into_are_named(folder):
    (folder / "more" / "deep").mkdir(parents=True)
    (folder / "more" / "deep" / "7.png").write_bytes(example_bytes(seed=7))
    (folder / "linked").symlink_to("more", target_is_directory=True)
    result = call("score", folder, "--out", "rows.csv")
    assert "Folders were not looked into: linked, more. Add --recursive to look into them." in result.stderr
    result = call("score", folder, "--out", "rows.csv", "--recursive")
    assert "6 scored" in result.stderr
    assert "Links to folders, and folders that may not be read were not looked into: linked." in result.stderr
    result = call("score", folder / "more", "--out", "rows.csv")
    assert (result.exit_code, "Add --recursive to look into folders within." in result.stderr) == (2, True)


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read every folder")
def test_a_folder_that_may_not_be_read_is_named(folder):
    (folder / "closed").mkdir(mode=0)
    assert "looked into: closed." in call("score", folder, "--out", "rows.csv", "--recursive").stderr


def test_rows_go_to_ordinary_files_and_folders_alone(folder):
    Path("rows.parquet").write_text("a file")
    for target, words in (
        ("/dev/full", "is no ordinary file"),
        ("rows.parquet", "is a file, and Parquet is written to"),
    ):
        result = call("score", folder, "--out", target)
        assert (result.exit_code, words in result.stderr) == (2, True)
    (folder / "kept").mkdir()
    Path("link.csv").symlink_to(folder / "kept" / "rows.csv")
    call("score", folder / "1.png", "--out", "link.csv")
    assert sorted(path.name for path in (folder / "kept").iterdir()) == ["rows.csv", "rows.csv.settings.json"]
