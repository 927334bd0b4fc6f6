"""One answer to take away: as a CSV row, and as the record that `predict --json` and a report's JSON hold."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from melanoma.diagnoses import CODES
from melanoma.documents import wording
from melanoma.estimates import Estimate
from melanoma.photo import Photo
from melanoma.run import OperatingPoint
from melanoma.serving import Prediction
from melanoma.serving.cells import plain_cell
from melanoma.serving.rows import COLUMNS, prediction_columns, write_csv


def as_csv(photos: Sequence[tuple[str, Photo, Prediction]], lesion: Prediction | None = None) -> str:
    """Header and a row a photo in the columns of `python -m melanoma score`; one more for a lesion that all show."""
    empty, file = dict.fromkeys(COLUMNS, "") | {"status": "ok"}, io.StringIO()
    rows = [
        empty | {"file": plain_cell(name), "sha256": photo.sha256} | prediction_columns(prediction)
        for name, photo, prediction in photos
    ]
    if lesion is not None:
        rows.append(empty | {"file": f"lesion of these {len(photos)} photos"} | prediction_columns(lesion))
    for _ in write_csv(rows, file):
        pass
    return file.getvalue()


def as_record(name: str, photo: Photo, prediction: Prediction) -> dict[str, Any]:
    """The answer as JSON has it, on the page and in `predict --json`; no pixels. Probabilities with six decimals."""
    return {
        "file": name,
        "sha256": photo.sha256,
        "notes": list(photo.notes),
        "kind": prediction.kind.name,
        "kind_read_as": prediction.kind.kind,
        "kind_stated_by_user": prediction.kind.said,
        **_describe_answer(prediction),
    }


def _name_reason(prediction: Prediction) -> str:
    """What the decision rests on: the score, or else what is or may be wrong with a photo."""
    if prediction.referred_for_quality:
        return "quality"
    if prediction.undecided_for_suspicion:
        return "suspicion"
    return "one photo" if prediction.undecided_for_a_photo else "score"


def _describe_answer(prediction: Prediction) -> dict[str, Any]:
    """What is answered, of one photo or of a lesion."""
    return {
        "quality": prediction.assessment.quality,
        "quality_reasons": list(prediction.assessment.reasons),
        "suspicions": list(prediction.assessment.suspicions),
        "cautions": list(prediction.assessment.cautions),
        "probabilities": {code: round(prediction.probability(code), 6) for code in CODES},
        "diagnosis": prediction.top,
        "differential": list(prediction.differential),
        "never_learned": list(prediction.unlearned),
        "malignant": round(prediction.malignancy, 6),
        "decision": prediction.decision,
        "decision_reason": _name_reason(prediction),
        "operating_point": as_point_record(prediction.operating_point, prediction.point),
        "score": round(prediction.score, 6),
        "run": prediction.run,
        "network_sha256": prediction.run_sha256,
        "use": wording.RESEARCH_USE,
    }


def as_lesion_record(records: Sequence[dict[str, Any]], prediction: Prediction) -> dict[str, Any]:
    """The one answer for a lesion, beside the records of its photos."""
    return {
        "lesion": [record["file"] for record in records],
        "sha256": [record["sha256"] for record in records],
        "photos_counted": prediction.photos,
        **_describe_answer(prediction),
    }


def list_records(
    answers: Sequence[tuple[str, Photo, Prediction]], lesion: Prediction | None = None
) -> list[dict[str, Any]]:
    """What `predict --json` prints and the API answers: a record a photo, and one more for a lesion that all show."""
    records = [as_record(*answer) for answer in answers]
    return records if lesion is None else [*records, as_lesion_record(records, lesion)]


def as_point_record(name: str, point: OperatingPoint) -> dict[str, Any]:
    """An operating point: what it compares with which threshold, and what that has meant on test."""
    return {
        "name": name,
        "score": point.score,
        "threshold": point.threshold,
        "undecided_from": point.least_score,
        "target": point.target,
        "test": {
            "sensitivity": as_number(point.test.sensitivity),
            "specificity": as_number(point.test.specificity),
        },
    }


def as_number(estimate: Estimate | None) -> dict[str, float] | None:
    """value, low, high; None for what was not measured, since JSON has no NaN."""
    if estimate is None or not wording.is_measured(estimate):
        return None
    return {"value": estimate.value, "low": estimate.low, "high": estimate.high}
