"""How a heatmap can be made, and what a user should know of each way."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

SCORECAM_CHANNELS = 64  # Score-CAM asks the network once for each; those that vary most over the picture
SMOOTHGRAD_SAMPLES = 24
SMOOTHGRAD_NOISE = 0.1  # standard deviation, as a share of the picture's range of values


class Method(StrEnum):
    """How a heatmap is made. All but the closed form of Grad-CAM go through tf-keras-vis.

    Grad-CAM++ is left out: before average pooling and one dense layer, every place of a feature has the same
    gradient, and its map is that of Layer-CAM times a constant.
    """

    GRADCAM = "gradcam"
    LAYERCAM = "layercam"
    LAYERCAM_FINE = "layercam-fine"
    SCORECAM = "scorecam"
    SMOOTHGRAD = "smoothgrad"

    @property
    def facts(self) -> MethodFacts:
        """Name for the screen, cost and what the map means."""
        return FACTS[self]


@dataclass(frozen=True)
class MethodFacts:
    """What a user should know of a method; `passes` counts runs of the network, a backward one as two."""

    label: str
    passes: int
    meaning: str
    source: str


FACTS = {
    Method.GRADCAM: MethodFacts(
        "Grad-CAM",
        3,
        "features weighted by how much each raises the diagnosis, kept where the sum is positive; where the network "
        "ends in average pooling it comes with the probabilities at no extra cost",
        "Selvaraju 2017, arXiv:1610.02391",
    ),
    Method.LAYERCAM: MethodFacts(
        "Layer-CAM",
        3,
        "each place of each feature with its own positive weight",
        "Jiang 2021, doi:10.1109/TIP.2021.3089943",
    ),
    Method.LAYERCAM_FINE: MethodFacts(
        "Layer-CAM, finer layer",
        3,
        "Layer-CAM on an earlier layer with at least twice the resolution: sharper, less tied to the diagnosis",
        "Jiang 2021, doi:10.1109/TIP.2021.3089943",
    ),
    Method.SCORECAM: MethodFacts(
        "Score-CAM",
        SCORECAM_CHANNELS + 2,
        f"the probability that is left when the photo is masked with one feature, for the {SCORECAM_CHANNELS} features "
        "that vary most; no gradient",
        "Wang 2020, arXiv:1910.01279",
    ),
    Method.SMOOTHGRAD: MethodFacts(
        "SmoothGrad",
        3 * SMOOTHGRAD_SAMPLES,
        f"sensitivity to each pixel, averaged over {SMOOTHGRAD_SAMPLES} noisy copies; without sign, so never empty",
        "Smilkov 2017, arXiv:1706.03825",
    ),
}

# What the app and the commands draw when nobody chooses. Decided here alone; `explain-check` measures every method
# against it and says so in its report.
DEFAULT_METHOD = Method.GRADCAM
