import keras
import numpy as np
import pytest

from melanoma.photo.preprocessing import network_input
from melanoma.run import RunError
from melanoma.serving import calibrate_logits, open_engine
from melanoma.training.architectures import LOGITS, build_network
from melanoma.training.distillation import Teachers

pytestmark = pytest.mark.slow

PHOTOS = np.random.default_rng(3).integers(60, 200, (3, 64, 64, 3)).astype(np.float32)


@pytest.fixture
def teachers(make_run):
    """Two runs of different input sizes that answer differently."""
    keras.utils.set_random_seed(4)
    networks = [build_network("baseline-cnn", input_size=size, classes=9) for size in (32, 48)]
    for favourite, network in enumerate(networks):
        network.get_layer(LOGITS).bias.assign(2 * np.eye(9)[favourite])
    return [make_run(f"run {number}", network) for number, network in enumerate(networks)]


def test_several_teachers_answer_with_their_mean_each_at_its_own_size(teachers):
    answers = Teachers(teachers)(PHOTOS)
    alone = []
    for run in teachers:
        engine = open_engine(run)
        seen = np.stack([network_input(photo.astype(np.uint8), engine.input_size) for photo in PHOTOS])
        alone.append(calibrate_logits(engine.forward(seen).logits, 1.0))
    assert not np.allclose(*alone, atol=0.05)
    np.testing.assert_allclose(answers, np.mean(alone, axis=0), atol=1e-5)
    np.testing.assert_allclose(answers.sum(axis=1), 1, atol=1e-5)


def test_a_teacher_that_was_changed_is_refused(teachers):
    (teachers[1].folder / "model.keras").write_bytes(b"another network")
    with pytest.raises(RunError, match=r"model\.keras was changed"):
        Teachers(teachers)
