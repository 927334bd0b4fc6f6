import shutil

import numpy as np
import pytest

from melanoma.photo.preprocessing import network_input
from melanoma.run import folder as runs
from melanoma.run.folder import DEFAULT_RUN, MODELS, open_run
from melanoma.serving.classifier import calibrated, open_engine
from melanoma.training.distillation import Teachers

PHOTOS = np.random.default_rng(3).integers(60, 200, (3, 288, 288, 3)).astype(np.float32)


def test_several_teachers_answer_with_their_mean_each_at_its_own_size():
    first, second = (open_run(MODELS / name) for name in (DEFAULT_RUN, "baseline-cnn"))
    taught = Teachers([first, second])(PHOTOS)
    alone = []
    for run in (first, second):
        engine = open_engine(run)
        seen = np.stack([network_input(photo.astype(np.uint8), engine.input_size) for photo in PHOTOS])
        alone.append(calibrated(engine.forward(seen)[0], 1.0))
    assert not np.allclose(alone[0], alone[1], atol=0.05)
    np.testing.assert_allclose(taught, (alone[0] + alone[1]) / 2, atol=1e-4)
    np.testing.assert_allclose(taught.sum(axis=1), 1, atol=1e-5)


def test_teacher_that_was_changed_is_refused(tmp_path):
    folder = tmp_path / "changed"
    shutil.copytree(MODELS / "baseline-cnn", folder)
    (folder / "model.keras").write_bytes(b"another network")
    with pytest.raises(runs.RunError):
        Teachers([open_run(folder)])
