"""The part `faithfulness` of evaluation.json: how far a run's heatmaps can be believed."""

from __future__ import annotations

from dataclasses import dataclass, field

from melanoma.estimates import Estimate


@dataclass(frozen=True)
class Localisation:
    """Where maps lie, against the lesion's share of the crop as chance."""

    photos: int | None = None
    without_evidence: int = 0
    energy_inside: Estimate | None = None
    energy_inside_chance: Estimate | None = None
    energy_to_area: Estimate | None = None
    pointing_game: Estimate | None = None
    pointing_game_chance: Estimate | None = None


@dataclass(frozen=True)
class Perturbation:
    """Deletion or insertion: area under the probability curve, and of a random map; the relative difference."""

    photos: int | None = None
    auc: Estimate | None = None
    auc_random_map: Estimate | None = None
    lower_than_random: Estimate | None = None  # deletion
    higher_than_random: Estimate | None = None  # insertion


@dataclass(frozen=True)
class Stability:
    """Rank correlation of a map before and after small turns and shifts; of another photo's as chance."""

    photos: int | None = None
    spearman: Estimate | None = None
    spearman_another_photo: Estimate | None = None


@dataclass(frozen=True)
class Randomisation:
    """Rank correlation with the map of a network with shuffled weights: of all layers, of the last one."""

    photos: int | None = None
    all_layers: Estimate | None = None
    last_layer: Estimate | None = None


@dataclass(frozen=True)
class PairedDifference(Estimate):
    """Mean difference from the default method, on the photos that both were measured on."""

    photos: int | None = None


@dataclass(frozen=True)
class MethodFaithfulness:
    """Everything measured of one method's maps; None where it was not."""

    all: Localisation | None = None
    right: Localisation | None = None
    wrong: Localisation | None = None
    small_lesions: Localisation | None = None
    expert_masks: Localisation | None = None
    deletion: Perturbation | None = None
    insertion: Perturbation | None = None
    stability: Stability | None = None
    randomised: Randomisation | None = None
    against_default: dict[str, PairedDifference] = field(default_factory=dict)


@dataclass(frozen=True)
class Faithfulness:
    """How many photos were measured, and each method by its name in `explain.heatmaps.Method`, or `centre spot`."""

    command: str
    made: str
    network_sha256: str
    note: str
    photos: int
    methods: dict[str, MethodFaithfulness]
    default_method: str = "gradcam"
    split: str = "test"
    lesions: int | None = None
    sample: int | None = None  # photos of what asks the network again
    sample_costly: int | None = None  # the same for methods of many passes
    sample_costly_views: int | None = None  # photos of their stability and randomisation
