"""A finished network's kernels are numbers that half precision holds."""

import keras
import numpy as np
import pytest

from melanoma.training.architectures import add_kind_head, build_network
from melanoma.training.checkpoint import save_deflated
from melanoma.training.half_precision import KERNELS, round_network
from melanoma.training.onnx_export import fits_half_precision

pytestmark = pytest.mark.slow


def test_a_rounded_network_answers_nearly_the_same_and_its_file_is_smaller(tmp_path):
    keras.utils.set_random_seed(2)
    path, pixels = tmp_path / "model.keras", np.random.default_rng(0).uniform(0, 255, (4, 64, 64, 3)).astype("float32")
    network = add_kind_head(build_network("efficientnet-lite0", input_size=64, classes=9))
    save_deflated(network, path)
    before, size = network.predict_on_batch(pixels), path.stat().st_size
    round_network(path)
    rounded = keras.saving.load_model(path, compile=False)
    for layer in rounded.layers:
        if isinstance(layer, KERNELS):
            assert all(fits_half_precision(weights) for weights in layer.get_weights())
    for one, other in zip(before, rounded.predict_on_batch(pixels), strict=True):
        assert np.abs(one - other).max() < 0.01 * np.abs(one).max()
    assert path.stat().st_size < 0.75 * size
