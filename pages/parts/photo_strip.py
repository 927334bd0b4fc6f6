"""The open photos side by side, each with its decision: what is on the page is changed by a click or a key."""

from __future__ import annotations

from dataclasses import dataclass, field

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from melanoma.charts.heatmaps import jpeg_uri
from melanoma.documents.decision import NAMES_OF_DECISIONS
from melanoma.documents.wording import escape_markdown
from melanoma.estimates import percent
from melanoma.photo import UNUSABLE
from melanoma.run import Run
from pages.parts.answer import predict_photo, read_open_photo
from pages.parts.open_photos import OpenPhoto, OpenPhotos
from pages.parts.operating_point import current_operating_point
from pages.parts.session import get_session

SIDE = 88  # pixels of a thumbnail
SHOWN = 12  # thumbnails at once
NOT_JUDGED = "Not judged"


@dataclass(frozen=True)
class Glance:
    """What the strip shows of a photo: a small picture as a data URI, and its decision in words."""

    thumbnail: str = field(repr=False)
    decision: str
    score: str


def show_strip(place: DeltaGenerator, run: Run) -> None:
    """Draw the strip into `place` where several photos are open. Raises RunError.

    Called last: the photo on the page is answered before those that merely stand in the strip.
    """
    photos = get_session().photos
    if len(photos.photos) < 2 or photos.current is None:
        return
    number = photos.photos.index(photos.current)
    first = number // SHOWN * SHOWN
    shown = photos.photos[first : first + SHOWN]
    glances = [look_at(photo, run) for photo in shown]
    judged = zip(shown, glances, strict=True)
    if photos.put_last({photo: glance.decision == NOT_JUDGED for photo, glance in judged}):
        st.rerun()
    with place, st.container(horizontal=True, key="strip", gap="small"):
        for photo, glance in zip(shown, glances, strict=True):
            show_glance(photos, photo, glance)
    if len(shown) < len(photos.photos):
        place.caption(f"Photos {first + 1} to {first + len(shown)} of {len(photos.photos)}.")


def show_glance(photos: OpenPhotos, photo: OpenPhoto, glance: Glance) -> None:
    """One thumbnail with its decision, which is the button that puts it on the page."""
    on_page = photo == photos.current
    with st.container(width=SIDE + 40, gap="xxsmall", horizontal_alignment="center"):
        # st.image would bring a button of its own to each.
        st.html(
            f'<img src="{glance.thumbnail}" width="{SIDE}" height="{SIDE}" alt="" style="display: block; margin: auto">'
        )
        st.button(
            f"**{glance.decision}** {glance.score}",
            on_click=photos.select,
            args=(photo,),
            key=f"strip-{photo.sha256[:16]}",
            type="primary" if on_page else "tertiary",
            help=escape_markdown(photo.name),
            wrap=True,
        )


def look_at(open_photo: OpenPhoto, run: Run) -> Glance:
    """The photo's thumbnail and decision, by itself, at the operating point of the page."""
    session, point = get_session(), current_operating_point(run)
    kind = session.kinds.get(open_photo.sha256)

    def look() -> Glance:
        prediction = predict_photo(read_open_photo(open_photo), run, point)
        thumbnail = jpeg_uri(prediction.input, 2 * SIDE)  # twice, for screens with small pixels
        if prediction.assessment.quality == UNUSABLE:
            return Glance(thumbnail, NOT_JUDGED, "")
        return Glance(thumbnail, NAMES_OF_DECISIONS[prediction.decision], percent(prediction.score))

    return session.keep(("glance", open_photo.sha256, run.answer_sha256, point, kind), look)
