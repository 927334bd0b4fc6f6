"""Two photos in one frame: linked zoom and pan, flicker, wipe, and points that the visitor gives, in the browser."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import streamlit as st

from melanoma.charts.heatmaps import jpeg_uri
from melanoma.photo.registration import MOST_POINTS, Registration
from pages.parts.photo_pair import GivenPoints, Place
from pages.parts.session import WidgetValue, get_session

LONGEST = 1400  # pixels of a drawn photo: it is zoomed into
LARGEST = 400_000  # bytes of it
KEY = "two-photos"
HTML, CSS, JS = (Path(__file__).with_name(f"viewer.{kind}").read_text("utf-8") for kind in ("html", "css", "js"))
draw_viewer = st.components.v2.component(KEY, html=HTML, css=CSS, js=JS)


@dataclass(frozen=True)
class ShownPhoto:
    """pixels: (H, W, 3) uint8, to be drawn; size: (h, w) of the frame in which all places are; border: of the lesion.

    The border is empty where it is not plain.
    """

    name: str
    caption: str
    sha256: str
    pixels: np.ndarray
    size: tuple[int, int]
    border: list[Place]


def show_viewer(earlier: ShownPhoto, later: ShownPhoto, registration: Registration | None, picking: bool) -> None:
    """Draw both, the later one in the earlier one's frame if they are aligned; picking: whether clicks give points."""
    pair = get_session().pair
    given = pair.given if picking else GivenPoints()
    matrix = fit_into(later.size, earlier.size) if registration is None or picking else registration.matrix
    own = np.array([[1.0, 0, 0], [0, 1, 0]])
    photos = [
        describe_photo(earlier, own, given.earlier),
        describe_photo(later, matrix, given.later),
    ]
    point: WidgetValue = WidgetValue(KEY, None)
    draw_viewer(
        key=KEY,
        data={
            "key": f"{earlier.sha256}-{later.sha256}",
            "photos": photos,
            "aligned": registration is not None and not picking,
            "picking": picking,
        },
        on_point_change=lambda: take_point(point),
    )


def describe_photo(photo: ShownPhoto, matrix: np.ndarray, points: list[Place]) -> dict:
    """As the browser wants it; matrix: takes the photo's pixels to the earlier one's."""
    height, width = photo.size
    source = get_session().keep(("drawn", photo.sha256), lambda: jpeg_uri(photo.pixels, LONGEST, LARGEST))
    return {
        "name": photo.name,
        "caption": photo.caption,
        "source": source,
        "width": width,
        "height": height,
        "matrix": matrix.T.ravel().tolist(),
        "outline": photo.border,
        "points": points,
    }


def fit_into(moving: tuple[int, int], fixed: tuple[int, int]) -> np.ndarray:
    """The (2, 3) matrix that draws a photo as large as it goes in the middle of the other's frame."""
    (h, w), (height, width) = moving, fixed
    zoom = min(height / h, width / w)
    return np.array([[zoom, 0, (width - zoom * w) / 2], [0, zoom, (height - zoom * h) / 2]])


def take_point(point: WidgetValue) -> None:
    """The place just given becomes the next point of its photo; a fourth begins anew."""
    if (place := point.get().point) is None:
        return
    given = get_session().pair.given
    points = given.later if place["photo"] else given.earlier
    if len(points) == MOST_POINTS:
        points.clear()
    points.append((float(place["x"]), float(place["y"])))
