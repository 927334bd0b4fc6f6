"""The map beside a photo in a worklist's PDF: made anew, as the list keeps answers without their maps."""

from __future__ import annotations

import io
from dataclasses import dataclass

from PIL import Image

from melanoma.charts.heatmaps import overlay_image
from melanoma.explain import find_scale_peak, read_heatmaps
from melanoma.photo import PhotoError
from melanoma.run import RunError
from melanoma.serving import Classifier
from melanoma.serving.reading import Reader
from melanoma.serving.turns import TURNS
from melanoma.serving.worklist import THUMBNAIL, THUMBNAIL_QUALITY, JudgedPhoto


@dataclass(frozen=True)
class PrintedMap:
    """jpeg: what the network saw with the map on it, twice THUMBNAIL pixels a side; diagnosis: code, of the map."""

    jpeg: bytes
    diagnosis: str


def draw_map(classifier: Classifier, photo: JudgedPhoto, content: bytes, reader: Reader) -> PrintedMap | None:
    """content: of the photo's file -> Grad-CAM of the photo's likeliest diagnosis, by itself.

    reader: the visitor whose it is. None where there is no answer, no map without TensorFlow, or nothing on the photo
    speaks for that diagnosis.
    """
    if photo.prediction is None:
        return None
    try:
        pixels = reader.read(content, always=True)
        with TURNS.take(always=True):
            prediction = classifier.predict(pixels, kind=photo.kind)
    except (PhotoError, RunError):  # it was answered before, and the row says what is wrong now
        return None
    heatmaps, code = read_heatmaps(prediction), photo.prediction.top
    if code not in heatmaps or not heatmaps[code].has_evidence(find_scale_peak(heatmaps)):
        return None
    drawn = overlay_image(prediction.input, heatmaps[code], find_scale_peak(heatmaps))
    file = io.BytesIO()
    small = drawn.resize((2 * THUMBNAIL, 2 * THUMBNAIL), Image.Resampling.LANCZOS)
    small.save(file, "JPEG", quality=THUMBNAIL_QUALITY)
    return PrintedMap(file.getvalue(), code)
