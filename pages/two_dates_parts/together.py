"""Both photos in one frame: by places that agree in them, or by points that the visitor gives."""

import numpy as np
import streamlit as st
from PIL import Image

from melanoma.documents import two_dates as words
from melanoma.photo.outline import find_outline, trace_outline
from melanoma.photo.registration import (
    FEWEST_POINTS,
    MISSING,
    MOST_POINTS,
    Registration,
    RegistrationError,
    can_register,
    register,
    register_points,
)
from pages.parts.answer import read_open_photo
from pages.parts.open_photos import OpenPhoto
from pages.parts.session import WidgetValue, get_session
from pages.parts.turns import wait_for_turn
from pages.two_dates_parts.viewer import ShownPhoto, show_viewer

WORKING = 800  # pixels of the longer side at which photos are aligned and outlined, and in which points are given


def show_together(earlier: OpenPhoto, later: OpenPhoto) -> None:
    """The viewer, how the photos were aligned, and what that hides."""
    pair = get_session().pair
    before, after = shrink(earlier), shrink(later)
    found = align(earlier, later)
    if not can_register():
        st.warning(MISSING, icon=":material/extension_off:")
    elif found is None and not pair.by_hand:
        st.warning(words.NOT_ALIGNED, icon=":material/link_off:")
    by_hand: WidgetValue[bool] = WidgetValue("by-hand", False)
    by_hand.set(pair.by_hand)
    st.toggle(
        "Align by points that I give",
        key=by_hand.key,
        on_change=lambda: setattr(pair, "by_hand", by_hand.get()),
        help="Two or three places that you recognise in both photos, far apart. By places on the skin, growth is seen.",
    )
    registration, picking = take_points(before, after) if pair.by_hand else (found, False)
    outlines = [outline_of(photo) for photo in (earlier, later)]
    shown = [
        ShownPhoto(photo.name, name_photo(label, photo), photo.sha256, read_open_photo(photo).pixels, size, border)
        for label, photo, size, (_, border) in zip(
            ("Earlier", "Later"), (earlier, later), (before.shape[:2], after.shape[:2]), outlines, strict=True
        )
    ]
    show_viewer(shown[0], shown[1], registration, picking)
    if registration is not None:
        st.caption(words.describe_registration(registration))
        if not registration.by_hand:
            st.markdown(words.GROWTH_IS_HIDDEN)


def align(earlier: OpenPhoto, later: OpenPhoto) -> Registration | None:
    """By their keypoints; None where too few agree, or OpenCV is missing."""
    if not can_register():
        return None

    def make() -> Registration | None:
        with wait_for_turn(), st.spinner("Aligning the photos …"):
            return register(shrink(later), shrink(earlier))

    return get_session().keep(("registration", earlier.sha256, later.sha256), make)


def take_points(before: np.ndarray, after: np.ndarray) -> tuple[Registration | None, bool]:
    """The registration by the visitor's points, and whether points are still asked for."""
    given = get_session().pair.given
    fewest = min(len(given.earlier), len(given.later))
    is_complete = fewest == len(given.earlier) == len(given.later) and fewest >= FEWEST_POINTS
    aligned: WidgetValue[bool] = WidgetValue("points-done", False)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            f"Click the same {FEWEST_POINTS} or {MOST_POINTS} places in both photos, in the same order: "
            f"{len(given.earlier)} in the earlier one, {len(given.later)} in the later one.",
            width=460,
        )
        st.toggle("Show aligned", key=aligned.key, disabled=not is_complete)
        st.button("Begin again", on_click=clear_points, args=(aligned,), key="clear-points", icon=":material/undo:")
    if not aligned.get():
        return None, True
    try:
        sides = (float(max(after.shape[:2])), float(max(before.shape[:2])))
        return register_points(given.later, given.earlier, sides), False
    except RegistrationError as error:
        st.warning(str(error), icon=":material/link_off:")
        return None, True


def clear_points(aligned: WidgetValue[bool]) -> None:
    """Forget the points of these two photos."""
    given = get_session().pair.given
    given.earlier.clear()
    given.later.clear()
    aligned.set(False)


def outline_of(photo: OpenPhoto) -> tuple[np.ndarray | None, list]:
    """Where the lesion is, and its border; None and nothing where that is not plain."""

    def find() -> tuple[np.ndarray | None, list]:
        outline = find_outline(shrink(photo))
        return outline, trace_outline(outline) if outline is not None and can_register() else []

    return get_session().keep(("outline", photo.sha256), find)


def shrink(photo: OpenPhoto) -> np.ndarray:
    """The photo's pixels, with at most WORKING on the longer side."""

    def make() -> np.ndarray:
        image = Image.fromarray(read_open_photo(photo).pixels)
        image.thumbnail((WORKING, WORKING), Image.Resampling.BICUBIC)
        return np.asarray(image)

    return get_session().keep(("working size", photo.sha256), make)


def name_photo(label: str, photo: OpenPhoto) -> str:
    """`Earlier, 2026-03-01`."""
    date = get_session().pair.dates.get(photo.sha256)
    return f"{label}, {date.isoformat()}" if date else label
