"""Maps of many photos in few passes of the network, for measuring: the same maps as tf-keras-vis makes one by one.

tf-keras-vis explains one photo at a time in Python between passes, which is quick enough for a screen and not for
thousands of photos. The formulas here are its own, in batches and in one graph; a test holds both together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property

import keras
import numpy as np
import tensorflow as tf
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

from melanoma.explain.methods import SCORECAM_CHANNELS, SMOOTHGRAD_NOISE, SMOOTHGRAD_SAMPLES, Method
from melanoma.explain.split_network import find_coarse_layer, find_finer_layers, keep_diagnoses

BATCH = 32
LIKELIEST = -1  # in place of a class: that of the highest logit
SINGLE_PASS = (Method.GRADCAM, Method.LAYERCAM, Method.LAYERCAM_FINE)  # all from the same pass

Done = Callable[[int], None]  # is called with the passes of the network that were just done


def ignore(passes: int) -> None:
    """Nobody watches."""


class Graph:
    """A function of tensors as a TensorFlow graph, traced when it is first called: most callers need few."""

    def __init__(self, function: Callable, *signature: tf.TensorSpec, constant: bool = False):
        self._traced = tf.function(function, input_signature=signature)
        self._constant = constant

    def __call__(self, *inputs: tf.Tensor) -> tf.Tensor:
        """One tensor for all inputs."""
        return self._run(*inputs)

    @cached_property
    def _run(self) -> Callable:
        if not self._constant:
            return self._traced
        merged = convert_variables_to_constants_v2(self._traced.get_concrete_function())
        return lambda *inputs: tf.nest.flatten(merged(*inputs))[0]


class BatchedMaps:
    """Raw maps, float32, of many photos by any method. Pixels are (n, s, s, 3) from 0 to 255 throughout."""

    def __init__(self, network: keras.Model, temperature: float = 1.0, *, constant: bool = True):
        """`constant`: the weights will not change, so that TensorFlow may merge convolution and normalisation."""
        network = keep_diagnoses(network)
        self.network, self.temperature = network, temperature
        coarse = network.get_layer(find_coarse_layer(network)).output
        fine = [network.get_layer(name).output for name in find_finer_layers(network)]  # several in an ensemble
        self._fine_grid = max(tuple(x.shape[1:3]) for x in fine)
        self.grid = tuple(coarse.shape[1:3])
        self._size = network.input_shape[1]
        before, after = keras.Model(network.inputs, fine), keras.Model(coarse, network.outputs[0])
        middle = (lambda x, training: x[0]) if fine[0] is coarse else keras.Model(fine, coarse)
        to_coarse = keras.Model(network.inputs, coarse)
        pixels, at_coarse, *at_fine = (
            tf.TensorSpec((None, *x.shape[1:]), tf.float32) for x in (network.inputs[0], coarse, *fine)
        )
        classes, cells = tf.TensorSpec((None,), tf.int32), tf.TensorSpec((None, *self.grid), tf.float32)
        # As tf-keras-vis runs the network, nothing merged: the last bit can turn a ReLU, and with it a gradient, on.
        self._before = Graph(lambda x: tf.nest.flatten(before(x, training=False)), pixels)  # a list, as `fine` is
        self._middle = Graph(lambda *x: middle(list(x), training=False), *at_fine)
        self._after = Graph(lambda x: after(x, training=False), at_coarse)
        self._logits = Graph(lambda x: network(x, training=False), pixels, constant=constant)
        self._activations = Graph(lambda x: to_coarse(x, training=False), pixels, constant=constant)
        self._slopes = Graph(self._differentiate_pixels, pixels, classes, constant=constant)
        self._see_through = Graph(self._predict_masked, pixels, cells, constant=constant)
        self._noise: np.ndarray | None = None

    def predict(self, inputs: np.ndarray, done: Done = ignore) -> np.ndarray:
        """inputs: (n, s, s, 3) -> (n, classes) float32 at the run's temperature, rows sum to 1."""
        logits = []
        for rows in split_batches(len(inputs)):
            logits.append(self._logits(as_floats(inputs[rows])).numpy())
            done(rows.stop - rows.start)
        scaled = np.concatenate(logits) / self.temperature
        shifted = np.exp(scaled - scaled.max(axis=1, keepdims=True))
        return shifted / shifted.sum(axis=1, keepdims=True)

    def make_single_pass_maps(
        self, images: np.ndarray, classes: np.ndarray | None = None, done: Done = ignore
    ) -> tuple[np.ndarray, dict[Method, np.ndarray]]:
        """Maps of every method in SINGLE_PASS, (n, h, w) each, and their classes.

        images: (n, s, s, 3); classes: (n,) int, None for the likeliest -> classes (n,), method -> maps.
        """
        wanted = np.full(len(images), LIKELIEST) if classes is None else classes
        parts = []
        for rows in split_batches(len(images)):
            parts.append([x.numpy() for x in self._make_from_one_pass(as_floats(images[rows]), as_ints(wanted[rows]))])
            done(rows.stop - rows.start)
        used, *maps = (np.concatenate(part) for part in zip(*parts, strict=True))
        return used, dict(zip(SINGLE_PASS, maps, strict=True))

    def make_costly_maps(
        self, method: Method, images: np.ndarray, classes: np.ndarray, done: Done = ignore
    ) -> np.ndarray:
        """Maps (n, h, w) by Score-CAM or SmoothGrad, of classes (n,)."""
        one = {Method.SCORECAM: self._make_scorecam, Method.SMOOTHGRAD: self._make_smoothgrad}[method]
        return np.stack([one(pixels, int(c), done) for pixels, c in zip(images, classes, strict=True)])

    def _make_from_one_pass(self, pixels: tf.Tensor, classes: tf.Tensor) -> tuple[tf.Tensor, ...]:
        fine = self._before(pixels)
        with tf.GradientTape() as tape:
            tape.watch(fine)
            coarse = self._middle(*fine)
            logits = self._after(coarse)
            likeliest = tf.argmax(logits, axis=1, output_type=tf.int32)
            classes = tf.where(classes == LIKELIEST, likeliest, classes)
            scores = tf.gather(logits, classes, batch_dims=1)
        slopes, *fine_slopes = tape.gradient(scores, [coarse, *fine])
        maps = make_gradcam(coarse, slopes), make_layercam(coarse, slopes)
        finer = [make_layercam(*each)[..., tf.newaxis] for each in zip(fine, fine_slopes, strict=True)]
        finer = [x if tuple(x.shape[1:3]) == self._fine_grid else tf.image.resize(x, self._fine_grid) for x in finer]
        return classes, *maps, tf.add_n(finer)[..., 0]

    def _differentiate_pixels(self, pixels: tf.Tensor, classes: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            tape.watch(pixels)
            scores = tf.gather(self.network(pixels, training=False), classes, batch_dims=1)
        return tape.gradient(scores, pixels)

    def _make_smoothgrad(self, pixels: np.ndarray, code: int, done: Done) -> np.ndarray:
        """The sensitivity to each pixel, its size averaged over noisy copies: (s, s)."""
        samples = SMOOTHGRAD_SAMPLES
        if self._noise is None:  # the same for every photo
            self._noise = np.random.RandomState(0).normal(size=(samples, *pixels.shape)).astype(np.float32)
        spread = float(np.ptp(pixels))
        noisy = pixels.astype(np.float32) + SMOOTHGRAD_NOISE * spread * self._noise
        total = np.zeros(pixels.shape, np.float32)
        for rows in split_batches(samples):
            classes = np.full(rows.stop - rows.start, code)
            total += np.abs(self._slopes(as_floats(noisy[rows]), as_ints(classes)).numpy()).sum(axis=0)
            done(3 * (rows.stop - rows.start))
        return (total / samples).max(axis=-1)

    def _make_scorecam(self, pixels: np.ndarray, code: int, done: Done) -> np.ndarray:
        """Features weighted by the uncalibrated probability that each leaves when the photo is seen through it."""
        features = self._activations(as_floats(pixels[None])).numpy()[0]
        channels = min(SCORECAM_CHANNELS, features.shape[-1])
        strongest = np.argsort(-features.std(axis=(0, 1)), kind="stable")[:channels]
        features = np.ascontiguousarray(np.moveaxis(features[..., strongest], -1, 0))  # (channels, h, w)
        weights = []
        for rows in split_batches(channels):
            weights.append(self._see_through(as_floats(pixels[None]), as_floats(features[rows])).numpy()[:, code])
            done(rows.stop - rows.start)
        return np.maximum(np.tensordot(np.concatenate(weights), features, axes=1), 0)

    def _predict_masked(self, pixels: tf.Tensor, cells: tf.Tensor) -> tf.Tensor:
        """Probabilities of one photo (1, s, s, 3) seen through each of the maps (k, h, w), stretched to 0..1."""
        across, down = (interpolate_corners(n, self._size) for n in self.grid[::-1])
        stretched = tf.einsum("yh,khw,xw->kyx", down, cells, across)
        low, high = (f(stretched, axis=(1, 2), keepdims=True) for f in (tf.reduce_min, tf.reduce_max))
        masks = (stretched - low) / (high - low + keras.backend.epsilon())
        return tf.nn.softmax(self.network(pixels * masks[..., None], training=False))


def make_gradcam(features: tf.Tensor, slopes: tf.Tensor) -> tf.Tensor:
    """Features (n, h, w, k) weighted by their mean slope, what is positive: (n, h, w)."""
    return tf.nn.relu(tf.reduce_sum(features * tf.reduce_mean(slopes, axis=(1, 2), keepdims=True), axis=-1))


def make_layercam(features: tf.Tensor, slopes: tf.Tensor) -> tf.Tensor:
    """Each place of each feature by its own positive slope."""
    return tf.nn.relu(tf.reduce_sum(features * tf.nn.relu(slopes), axis=-1))


def interpolate_corners(cells: int, side: int) -> np.ndarray:
    """(side, cells) float32: linear interpolation whose outer places are the centres of the outer cells."""
    at = np.linspace(0, cells - 1, side)
    return np.maximum(1 - np.abs(at[:, None] - np.arange(cells)), 0).astype(np.float32)


def split_batches(n: int) -> Iterator[slice]:
    """Rows of n photos, at most BATCH at a time."""
    for start in range(0, n, BATCH):
        yield slice(start, min(start + BATCH, n))


def as_floats(values: np.ndarray) -> tf.Tensor:
    """As the graphs want pixels."""
    return tf.constant(values, tf.float32)


def as_ints(values: np.ndarray) -> tf.Tensor:
    """As the graphs want classes."""
    return tf.constant(values, tf.int32)
