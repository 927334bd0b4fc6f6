"""One answer to take away: a CSV row, JSON, or a PDF page for the file. Made in memory, only when asked for."""

from __future__ import annotations

import datetime
import io
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from melanoma.charts.heatmaps import overlay_image
from melanoma.diagnoses import CODES, MALIGNANT, NAMES
from melanoma.documents import wording
from melanoma.estimates import Estimate, percent
from melanoma.explain import Heatmap
from melanoma.photo import Photo
from melanoma.run import PredictionSet
from melanoma.serving import Prediction
from melanoma.serving.rows import COLUMNS, plain_cell, prediction_columns, write_csv

if TYPE_CHECKING:
    from melanoma.documents.pdf import Document

PICTURE = 360  # side of a picture in the PDF, pixels
OPACITY = 0.55  # of the strongest evidence


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


def _describe_answer(prediction: Prediction) -> dict[str, Any]:
    """What is answered, of one photo or of a lesion."""
    point = prediction.point
    return {
        "quality": prediction.assessment.quality,
        "quality_reasons": list(prediction.assessment.reasons),
        "cautions": list(prediction.assessment.cautions),
        "probabilities": {code: round(prediction.probability(code), 6) for code in CODES},
        "diagnosis": prediction.top,
        "differential": list(prediction.differential),
        "never_learned": list(prediction.unlearned),
        "malignant": round(prediction.malignancy, 6),
        "decision": prediction.decision,
        "decision_reason": "quality" if prediction.referred_for_quality else "score",
        "operating_point": {
            "name": prediction.operating_point,
            "score": point.score,
            "threshold": point.threshold,
            "undecided_from": point.least_score,
            "target": point.target,
            "test": {
                "sensitivity": _as_numbers(point.test.sensitivity),
                "specificity": _as_numbers(point.test.specificity),
            },
        },
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


def _as_numbers(estimate: Estimate | None) -> dict[str, float] | None:
    """value, low, high; None for what was not measured, since JSON has no NaN."""
    if estimate is None or not wording.is_measured(estimate):
        return None
    return {"value": estimate.value, "low": estimate.low, "high": estimate.high}


def as_json(photos: Sequence[tuple[str, Photo, Prediction]], lesion: Prediction | None = None) -> str:
    """`as_record` of one photo as a file; of several of one lesion, a list of them and of `as_lesion_record`."""
    records = [as_record(*photo) for photo in photos]
    content = records[0] if lesion is None else [*records, as_lesion_record(records, lesion)]
    return json.dumps(content, indent=1, allow_nan=False) + "\n"


def as_pdf(
    name: str,
    photo: Photo,
    prediction: Prediction,
    prediction_set: PredictionSet,
    *,
    heatmap: Heatmap | None,
    scale_peak: float,
) -> bytes:
    """One A4 page: decision, what its threshold has meant, probabilities, crop and heatmap, provenance.

    scale_peak: as for `charts.heatmaps.overlay`; heatmap: None draws the crop alone.
    """
    from melanoma.documents.pdf import Document

    page = Document("Skin-lesion photo, research report", wording.RESEARCH_USE)
    page.say(wording.RESEARCH_USE, 9, bold=True)
    page.say(wording.write_headline(prediction).replace("**", ""), 15, bold=True)
    page.say(wording.describe_diagnoses(prediction, prediction_set).replace("**", ""), 10)
    page.say(wording.describe_decision(prediction))
    page.say(wording.describe_kind(prediction))
    page.say(wording.describe_threshold(prediction.point), gap=3)
    _place_pictures(page, prediction, heatmap, scale_peak)
    rows = [
        (NAMES[code], "malignant" if code in MALIGNANT else "benign", percent(prediction.probability(code)))
        for code in prediction.ranked
    ]
    page.write_table(("Diagnosis", "Counted as", "Probability"), rows)
    time = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d %H:%M UTC")
    notes = f" When it was read: {'; '.join(photo.notes)}." if photo.notes else ""
    page.say(f"Photo {name}, SHA-256 {photo.sha256}.{notes} Quality: {prediction.assessment.quality}.", 7, gap=1)
    page.say(f"Network {prediction.run}, SHA-256 {prediction.run_sha256}. Made {time}.", 7)
    return bytes(page.output())


def _place_pictures(page: Document, prediction: Prediction, heatmap: Heatmap | None, scale_peak: float) -> None:
    """The crop, beside it the heatmap on it, below them what they are."""
    crop = Image.fromarray(prediction.input).resize((PICTURE, PICTURE), Image.Resampling.BICUBIC)
    top, gap = page.get_y(), 8
    side = (page.epw - gap) / 2  # mm
    page.image(crop, x=page.l_margin, y=top, w=side)
    caption = "What the network saw."
    if heatmap is not None:
        overlay = overlay_image(np.asarray(crop), heatmap, scale_peak, opacity=OPACITY)
        page.image(overlay, x=page.l_margin + side + gap, y=top, w=side)
        caption = f"Left: what the network saw. Right: {_describe_evidence(heatmap, scale_peak)}."
        caption += " A map shows where the network looked, not whether it is right."
    page.set_y(top + side + 2)
    page.say(caption, 8, gap=2)


def _describe_evidence(heatmap: Heatmap, scale_peak: float) -> str:
    name = NAMES[heatmap.diagnosis]
    if not heatmap.has_evidence(scale_peak):
        return f"no positive evidence for {name}"
    share = percent(heatmap.peak / scale_peak)
    return f"evidence for {name}, raw peak {heatmap.peak:.3g}, {share} of the strongest of the nine maps"
