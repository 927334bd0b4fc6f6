"""Training that looks at the lesion: the evidence for a photo's diagnosis should lie on the lesion.

A network of convolutions, global average pooling and one dense layer carries its Grad-CAM maps in its forward
pass, so a loss can be put on them directly (in the spirit of Ross 2017, arXiv:1703.03717, and Li 2018,
arXiv:1802.10171, without a second pass).
"""

from __future__ import annotations

import keras
from keras import layers, ops

from melanoma.training.architectures import FEATURES, LOGITS, name_outputs

MAPS = "maps"


def add_maps(network: keras.Model) -> keras.Model:
    """`network`, sharing its layers, with outputs {"logits": (n, c), "maps": (n, h, w, c)}, and "kind" if it says it.

    A map is what the dense layer makes of each cell of the last features, less its bias: the closed form of
    Grad-CAM before its ReLU and scale. The network must end in pooling and one dense layer.
    """
    features, dense = network.get_layer(FEATURES).output, network.get_layer(LOGITS)
    bias = dense(layers.Rescaling(0.0, name="nothing")(features))
    maps = layers.Subtract(name=MAPS)([dense(features), bias])
    return keras.Model(network.input, name_outputs(network) | {MAPS: maps}, name=network.name)


@keras.saving.register_keras_serializable("melanoma")
class LesionAttentionLoss(keras.losses.Loss):
    """Minus the logarithm of the share of a diagnosis's positive evidence that lies on the lesion.

    y_true: (n, h, w, c), for the diagnosis of each photo the share of each cell that is lesion, 0 for the others;
    a photo with zeros alone counts nothing. y_pred: (n, h, w, c) maps. The share is that of `energy_inside` in
    melanoma.explain.faithfulness. A map with hardly any evidence costs most: to show none is no way out.
    """

    SMALL, TINY = 1e-3, 1e-6

    def call(self, y_true, y_pred):
        """(n,) float32, at least 0."""
        counted = ops.cast(ops.max(y_true, axis=(1, 2)) > 0, y_pred.dtype)  # (n, c)
        evidence = ops.relu(y_pred)
        inside = ops.sum(evidence * y_true, axis=(1, 2))
        everywhere = ops.sum(evidence, axis=(1, 2))
        share = (inside + self.TINY) / (everywhere + self.SMALL)
        return -ops.sum(counted * ops.log(share), axis=-1)
