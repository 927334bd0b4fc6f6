"""run.json, the shared split and the checksums of a run."""

import resource
from contextlib import contextmanager
from dataclasses import replace

import keras
import pandas as pd
import pytest

from melanoma.diagnoses import CODES
from melanoma.run import (
    Calibration,
    OperatingPoint,
    PredictionSet,
    Rates,
    RunError,
    TestRates,
    file_sha256,
    open_run,
    split_path,
    write_checksums,
    write_part,
)
from melanoma.training.architectures import build_network
from melanoma.training.run_files import finish_run, start_run

pytestmark = pytest.mark.slow

COLUMNS = ["image_id", "diagnosis", "group", "source", "split"]


@contextmanager
def files_of_at_most(size: int):
    """As on a disk that is nearly full: bytes beyond `size` of any file cannot be written."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_facts_say_what_was_trained_on_what(tmp_path, settings, table):
    written = start_run(tmp_path / "run", settings, table, started_from=("earlier",), nine_class_set=True)
    run = open_run(tmp_path / "run")
    assert run.facts == written
    assert run.classes == CODES
    assert (run.facts.started_from, run.facts.nine_class_set) == (("earlier",), True)
    assert run.facts.settings == settings
    assert run.facts.seed == settings.seed
    assert run.input_size == settings.input_size
    assert sum(row.photos for row in run.facts.data.counts) == run.facts.data.photos == len(table)
    assert {row.split for row in run.facts.data.counts} == {"train", "validation", "test"}
    assert run.facts.packages["keras"] == keras.__version__


def test_runs_of_one_split_share_its_file_which_is_named_after_its_content(tmp_path, settings, table):
    for name, rows in {"one": table, "two": table.sample(frac=1, random_state=3)}.items():
        start_run(tmp_path / name, settings, rows)
        assert not (tmp_path / name / "split.csv").exists()
    [path] = (tmp_path / "splits").iterdir()
    one, two = open_run(tmp_path / "one"), open_run(tmp_path / "two")
    assert path == split_path(tmp_path, one.facts.data.fingerprint)
    assert path.stem == file_sha256(path) == two.facts.data.fingerprint
    rows = table[COLUMNS].sort_values("image_id", ignore_index=True)
    pd.testing.assert_frame_equal(two.split.drop(columns="kind"), rows, check_dtype=False)
    assert set(two.split["kind"]) == {"dermoscopic"}
    start_run(tmp_path / "three", settings, table.assign(split="train"))
    assert len(list((tmp_path / "splits").iterdir())) == 2


def test_run_json_is_never_written_by_half(tmp_path, settings, table):
    folder = tmp_path / "run"
    facts = start_run(folder, settings, table)
    with files_of_at_most(200), pytest.raises(OSError):
        finish_run(folder, "finished")
    assert open_run(folder).facts == facts
    finish_run(folder, "finished")
    assert open_run(folder).state == "finished"


def test_every_part_of_a_run_is_under_its_checksums(make_run):
    run = make_run("run", build_network("baseline-cnn", input_size=32, classes=9))
    point = OperatingPoint("malignant", 0.1, "a test", "validation", Rates(), TestRates())
    calibration = Calibration(
        temperature=1.5,
        fitted_on="validation",
        default_operating_point="only",
        operating_points={"only": point},
        prediction_set=PredictionSet(0.1, 0.9, {}, {}),
    )
    write_part(run.folder / "calibration.json", calibration)
    write_checksums(run.folder)
    assert open_run(run.folder).calibration == calibration
    parts = {"calibration.json": replace(calibration, temperature=2.0), "run.json": replace(run.facts, seed=1)}
    for name, changed in parts.items():
        before = (run.folder / name).read_bytes()
        write_part(run.folder / name, changed)
        with pytest.raises(RunError, match=f"{name} was changed"):
            open_run(run.folder)
        (run.folder / name).write_bytes(before)
    for name in ("model.keras", "history.csv"):
        before = (run.folder / name).read_bytes()
        (run.folder / name).write_bytes(before + b"0")
        with pytest.raises(RunError, match=f"{name} was changed"):
            open_run(run.folder)
        (run.folder / name).write_bytes(before)
    open_run(run.folder)
