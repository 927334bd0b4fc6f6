"""The pictures of a report: the photo beside its map with a colour key, and every photo of a lesion, small."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, ImageDraw

from melanoma.charts.heatmaps import USUAL_COLOURS, fading_colours, overlay_image
from melanoma.diagnoses import mark_diagnosis
from melanoma.documents.report import Report
from melanoma.documents.report_pages import GREY, INK, SIDE, ReportPages
from melanoma.estimates import percent
from melanoma.explain import Heatmap
from melanoma.photo import centre_square

PIXELS = 600  # side of a printed crop
QUALITY = 90  # of its JPEG: a report that is sent by mail is not to weigh megabytes
OPACITY = 0.55  # of the strongest evidence
BETWEEN = 3.0  # mm, between photo and map
WHOLE = 22  # mm, the tallest that the whole photo is printed
SMALL = 17.0  # mm, height of the small photos of a lesion
KEY_PIXELS, KEY_HEIGHT = 240, 4  # width of the colour key in pixels, height in mm
NEARLY_SQUARE = 1.05  # ratio of sides up to which the crop is the whole photo, for the eye


def place_map(page: ReportPages, report: Report, side: float) -> None:
    """What the network saw, the map on it, and beside them the key to its colours. side: of either picture, mm."""
    pixels = report.picture.photo.pixels
    crop = crop_photo(pixels, PIXELS)
    page.keep_together(side + 6)
    top, x = page.get_y(), SIDE
    name = f"Photo {report.pictured + 1}" if report.is_of_several_photos else "Photo"
    _place(page, crop, f"{name}: what the network saw", x, top, side)
    x += side + BETWEEN
    if report.heatmap is not None:
        drawn = overlay_image(np.asarray(crop), report.heatmap, report.scale_peak, opacity=OPACITY)
        _place(page, drawn, "The map on the same crop", x, top, side)
        x += side + BETWEEN
    page.set_y(top)
    width = SIDE + page.epw - x
    if not report.is_of_several_photos and max(pixels.shape[:2]) > NEARLY_SQUARE * min(pixels.shape[:2]):
        _place_whole(page, pixels, x, width)
    if report.heatmap is not None:
        _place_key(page, report.heatmap, report.scale_peak, crop, x, width)
    page.set_y(max(top + side + 5, page.get_y() + 1))


def _place(page: ReportPages, picture: Image.Image, caption: str, x: float, top: float, side: float) -> None:
    page.image(_encode(picture), x=x, y=top, w=side, h=side, alt_text=caption)
    page.set_y(top + side + 0.8)
    page.write_at(x, side, f"{caption}.", 7, grey=GREY)


def _place_whole(page: ReportPages, pixels: np.ndarray, x: float, width: float) -> None:
    """The whole photo with a frame around what the network saw."""
    whole = _shrink(pixels, PIXELS // 2)
    left, top, right, bottom = centre_square(*whole.size)
    for line, colour in ((3, "black"), (1, "white")):
        ImageDraw.Draw(whole).rectangle((left, top, right - 1, bottom - 1), outline=colour, width=line)
    scale = min(width / whole.width, WHOLE / whole.height)
    page.image(_encode(whole), x=x, w=whole.width * scale, h=whole.height * scale, alt_text="The whole photo")
    page.ln(0.8)
    page.write_at(x, width, "The whole photo. Framed: what the network saw.", 7, grey=GREY)
    page.ln(2)


def _place_key(
    page: ReportPages, heatmap: Heatmap, scale_peak: float, crop: Image.Image, x: float, width: float
) -> None:
    """What the colours mean: a bar from no evidence to the strongest of the nine maps, and where this map's peak is."""
    page.write_at(x, width, f"Map: evidence for {mark_diagnosis(heatmap.diagnosis)}", 8, bold=True)
    if not heatmap.has_evidence(scale_peak):
        page.write_at(x, width, "No positive evidence for this diagnosis: nothing is drawn.", 7)
        return
    page.ln(0.8)
    top, share = page.get_y(), heatmap.peak / scale_peak
    page.image(_encode(draw_key(crop)), x=x, y=top, w=width, h=KEY_HEIGHT, alt_text="The colours of the map")
    page.set_draw_color(INK)
    page.set_line_width(0.5)
    page.line(x + share * width, top - 0.8, x + share * width, top + KEY_HEIGHT + 0.8)
    page.set_y(top + KEY_HEIGHT + 1)
    page.set_font(size=7)
    page.set_text_shaping(False)
    page.set_x(x)
    page.cell(width / 2, 3.5, "0")
    page.cell(width / 2, 3.5, f"{scale_peak:.3g}", align="R", new_x="LMARGIN", new_y="NEXT")
    page.write_at(
        x,
        width,
        f"From no evidence to the strongest of the nine maps, raw. Line: this map's raw peak {heatmap.peak:.3g}, "
        f"{percent(share)} of the strongest.",
        7,
    )


def draw_key(crop: Image.Image) -> Image.Image:
    """The colours of a map from 0 to the top of its scale, as they look on the middle colour of this crop."""
    ground = np.median(np.asarray(crop).reshape(-1, 3), axis=0)
    places = np.linspace(0, 1, KEY_PIXELS)
    scale = fading_colours(USUAL_COLOURS, OPACITY)
    known = [place for place, _ in scale]
    parts = np.array([[float(part) for part in colour[5:-1].split(",")] for _, colour in scale])  # rgba(1, 2, 3, 0.4)
    red, green, blue, alpha = (np.interp(places, known, column) for column in parts.T)
    colours = np.stack([red, green, blue], axis=1)
    mixed = ground * (1 - alpha[:, None]) + colours * alpha[:, None]
    return Image.fromarray(np.tile(mixed.round().astype(np.uint8), (KEY_PIXELS // 12, 1, 1)))


def place_photos(page: ReportPages, report: Report) -> None:
    """Every photo of the lesion, whole and small, in rows; each with its number, which the table of photos has too."""
    page.keep_together(SMALL + 4)
    x, top = SIDE, page.get_y()
    for number, reported in enumerate(report.photos, 1):
        small = _shrink(reported.photo.pixels, PIXELS // 2)
        width = min(SMALL * small.width / small.height, page.epw)
        if x + width > SIDE + page.epw:
            x, top = SIDE, top + SMALL + 5
            page.set_y(top)
            page.keep_together(SMALL + 4)
            top = page.get_y()
        page.image(_encode(small), x=x, y=top, w=width, h=SMALL, keep_aspect_ratio=True, alt_text=f"Photo {number}")
        page.set_y(top + SMALL + 0.5)
        page.write_at(x, max(width, 12), f"Photo {number}", 7, grey=GREY)
        x += max(width, 12) + BETWEEN
    page.ln(1.5)


def _shrink(pixels: np.ndarray, longest: int) -> Image.Image:
    picture = Image.fromarray(pixels)
    picture.thumbnail((longest, longest), Image.Resampling.LANCZOS)
    return picture


def crop_photo(pixels: np.ndarray, side: int) -> Image.Image:
    """(H, W, 3) uint8 -> its centre square, side x side."""
    box = centre_square(pixels.shape[1], pixels.shape[0])
    return Image.fromarray(pixels).resize((side, side), Image.Resampling.LANCZOS, box=box, reducing_gap=3.0)


def _encode(picture: Image.Image) -> io.BytesIO:
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=QUALITY, subsampling=0)
    file.seek(0)
    return file
