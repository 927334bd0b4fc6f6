"""One answer to take away: a CSV row, JSON, or a PDF page for the file. Made in memory, only when asked for."""

from __future__ import annotations

import datetime
import io
import json
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from melanoma.charts import answer as charts
from melanoma.diagnoses import DIAGNOSES, NAMES, index
from melanoma.documents import wording
from melanoma.explain.heatmaps import Heatmap, resample
from melanoma.photo.photos import Photo
from melanoma.serving import worklist as scoring

if TYPE_CHECKING:
    from melanoma.serving.classifier import Prediction

PICTURE = 360  # side of a picture in the PDF, pixels
STRENGTH = 0.55  # opacity of the strongest evidence in the PDF's heatmap
# The PDF's built-in fonts know Latin-1 alone.
LATIN = str.maketrans(
    {"–": "-", "◆": "(malignant)", "◇": "(benign)", "…": "...", "−": "-", "“": '"', "”": '"', "’": "'"}
)


def csv_row(name: str, photo: Photo, prediction: Prediction) -> str:
    """Header and one row in the columns of `python -m melanoma score`."""
    file = io.StringIO()
    row = dict.fromkeys(scoring.COLUMNS, "") | {"file": name, "sha256": photo.sha256} | scoring.answer(prediction)
    for _ in scoring.write_csv([row], file):
        pass
    return file.getvalue()


def as_json(name: str, photo: Photo, prediction: Prediction, point: dict) -> str:
    """The answer with its operating point, network and the photo's hash; no pixels."""
    answer = {
        "file": name,
        "sha256": photo.sha256,
        "notes": list(photo.notes),
        "quality": prediction.quality,
        "quality_reasons": list(prediction.quality_reasons),
        "probabilities": {d.code: round(float(prediction.probabilities[index(d.code)]), 6) for d in DIAGNOSES},
        "malignant": round(prediction.malignant, 6),
        "differential": list(prediction.differential),
        "decision": prediction.decision,
        "operating_point": {"name": prediction.operating_point, **point},
        "score": round(prediction.score, 6),
        "run": prediction.run,
        "network_sha256": prediction.run_sha256,
        "use": wording.RESEARCH_USE,
    }
    return json.dumps(answer, indent=1) + "\n"


def pdf(name: str, photo: Photo, prediction: Prediction, point: dict, *, heatmap: Heatmap, scale_peak: float) -> bytes:
    """One A4 page: decision, what its threshold has meant, probabilities, crop and heatmap, provenance."""
    from fpdf import FPDF

    page = FPDF(format="A4")
    page.set_title("Skin-lesion photo, research report")
    page.add_page()

    def say(text: str, size: int = 10, style: str = "", gap: float = 2) -> None:
        page.set_font("Helvetica", style, size)
        page.multi_cell(0, size * 0.5, latin(text), new_x="LMARGIN", new_y="NEXT")
        page.ln(gap)

    say(wording.RESEARCH_USE, 10, "B")
    say(wording.headline(prediction), 18, "B")
    say(wording.most_likely(prediction).replace("**", ""), 11)
    say(wording.decision(prediction, point))
    say(wording.track_record(point), gap=4)
    seen = Image.fromarray(prediction.input).resize((PICTURE, PICTURE), Image.Resampling.BICUBIC)
    top = page.get_y()
    page.image(seen, x=10, y=top, w=88)
    page.image(overlaid(np.asarray(seen), heatmap, scale_peak), x=112, y=top, w=88)
    page.set_y(top + 91)
    evidence = f"evidence for {NAMES[heatmap.diagnosis]}, raw peak {heatmap.peak:.3g}"
    shown = evidence if heatmap.has_evidence(scale_peak) else f"no positive evidence for {NAMES[heatmap.diagnosis]}"
    say(f"Left: what the network saw. Right: {shown}. A map shows where, not whether it is right.", 9, gap=3)
    with page.table(col_widths=(50, 25, 25), line_height=5.5) as table:
        table.row(("Diagnosis", "Counted as", "Probability"))
        for code in wording.ranked(prediction):
            diagnosis = DIAGNOSES[index(code)]
            probability = charts.percent(float(prediction.probabilities[index(code)]))
            table.row((diagnosis.name, "malignant" if diagnosis.malignant else "benign", probability))
    page.ln(3)
    made = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d %H:%M UTC")
    notes = f" On reading: {'; '.join(photo.notes)}." if photo.notes else ""
    quality = " ".join((f"Quality: {prediction.quality}.", *prediction.quality_reasons))
    say(f"Photo {name}, SHA-256 {photo.sha256}.{notes} {quality}", 8, gap=1)
    say(f"Network {prediction.run}, SHA-256 {prediction.run_sha256}. Made {made}.", 8)
    return bytes(page.output())


def latin(text: str) -> str:
    """Text in the letters that the PDF's fonts have; others become question marks."""
    return text.translate(LATIN).encode("latin-1", "replace").decode("latin-1")


def overlaid(pixels: np.ndarray, heatmap: Heatmap, scale_peak: float) -> Image.Image:
    """pixels: (s, s, 3) uint8, the crop -> the same under its heatmap in cividis; without evidence as it is."""
    from plotly.colors import get_colorscale, sample_colorscale, unlabel_rgb

    if not heatmap.has_evidence(scale_peak):
        return Image.fromarray(pixels)
    places = (np.arange(len(pixels)) + 0.5) / len(pixels)
    share = np.clip(resample(heatmap.values, places, places) / scale_peak, 0, 1)[..., None]
    scale = np.array(
        [unlabel_rgb(c) for c in sample_colorscale(get_colorscale("cividis"), list(np.linspace(0, 1, 64)))]
    )
    colours = scale[(share[..., 0] * 63).astype(int)]
    alpha = np.minimum(share / 0.3, 1) * STRENGTH
    return Image.fromarray((pixels * (1 - alpha) + colours * alpha).round().astype(np.uint8))
