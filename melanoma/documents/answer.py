"""One answer to take away: a CSV row, JSON, or a PDF page for the file. Made in memory, only when asked for."""

from __future__ import annotations

import datetime
import io
import json
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
from melanoma.serving.worklist import COLUMNS, prediction_columns, write_csv

if TYPE_CHECKING:
    from melanoma.documents.pdf import Document

PICTURE = 360  # side of a picture in the PDF, pixels
OPACITY = 0.55  # of the strongest evidence


def as_csv(name: str, photo: Photo, prediction: Prediction) -> str:
    """Header and one row in the columns of `python -m melanoma score`."""
    file = io.StringIO()
    row = dict.fromkeys(COLUMNS, "") | {"file": name, "sha256": photo.sha256, "status": "ok"}
    for _ in write_csv([row | prediction_columns(prediction)], file):
        pass
    return file.getvalue()


def as_record(name: str, photo: Photo, prediction: Prediction) -> dict[str, Any]:
    """The answer as JSON has it, on the page and in `predict --json`; no pixels. Probabilities with six decimals."""
    point = prediction.point
    return {
        "file": name,
        "sha256": photo.sha256,
        "notes": list(photo.notes),
        "quality": prediction.assessment.quality,
        "quality_reasons": list(prediction.assessment.reasons),
        "probabilities": {code: round(prediction.probability(code), 6) for code in CODES},
        "diagnosis": prediction.top,
        "differential": list(prediction.differential),
        "malignant": round(prediction.malignancy, 6),
        "decision": prediction.decision,
        "decision_reason": "quality" if prediction.referred_for_quality else "score",
        "operating_point": {
            "name": prediction.operating_point,
            "score": point.score,
            "threshold": point.threshold,
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


def _as_numbers(estimate: Estimate | None) -> dict[str, float] | None:
    """value, low, high; None for what was not measured, since JSON has no NaN."""
    if estimate is None or not wording.is_measured(estimate):
        return None
    return {"value": estimate.value, "low": estimate.low, "high": estimate.high}


def as_json(name: str, photo: Photo, prediction: Prediction) -> str:
    """`as_record` as a file."""
    return json.dumps(as_record(name, photo, prediction), indent=1, allow_nan=False) + "\n"


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
