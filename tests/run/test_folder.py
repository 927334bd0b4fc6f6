"""A run folder opens whole, verified and typed, or is refused in one sentence."""

import json
import os
import re
import shutil
from dataclasses import replace

import msgspec
import pandas as pd
import pytest

from melanoma.run import (
    DEFAULT_RUN,
    Run,
    RunError,
    RunFacts,
    find_run,
    open_run,
    split_path,
    write_checksums,
    write_part,
)
from melanoma.run.folder import CHECKSUMS

FACTS = {
    "name": "small",
    "state": "finished",
    "architecture": "baseline-cnn",
    "input": {"size": 8},
    "settings": {"architecture": "baseline-cnn", "input_size": 8, "epochs": 1, "samples_per_epoch": 32},
    "data": {"fingerprint": "0" * 64, "photos": 3, "lesion_groups": 2},
    "seed": 20,
    "started": "2026-01-01T00:00:00+00:00",
}


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "small"
    folder.mkdir()
    write_part(folder / "run.json", FACTS)
    (folder / "history.csv").write_text("epoch,loss\n1,0.5\n")
    write_checksums(folder)
    return folder


def test_a_run_opens_with_what_it_has(folder):
    run = open_run(folder)
    assert (run.name, run.state, run.input_size) == ("small", "finished", 8)
    assert run.history["loss"].tolist() == [0.5]
    assert (run.predictions, run.split, run.calibration, run.evaluation, run.network_path) == (None,) * 5


def test_checksums_are_replaced_at_once(folder):
    before = (folder / CHECKSUMS).read_text()
    (folder / "history.csv").write_text("epoch,loss\n1,0.25\n")
    with (folder / CHECKSUMS).open() as reader:  # while another process reads them
        write_checksums(folder)
        assert reader.read() == before
    assert (folder / CHECKSUMS).read_text() != before
    assert sorted(path.name for path in folder.iterdir()) == [CHECKSUMS, "history.csv", "run.json"]


def test_every_part_of_a_shipped_run_comes_back_as_it_was_written(tmp_path):
    run = find_run(DEFAULT_RUN)
    for part in (run.facts, run.calibration, run.evaluation):
        write_part(tmp_path / "part.json", part)
        assert msgspec.convert(json.loads((tmp_path / "part.json").read_text()), type(part)) == part


PARTS = ("model.keras", "model.onnx", "history.csv", "predictions.csv", "calibration.json", "evaluation.json")


@pytest.mark.parametrize("name", PARTS)
def test_every_part_is_checksummed(folder, name):
    (folder / name).write_text("{}")
    with pytest.raises(RunError, match=f"{re.escape(name)} (is not among|was changed)"):
        open_run(folder)
    (folder / CHECKSUMS).unlink()
    write_checksums(folder)
    assert name in (folder / CHECKSUMS).read_text()


def test_a_changed_file_is_refused_by_name(folder):
    (folder / "history.csv").write_text("epoch,loss\n1,0.1\n")
    with pytest.raises(RunError, match=r"small/history.csv was changed"):
        open_run(folder)


def test_a_missing_file_is_refused_by_name(folder):
    (folder / "history.csv").unlink()
    with pytest.raises(RunError, match=r"history.csv is missing"):
        open_run(folder)


def test_a_run_without_checksums_is_refused_unless_it_is_training(folder):
    (folder / CHECKSUMS).unlink()
    with pytest.raises(RunError, match="no checksums"):
        open_run(folder)
    write_part(folder / "run.json", FACTS | {"state": "training"})
    assert open_run(folder).state == "training"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("{", "it is no JSON"),
        ("[]", "Expected `object`, got `array`"),
        (json.dumps({k: v for k, v in FACTS.items() if k != "data"}), "missing required field `data`"),
        (json.dumps(FACTS | {"state": "done"}), "Invalid enum value 'done'"),
        (json.dumps(FACTS | {"input": {"size": "eight"}}), "Expected `int`, got `str`"),
    ],
)
def test_facts_that_do_not_fit_are_refused_in_one_sentence(folder, content, why):
    (folder / "run.json").write_text(content)
    with pytest.raises(RunError) as caught:
        open_run(folder)
    message = str(caught.value)
    assert message.startswith("small/run.json cannot be read")
    assert why in message
    assert message.endswith("Restore it or remove the run.")


