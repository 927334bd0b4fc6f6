"""Rows of `score` are kept as they come, gone on with, and never mixed with those of other settings."""

import csv
import os
from dataclasses import replace

import pyarrow.parquet
import pytest

from melanoma.photo import example_bytes
from melanoma.run import RunError
from melanoma.serving import Classifier
from melanoma.serving.cells import plain_text
from melanoma.serving.row_files import SHARD, ScoreSettings, open_rows
from melanoma.serving.rows import COLUMNS, score_photos

SETTINGS = ScoreSettings("a run", "a hash", "high-sensitivity", None)


@pytest.fixture(scope="module")
def rows(run, tmp_path_factory) -> list[dict]:
    """Two rows of photos and one of a file that is none; one name is not valid Unicode."""
    folder = tmp_path_factory.mktemp("photos")
    paths = [folder / "a.png", folder / os.fsdecode(b"caf\xe9.png"), folder / "c.png"]
    for path, content in zip(paths, (example_bytes(seed=1), example_bytes(seed=2), b"no photo"), strict=True):
        path.write_bytes(content)
    return list(score_photos(Classifier.open(run, many=True), paths))


def write(target, rows, settings=SETTINGS, **options):
    file = open_rows(str(target), settings, **{"resume": False} | options)
    new = [row for row in rows if (plain_text(row["file"]), row["sha256"]) not in file.done]
    for row in new:
        file.write(row)
    file.close()
    return new


def read_parquet(folder) -> list[dict]:
    """As a CSV has them."""
    table = pyarrow.parquet.read_table(folder).to_pylist()
    return [
        {name: "" if cell is None else f"{cell:.6f}" if isinstance(cell, float) else cell for name, cell in row.items()}
        for row in table
    ]


def test_parquet_holds_the_rows_of_the_csv(rows, tmp_path):
    write(tmp_path / "rows.csv", rows)
    write(tmp_path / "rows.parquet", rows)
    with (tmp_path / "rows.csv").open(newline="", encoding="utf-8", errors="surrogateescape") as file:
        stored = [{name: plain_text(cell) for name, cell in row.items()} for row in csv.DictReader(file)]
    assert read_parquet(tmp_path / "rows.parquet") == stored
    assert [row["file"][-8:] for row in stored[1:2]] == ["\\xe9.png"]
    table = pyarrow.parquet.read_table(tmp_path / "rows.parquet")
    assert tuple(table.column_names) == COLUMNS
    assert [str(table.schema.field(name).type) for name in ("malignant", "p_MEL", "kind")] == ["double"] * 2 + [
        "string"
    ]


@pytest.mark.parametrize("name", ["rows.csv", "rows.parquet"])
def test_what_has_a_row_gets_no_other(rows, tmp_path, name):
    write(tmp_path / name, rows[:2])
    assert write(tmp_path / name, rows, resume=True) == rows[2:]
    assert write(tmp_path / name, rows, resume=True) == []
    changed = {**rows[0], "sha256": "0" * 64}
    assert write(tmp_path / name, [changed], resume=True) == [changed]


@pytest.mark.parametrize("name", ["rows.csv", "rows.parquet"])
@pytest.mark.parametrize("other", [{"operating_point": "balanced"}, {"kind": "clinical"}, {"sha256": "another"}])
def test_rows_of_other_settings_are_not_mixed(rows, tmp_path, name, other):
    write(tmp_path / name, rows)
    with pytest.raises(RunError, match="rows of another network, operating point or kind"):
        open_rows(str(tmp_path / name), replace(SETTINGS, **other), resume=True)


def test_a_csv_of_unknown_settings_or_columns_is_not_gone_on_with(rows, tmp_path):
    write(tmp_path / "rows.csv", rows)
    beside = tmp_path / "rows.csv.settings.json"
    (tmp_path / "rows.csv").write_text("file,sha256\na.png,0\n")
    with pytest.raises(RunError, match="not written by this version"):
        open_rows(str(tmp_path / "rows.csv"), SETTINGS, resume=True)
    for content in ("", "[]", '{"run": 1}'):
        beside.write_text(content)
        with pytest.raises(RunError, match="rows of another network"):
            open_rows(str(tmp_path / "rows.csv"), SETTINGS, resume=True)


def test_a_csv_that_was_cut_off_anywhere_becomes_whole(rows, tmp_path):
    target = tmp_path / "rows.csv"
    write(target, rows)
    whole = target.read_bytes()
    for cut in (*range(0, len(whole), 40), len(whole) - 1):
        target.write_bytes(whole[:cut])
        write(target, rows, resume=True)
        assert target.read_bytes() == whole


def test_a_parquet_folder_is_not_written_over(rows, tmp_path):
    write(tmp_path / "rows.parquet", rows)
    with pytest.raises(RunError, match="holds rows already"):
        open_rows(str(tmp_path / "rows.parquet"), SETTINGS, resume=False)


def test_parquet_rows_are_kept_before_the_end(rows, tmp_path):
    file = open_rows(str(tmp_path / "rows.parquet"), SETTINGS, resume=False)
    for _ in range(SHARD + 1):
        file.write(rows[0])
    assert len(read_parquet(tmp_path / "rows.parquet")) == SHARD


def test_rows_go_into_a_store_by_its_address(rows, tmp_path):
    write(f"file://{tmp_path}/rows.parquet", rows)
    assert len(read_parquet(tmp_path / "rows.parquet")) == 3
    with pytest.raises(RunError, match="cannot be opened"):
        open_rows("nowhere://bucket/rows.parquet", SETTINGS, resume=False)
