"""Maps from the process that holds TensorFlow: those of an explainer here, and the process ends when it is idle."""

import os
import signal
import subprocess
import sys

import numpy as np
import pytest

from melanoma.explain import Method
from melanoma.explain.drawing import DrawingProcess, RemoteExplainer
from melanoma.photo import draw_example, network_input
from melanoma.run import Run, RunError

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def temporary(tmp_path_factory):
    """The folder of temporary files of processes that are started from now on."""
    folder = tmp_path_factory.mktemp("temporary")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(folder))
        yield folder


@pytest.fixture(scope="module")
def process(temporary):
    process = DrawingProcess()
    yield process
    process.close()


@pytest.fixture
def pixels(run) -> np.ndarray:
    return network_input(draw_example(), run.input_size)


def test_maps_are_those_that_an_explainer_makes_here(run, pixels, process):
    from melanoma.explain.explainer import Explainer

    here, there = Explainer.open(run), RemoteExplainer(run, process)
    for ours, its in (
        (
            here.make_heatmap(pixels, "MEL", Method.LAYERCAM_FINE),
            there.make_heatmap(pixels, "MEL", Method.LAYERCAM_FINE),
        ),
        *zip(here.make_heatmaps(pixels).values(), there.make_heatmaps(pixels).values(), strict=True),
    ):
        np.testing.assert_allclose(its.values, ours.values, atol=1e-5)
        assert (its.diagnosis, its.method, its.layer) == (ours.diagnosis, ours.method, ours.layer)
        assert its.peak == pytest.approx(ours.peak, abs=1e-5)
    ours, its = here.make_contrast(pixels, "MEL", "NV"), there.make_contrast(pixels, "MEL", "NV")
    np.testing.assert_allclose(its.values, ours.values, atol=1e-5)
    assert (its.diagnosis, its.against, its.layer) == (ours.diagnosis, ours.against, ours.layer)


def test_the_crop_is_in_no_file(run, pixels, process, temporary):
    RemoteExplainer(run, process).make_heatmap(pixels, "MEL", Method.LAYERCAM)
    files = [path.read_bytes() for path in temporary.rglob("*") if path.is_file()]
    assert not any(row.tobytes() in content for content in files for row in pixels[::64])


def test_a_run_that_cannot_be_drawn_says_why_and_the_process_stays(tmp_path, pixels, process, run):
    (tmp_path / "none").mkdir()
    with pytest.raises(RunError, match="keeps its history and results"):
        RemoteExplainer(Run(tmp_path / "none"), process).make_heatmap(pixels, "MEL")
    before = process.pid
    assert RemoteExplainer(run, process).make_heatmap(pixels, "MEL").peak > 0
    assert process.pid == before is not None


def test_a_process_that_is_killed_is_one_sentence_and_the_next_map_has_a_new_one(run, pixels, process):
    explainer = RemoteExplainer(run, process)
    first = explainer.make_heatmap(pixels, "MEL")
    killed = process.pid
    os.kill(killed, signal.SIGKILL)
    try:
        again = explainer.make_heatmap(pixels, "MEL")
    except RunError as error:  # killed, and not yet seen to be gone, when it was asked
        assert "Try again" in str(error)
        again = explainer.make_heatmap(pixels, "MEL")
    assert process.pid != killed
    np.testing.assert_allclose(again.values, first.values, atol=1e-5)


def test_a_map_that_takes_too_long_is_given_up(run, pixels):
    hasty = DrawingProcess(seconds=0.1)
    with pytest.raises(RunError, match="took too long"):
        RemoteExplainer(run, hasty).make_heatmap(pixels, "MEL")
    assert hasty.pid is None


def test_it_ends_when_nobody_asks(tmp_path, pixels):
    idle = DrawingProcess(idle=0.0)
    with pytest.raises(RunError):
        RemoteExplainer(Run(tmp_path), idle).make_heatmap(pixels, "MEL")
    idle._ending.join(30)
    assert idle.pid is None


def test_a_process_is_opened_ahead_for_the_first_map(run, pixels):
    ahead = DrawingProcess()
    waiting = RemoteExplainer(run, ahead).warm_up()
    assert waiting is not None
    waiting.join(120)
    started = ahead.pid
    assert started is not None
    assert RemoteExplainer(run, ahead).warm_up() is None
    assert RemoteExplainer(run, ahead).make_heatmap(pixels, "MEL").peak > 0
    assert ahead.pid == started
    ahead.close()


def test_a_process_that_was_opened_ahead_ends_when_nobody_asks(run):
    idle = DrawingProcess(idle=0.0)
    waiting = RemoteExplainer(run, idle).warm_up()
    assert waiting is not None
    waiting.join(120)
    idle._ending.join(30)
    assert idle.pid is None


def test_who_asks_loads_no_tensorflow():
    code = "import sys, melanoma.explain.drawing; print([m for m in ('tensorflow', 'keras') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
