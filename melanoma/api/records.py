"""The types of what the API answers, for its OpenAPI schema.

The JSON itself is made in `documents/answer.py`, as for `predict --json`. A key that these types do not know, or miss,
is refused here, so that the schema cannot say something else.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Record(BaseModel):
    """What has these keys and no others."""

    model_config = ConfigDict(extra="forbid")


class Number(Record):
    """A statistic on test photos and its 95 % interval."""

    value: float
    low: float
    high: float


class TestRates(Record):
    """Null where no photo tells."""

    __test__ = False  # no test class of pytest's

    sensitivity: Number | None
    specificity: Number | None


class Point(Record):
    """Refer when `score` is at least `threshold`; undecided from `undecided_from`."""

    name: str
    score: str = Field(description="`malignant`, or the code of the diagnosis whose probability is compared.")
    threshold: float
    undecided_from: float
    target: str
    test: TestRates


class Answer(Record):
    """What is answered, of one photo or of a lesion."""

    quality: Literal["good", "doubtful", "unusable"]
    quality_reasons: list[str]
    suspicions: list[str]
    cautions: list[str]
    probabilities: dict[str, float] = Field(description="By code of the nine diagnoses; calibrated, sum 1.")
    diagnosis: str
    differential: list[str]
    never_learned: list[str]
    malignant: float
    decision: Literal["refer", "undecided", "routine"]
    decision_reason: Literal["quality", "suspicion", "one photo", "score"]
    operating_point: Point
    score: float
    run: str
    network_sha256: str
    use: str


class PhotoAnswer(Answer):
    """Of one photo. Routine never reads as harmless."""

    file: str
    sha256: str
    notes: list[str]
    kind: Literal["dermoscopic", "clinical", "other"]
    kind_read_as: Literal["dermoscopic", "clinical"]
    kind_stated_by_user: bool


class LesionAnswer(Answer):
    """Of the lesion that all photos show; the last of the list where there are several."""

    lesion: list[str]
    sha256: list[str]
    photos_counted: int


class Diagnosis(Record):
    """One of the nine."""

    code: str
    name: str
    malignant: bool
    learned: bool = Field(description="False: the network never saw a photo of it, and does not offer it.")


class KindPoints(Record):
    """The operating points for dermoscopic photos, clinical ones, or lesions with both."""

    kind: Literal["dermoscopic", "clinical", "both"]
    default: str
    points: list[Point]


class Model(Record):
    """Which network answers, and what its thresholds have meant on test photos."""

    run: str
    network_sha256: str
    engine: str
    input_size: int
    diagnoses: list[Diagnosis]
    operating_points: list[KindPoints]
    use: str


class Problem(Record):
    """Why there is no answer, and what to do, in a sentence."""

    error: str
