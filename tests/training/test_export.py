"""An export is kept when it answers as Keras does, and only then."""

import shutil
import sys

import numpy as np
import pytest

from melanoma.run import folder as runs
from melanoma.training import export


@pytest.fixture
def copied(run, tmp_path) -> runs.Run:
    """A copy of the default run, without an export."""
    folder = shutil.copytree(run.folder, tmp_path / run.name)
    (folder / "model.onnx").unlink(missing_ok=True)
    runs.seal(folder)
    return runs.open_run(folder)


def test_export_is_recorded_and_sealed(copied):
    (copied.folder / "model.tflite").write_bytes(b"of an earlier version")
    facts = export.export(copied.folder)
    assert not (copied.folder / "model.tflite").exists()
    again = runs.open_run(copied.folder)  # verifies the checksums
    assert (copied.folder / "model.onnx").exists()
    assert again.facts["export"] == facts
    assert facts["network_sha256"] == copied.sha256
    assert facts["photos"] >= 8
    assert facts["probability_difference"] <= 1e-3
    assert facts["map_difference"] <= 1e-4


def test_an_export_that_differs_is_not_kept(copied, monkeypatch):
    # Stricter than float32 arithmetic can be: stands for a converter that does not keep the numbers.
    monkeypatch.setattr(export, "PROBABILITY_TOLERANCE", -1.0)
    before = (copied.folder / runs.SUMS).read_text()
    with pytest.raises(runs.RunError, match="differs from Keras"):
        export.export(copied.folder)
    assert not list(copied.folder.glob("model.onnx*"))
    assert (copied.folder / runs.SUMS).read_text() == before


def test_without_the_converter_one_sentence_says_what_to_install(copied, monkeypatch):
    monkeypatch.setitem(sys.modules, "tf2onnx", None)
    with pytest.raises(runs.RunError, match=r"needs tf2onnx: run `pip install"):
        export.export(copied.folder)


@pytest.mark.parametrize("value", [np.nan, 2e-3])
def test_an_answer_that_is_not_a_number_or_too_far_is_refused(value):
    facts = {"probability_difference": float(value), "map_difference": None}
    with pytest.raises(runs.RunError, match="differs from Keras"):
        export.refuse_if_different("run", facts)


def test_an_unreadable_photo_leaves_the_run_as_it_was(copied, tmp_path):
    before = (copied.folder / runs.SUMS).read_text()
    with pytest.raises(FileNotFoundError):
        export.export(copied.folder, [tmp_path / "absent.jpg"])
    assert (copied.folder / runs.SUMS).read_text() == before
