"""A network cut in two at one layer, so that tf-keras-vis stays warm.

tf-keras-vis builds a new model and runs it layer by layer on each call. Here it is given a network of two
layers, before and after the cut, each traced once into a TensorFlow graph: what it builds is then tiny.
"""

from __future__ import annotations

import warnings
from functools import cached_property

import keras
import numpy as np
import tensorflow as tf

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # tf-keras-vis 0.8.7 imports SciPy by an old name
    from tf_keras_vis.gradcam import Gradcam
    from tf_keras_vis.layercam import Layercam
    from tf_keras_vis.saliency import Saliency
    from tf_keras_vis.scorecam import Scorecam
    from tf_keras_vis.utils.scores import CategoricalScore

from melanoma.explain.methods import SCORECAM_CHANNELS, SMOOTHGRAD_NOISE, SMOOTHGRAD_SAMPLES, Method

FEATURES = "features"  # `architectures.FEATURES`; training code is not imported here
RAW = {"normalize_cam": False, "expand_cam": False, "seek_penultimate_conv_layer": False}
GRADIENT_METHODS = {Method.GRADCAM: Gradcam, Method.LAYERCAM: Layercam, Method.LAYERCAM_FINE: Layercam}


def keep_diagnoses(network: keras.Model) -> keras.Model:
    """The network with its first output alone, the logits of the diagnoses: what is explained."""
    if len(network.outputs) == 1:
        return network
    return keras.Model(network.inputs, network.outputs[0], name=network.name)


def read_map_side(layer: keras.Layer) -> int:
    """Height of a layer's output map, in cells; 0 when it is no map."""
    output = layer.output
    return output.shape[1] if hasattr(output, "shape") and len(output.shape) == 4 else 0


def split_branches(network: keras.Model) -> list[keras.Model]:
    """The members of an ensemble (`melanoma.training.ensemble`), or the network itself where it is none.

    Each gives its share of the logits. They add up to the ensemble's, so a gradient within one is the same.
    """
    joint = next((layer for layer in network.layers if layer.name == FEATURES), None)
    if not isinstance(joint, keras.layers.Concatenate):
        return [network]
    kernel, bias = network.get_layer("logits").get_weights()
    branches, start = [], 0
    for features in joint.input:
        end = start + features.shape[-1]
        dense = keras.layers.Dense(kernel.shape[1], name="logits")
        branches.append(keras.Model(network.inputs, dense(keras.layers.GlobalAveragePooling2D(name="pool")(features))))
        dense.set_weights([kernel[start:end], bias / len(joint.input)])
        start = end
    return branches


def find_coarse_layer(network: keras.Model) -> str:
    """Name of the last feature map: `features`, also after a branch's name, or else the last convolution."""
    for layer in reversed(network.layers):
        if layer.name == FEATURES or layer.name.endswith(f"_{FEATURES}"):
            return layer.name
    return next(layer.name for layer in reversed(network.layers) if isinstance(layer, keras.layers.Conv2D))


def find_finer_layers(network: keras.Model) -> list[str]:
    """`find_finer_layer` of each of the network's branches."""
    return [find_finer_layer(branch, find_coarse_layer(branch)) for branch in split_branches(network)]


def find_finer_layer(network: keras.Model, coarse: str) -> str:
    """Name of the last activation with at least twice the resolution of `coarse` that everything passes through."""
    wanted = 2 * read_map_side(network.get_layer(coarse)) - 1
    names = [layer.name for layer in network.layers]
    for layer in reversed(network.layers[: names.index(coarse)]):
        active = getattr(layer, "activation", None) is keras.activations.relu
        if read_map_side(layer) >= wanted and (
            active or isinstance(layer, keras.layers.ReLU | keras.layers.Activation)
        ):
            try:
                keras.Model(layer.output, network.outputs)
            except ValueError:  # a shortcut leads around it
                continue
            return layer.name
    return coarse


