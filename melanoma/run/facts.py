"""run.json: what a run is, how it came about, and what it learned from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from melanoma.diagnoses import CODES
from melanoma.run.settings import TrainingSettings

State = Literal["training", "finished", "interrupted"]


@dataclass(frozen=True)
class SplitCount:
    """How many photos of one diagnosis one source has in one split."""

    split: str
    source: str
    diagnosis: str
    photos: int


@dataclass(frozen=True)
class DataFacts:
    """What was learned from. fingerprint: SHA-256 of ids, diagnoses, groups, sources and splits."""

    fingerprint: str
    photos: int
    lesion_groups: int
    counts: tuple[SplitCount, ...] = ()


@dataclass(frozen=True)
class NetworkInput:
    """What the network takes: the side of its square in pixels, and how a photo becomes it."""

    size: int
    geometry: str = "centre square of the frame"
    resampling: str = "Pillow bicubic"


@dataclass(frozen=True)
class BestEpoch:
    """The epoch whose network is kept, and by which column of history.csv."""

    epoch: int
    metric: str
    value: float


@dataclass(frozen=True)
class Member:
    """One network of an ensemble: its run, the side of its input in pixels, the temperature of its own logits."""

    run: str
    input_size: int
    temperature: float


@dataclass(frozen=True)
class ConceptErasure:
    """The run whose last layer was changed, and on how many training photos the direction was learned."""

    run: str
    photos: int


@dataclass(frozen=True)
class OnnxExport:
    """The file that serves, the network it was made from, and how far its answers lie from Keras's at most.

    map_difference: of a map's peak; None for a network without closed-form maps.
    """

    file: str
    network_sha256: str
    photos: int
    probability_difference: float
    map_difference: float | None = None


@dataclass(frozen=True)
class RunFacts:
    """run.json. Fields that a run has no use for keep their defaults."""

    name: str
    state: State
    architecture: str
    input: NetworkInput
    settings: TrainingSettings
    data: DataFacts
    seed: int
    started: str  # ISO 8601, UTC; so is `ended`
    classes: tuple[str, ...] = CODES  # in the order of the network's outputs
    output: str = "logits"
    protocol: str = "lesion-grouped"  # or `leaky`: the data leakage example
    nine_class_set: bool = False  # only photos of the nine-class ISIC set
    started_from: tuple[str, ...] = ()  # runs whose weights it began with, or is made of
    teachers: tuple[str, ...] = ()
    averaged: tuple[str, ...] = ()  # runs whose weights it is the mean of
    ensemble: tuple[Member, ...] = ()
    concept_erasure: ConceptErasure | None = None
    best: BestEpoch | None = None
    epochs: int = 0  # done
    ended: str = ""
    export: OnnxExport | None = None
    warning: str = ""
    leaked_share: float | None = None  # of the validation rows whose picture is in training too
    packages: dict[str, str] | None = None
    hardware: str = ""
    python: str = ""

    @property
    def unlearned(self) -> tuple[str, ...]:
        """Diagnoses of which no photo was learned from; none where the counts are not stored."""
        counts = self.data.counts
        learned = {count.diagnosis for count in counts if count.split == "train" and count.photos}
        return tuple(code for code in self.classes if code not in learned) if counts else ()

    @property
    def is_trained(self) -> bool:
        """Whether it was fitted itself, not made of other runs."""
        return not (self.averaged or self.ensemble or self.concept_erasure)