def test_a_calibration_that_does_not_fit_is_refused_when_the_run_is_opened(folder):
    write_part(folder / "calibration.json", {"temperature": "warm"})
    write_checksums(folder)
    with pytest.raises(RunError, match=r"small/calibration.json cannot be read: Expected `float`"):
        open_run(folder)


def test_a_part_is_written_whole_or_not_at_all(folder):
    before = (folder / "run.json").read_text()
    with pytest.raises(TypeError):
        write_part(folder / "run.json", FACTS | {"seed": object()})
    assert (folder / "run.json").read_text() == before


def test_a_reader_never_sees_half_a_part(folder, monkeypatch):
    """The file of that name is replaced in one step, by a file that is already whole."""
    from pathlib import Path

    contents = []
    original = Path.replace

    def watch(self, target):
        contents.append((self.read_text(), Path(target).read_text()))
        return original(self, target)

    monkeypatch.setattr(Path, "replace", watch)
    write_part(folder / "run.json", FACTS | {"seed": 21})
    [(new, old)] = contents
    assert json.loads(new)["seed"] == 21
    assert json.loads(old)["seed"] == 20


def test_checksums_are_in_the_format_of_sha256sum(folder):
    digest, name = (folder / CHECKSUMS).read_text().splitlines()[0].split("  ")
    assert (len(digest), name) == (64, "history.csv")


def test_a_name_that_is_no_run_is_one_sentence(tmp_path):
    with pytest.raises(RunError, match=r"photos \[old\] is not a run: it has no run.json"):
        find_run("photos [old]", tmp_path)


def test_a_missing_folder_of_runs_says_how_to_name_one(tmp_path):
    with pytest.raises(RunError, match=r"no folder of runs at .*--models or the variable MELANOMA_MODELS"):
        find_run(DEFAULT_RUN, tmp_path / "absent")


def test_an_answer_depends_on_the_calibration_too(folder):
    run = find_run(DEFAULT_RUN)
    copy = Run(folder)
    for name in ("model.keras", "model.onnx"):
        (folder / name).write_bytes(name.encode())
    write_part(folder / "calibration.json", run.calibration)
    before = copy.answer_sha256
    assert Run(folder).answer_sha256 == before
    write_part(folder / "calibration.json", replace(run.calibration, temperature=run.calibration.temperature + 0.1))
    assert Run(folder).answer_sha256 != before


def test_a_shared_split_is_read_by_its_fingerprint_and_refused_when_changed(folder):
    import hashlib

    content = "image_id,diagnosis,group,source,split\nA,NV,A,here,train\n"
    fingerprint = hashlib.sha256(content.encode()).hexdigest()
    path = split_path(folder.parent, fingerprint)
    path.parent.mkdir()
    path.write_text(content)
    write_part(folder / "run.json", FACTS | {"data": FACTS["data"] | {"fingerprint": fingerprint}})
    write_checksums(folder)
    expected = pd.read_csv(path).assign(kind="dermoscopic")  # as every photo was before there were kinds
    assert open_run(folder).split.to_dict("records") == expected.to_dict("records")
    path.write_text(content.replace("train", "test"))
    with pytest.raises(RunError, match="was changed after it was written"):
        _ = open_run(folder).split


def test_a_run_copied_without_the_shared_splits_still_opens(tmp_path):
    shipped = find_run(DEFAULT_RUN)
    copy = open_run(shutil.copytree(shipped.folder, tmp_path / "copy"))
    assert copy.answer_sha256 == shipped.answer_sha256


def test_facts_say_whether_a_run_was_trained_itself():
    facts = msgspec.convert(FACTS, RunFacts)
    assert facts.is_trained
    assert not replace(facts, averaged=("a", "b")).is_trained


@pytest.mark.parametrize("name", ["run.json", CHECKSUMS, "calibration.json", "predictions.csv"])
@pytest.mark.parametrize("state", ["finished", "training"])
def test_what_would_be_read_for_ever_is_refused_by_name(folder, name, state):
    write_part(folder / "run.json", FACTS | {"state": state})
    for make in (os.mkfifo, lambda path: path.symlink_to("/dev/zero"), lambda path: path.mkdir()):
        shutil.rmtree(folder.parent / "odd", ignore_errors=True)
        odd = folder.parent / "odd"
        shutil.copytree(folder, odd)
        (odd / name).unlink(missing_ok=True)
        make(odd / name)
        with pytest.raises(RunError, match=rf"odd/{name} is no ordinary file\. Restore it or remove the run\."):
            open_run(odd)