class Traced(keras.layers.Layer):
    """A model as one layer, run as a graph."""

    def __init__(self, model: keras.Model, name: str):
        super().__init__(name=name)
        self.model = model
        signature = [tf.TensorSpec(model.input_shape, tf.float32)]
        self.graph = tf.function(lambda inputs: model(inputs, training=False), input_signature=signature)

    def call(self, inputs):
        """Run the graph, as the model without dropout."""
        return self.graph(inputs)

    def compute_output_shape(self, input_shape):
        """Shape of the model's output; Keras asks for it."""
        return self.model.output_shape


class SplitNetwork:
    """One network cut at `layer`, and the tf-keras-vis methods on it. Values are raw, float32."""

    def __init__(self, network: keras.Model, layer: str):
        at = network.get_layer(layer).output
        self.network, self.layer = network, layer
        self.before = Traced(keras.Model(network.inputs, at), "before")
        self.after = Traced(keras.Model(at, network.outputs[0]), "after")
        pixels = [keras.Input(network.input_shape[1:])]
        self.model = keras.Model(pixels, self.after(self.before(pixels[0])))
        silent = self.model.predict
        self.model.predict = lambda *args, **options: silent(*args, verbose=0, **options)

    @cached_property
    def kernel(self) -> np.ndarray | None:
        """(k, c) of the dense layer when pooling, dropout and it are all that follows the cut; else None."""
        layers = [
            x for x in self.after.model.layers if not isinstance(x, keras.layers.InputLayer | keras.layers.Dropout)
        ]
        if [type(x) for x in layers] != [keras.layers.GlobalAveragePooling2D, keras.layers.Dense]:
            return None
        return layers[-1].kernel.numpy()

    @property
    def grid(self) -> tuple[int, int]:
        """Height and width of the map at the cut."""
        return tuple(self.before.model.output_shape[1:3])

    def forward(self, inputs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """inputs: (n, s, s, 3) -> logits (n, c), features (n, h, w, k)."""
        features = self.before.graph(tf.constant(inputs, tf.float32))
        return self.after.graph(features).numpy(), features.numpy()

    def make_map(self, method: Method, pixels: np.ndarray, number: int) -> np.ndarray:
        """Map (h, w) >= 0 of logit `number` for pixels (s, s, 3)."""
        seed = pixels[None].astype(np.float32)
        score = CategoricalScore([number])
        if method == Method.SMOOTHGRAD:
            return self._make_smoothgrad(seed, score)
        if method == Method.SCORECAM:
            channels = min(SCORECAM_CHANNELS, self.before.model.output_shape[-1])
            maps = Scorecam(self.model)(score, seed, self.before, max_N=channels, **RAW)
        else:
            maps = GRADIENT_METHODS[method](self.model)(score, seed, self.before, **RAW)
        return np.asarray(maps)[0]

    def trace(self, *, to_pixels: bool) -> None:
        """Have TensorFlow trace what the maps run, on a blank picture; to_pixels: SmoothGrad's way too."""
        seed, score = np.zeros((1, *self.model.input_shape[1:]), np.float32), CategoricalScore([0])
        Gradcam(self.model)(score, seed, self.before, **RAW)
        if to_pixels:
            Saliency(self.model)(score, seed, keepdims=True)

    def make_contrast(self, pixels: np.ndarray, first: int, second: int) -> np.ndarray:
        """Signed Grad-CAM (h, w) of logit `first` - logit `second`."""
        seed = pixels[None].astype(np.float32)
        maps = Gradcam(self.model)(
            lambda logits: logits[:, first] - logits[:, second], seed, self.before, activation_modifier=None, **RAW
        )
        return np.asarray(maps)[0].astype(np.float32)

    def _make_smoothgrad(self, seed: np.ndarray, score: CategoricalScore) -> np.ndarray:
        state = np.random.get_state()  # tf-keras-vis draws from NumPy's global generator
        np.random.seed(0)
        try:
            gradient = Saliency(self.model)(
                score,
                seed,
                smooth_samples=SMOOTHGRAD_SAMPLES,
                smooth_noise=SMOOTHGRAD_NOISE,
                normalize_map=False,
                keepdims=True,
            )
        finally:
            np.random.set_state(state)
        return np.abs(np.asarray(gradient)[0]).max(axis=-1)
