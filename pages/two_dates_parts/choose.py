"""Which two photos are compared, which is the earlier one, and when they were taken by the visitor's word."""

import datetime

import streamlit as st

from melanoma.documents.two_dates import describe_interval
from melanoma.documents.wording import escape_markdown
from melanoma.run import Run
from pages.parts.open_photos import OpenPhoto
from pages.parts.operating_point import choose_operating_point
from pages.parts.photo_pair import PhotoPair
from pages.parts.photo_picker import say_what_is_forgotten, take_files
from pages.parts.session import WidgetValue, get_session

FIRST_DATE = datetime.date(1990, 1, 1)


def choose_pair(run: Run) -> tuple[OpenPhoto, OpenPhoto] | None:
    """The earlier and the later photo; None where fewer than two are open."""
    session = get_session()
    photos, pair = session.photos, session.pair
    say_what_is_forgotten(photos)
    several = len(photos.photos) > 1
    title = "More photos" if several else "One more photo" if photos.photos else "Two photos of the same lesion"
    with st.expander(title, expanded=not several, icon=":material/add_photo_alternate:"):
        take_files()
    for name, why in photos.unreadable.items():
        st.error(f"**{escape_markdown(name)}**: {why}", icon=":material/broken_image:")
    chosen = pair.find(photos.photos)
    if chosen is None:
        if photos.photos:
            st.info("One photo is open. Open another one of the same lesion.", icon=":material/looks_one:")
        return None
    earlier, later = st.columns(2, gap="medium")
    with earlier:
        choose_one("Earlier photo", chosen[0], pair)
    with later:
        choose_one("Later photo", chosen[1], pair)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        choose_operating_point(run)
        st.button("Swap", on_click=pair.swap, key="swap", icon=":material/swap_horiz:")
        dates = [pair.dates.get(photo.sha256) for photo in chosen]
        if interval := describe_interval(*dates):
            st.caption(interval)
        else:
            st.caption("Dates are what you say. Nothing is read from the files.")
    return chosen


def choose_one(label: str, photo: OpenPhoto, pair: PhotoPair) -> None:
    """One of the open photos, and its date."""
    photos = get_session().photos.photos
    by_hash = {one.sha256: one for one in photos}
    place = label.partition(" ")[0].lower()
    choice: WidgetValue[str] = WidgetValue(f"pair-{place}", photo.sha256)
    choice.set(photo.sha256)

    def take() -> None:
        new = by_hash[choice.get()]
        other = by_hash[(pair.later if place == "earlier" else pair.earlier) or ""]
        if new == other:
            pair.swap()
        elif place == "earlier":
            pair.choose(new, other)
        else:
            pair.choose(other, new)

    picture, when = st.columns([3, 2], vertical_alignment="bottom")
    picture.selectbox(
        label, list(by_hash), format_func=lambda sha256: by_hash[sha256].name, key=choice.key, on_change=take
    )
    date: WidgetValue[datetime.date | None] = WidgetValue(f"date-{place}-{photo.sha256[:16]}", None)
    date.set(pair.dates.get(photo.sha256))

    def take_date() -> None:
        if (given := date.get()) is None:
            pair.dates.pop(photo.sha256, None)
        else:
            pair.dates[photo.sha256] = given

    when.date_input(
        "Taken on",
        None,
        min_value=FIRST_DATE,
        max_value="today",
        format="YYYY-MM-DD",
        key=date.key,
        on_change=take_date,
    )
