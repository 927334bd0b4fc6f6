"""A prediction as the casebook keeps it."""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan

from melanoma import __version__
from melanoma.casebook.records import Answer
from melanoma.photo import Photo, network_input
from melanoma.photo.lab_colours import convert_to_lab
from melanoma.photo.quality import CANONICAL
from melanoma.photo.skin_tone import measure_skin_tone
from melanoma.serving import Prediction


def make_answer(visit_id: str, prediction: Prediction, photos: Sequence[Photo]) -> Answer:
    """photos: all that the prediction rests on, at least one; the skin tone is measured in the first."""
    angle = measure_skin_tone(convert_to_lab(network_input(photos[0].pixels, CANONICAL)))
    return Answer(
        visit_id=visit_id,
        photos=tuple(photo.sha256 for photo in photos),
        kind=prediction.kind_name,
        quality=prediction.assessment.quality,
        probabilities=tuple(map(float, prediction.probabilities)),
        malignancy=prediction.malignancy,
        decision=prediction.decision,
        operating_point=prediction.operating_point,
        score=prediction.score,
        threshold=prediction.threshold,
        run=prediction.run,
        run_sha256=prediction.run_sha256,
        app_version=__version__,
        skin_tone=None if isnan(angle) else angle,
    )
