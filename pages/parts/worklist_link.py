"""From the worklist into Analyze, and back to the same row."""

from collections.abc import Sequence

import streamlit as st

from melanoma.serving.worklist import WorklistRow
from pages.parts.open_photos import OpenPhoto
from pages.parts.session import get_session


def can_open(row: WorklistRow) -> bool:
    """Whether a file of the row is still kept."""
    worklist = get_session().worklist.worklist
    return worklist is not None and any(worklist.file_of(photo) for photo in row.photos)


def open_row(row: WorklistRow) -> None:
    """Open a row's photos in Analyze, in place of the row that was opened before; several as one lesion.

    A lesion of several photos is answered from all that are open, so that other photos are closed for it.
    """
    session = get_session()
    view, photos = session.worklist, session.photos
    worklist = view.worklist
    assert worklist is not None
    files = [OpenPhoto.from_file(one.name, data) for one in row.photos if (data := worklist.file_of(one)) is not None]
    if not files:
        return
    if row.lesion:
        photos.close_all()
    elif (before := view.find(view.opened)) is not None:
        hashes = {photo.sha256 for photo in before.photos}
        for photo in [photo for photo in photos.photos if photo.sha256 in hashes]:
            photos.close(photo)
    photos.add(files)
    photos.same_lesion = bool(row.lesion)
    view.opened, view.selected = row.key, [row.key]


def can_compare(rows: Sequence[WorklistRow]) -> bool:
    """Whether files of two photos or more of these rows are still kept."""
    worklist = get_session().worklist.worklist
    photos = [photo for row in rows for photo in row.photos]
    return worklist is not None and len({photo.sha256 for photo in photos if worklist.file_of(photo)}) > 1


def open_pair(rows: Sequence[WorklistRow]) -> None:
    """Open the photos of these rows on the page of two dates; the first two of them are compared, others offered."""
    session = get_session()
    worklist = session.worklist.worklist
    assert worklist is not None
    photos = [photo for row in rows for photo in row.photos]
    files = [OpenPhoto.from_file(one.name, data) for one in photos if (data := worklist.file_of(one)) is not None]
    session.photos.add(files)
    session.photos.same_lesion = False
    earlier, later = list(dict.fromkeys(files))[:2]
    session.pair.choose(earlier, later)
    session.worklist.opened = rows[0].key


def link_to_worklist(*photos: OpenPhoto) -> None:
    """Beside a photo that was opened from the worklist: the way back to its row, and on to the next one.

    photos: those that are on the page where it is not the one that is open in Analyze; there is then no way on.
    """
    session = get_session()
    view, current = session.worklist, session.photos.current
    row = view.find(view.opened)
    on_page = {photo.sha256 for photo in photos or ([current] if current else [])}
    if view.worklist is None or row is None or on_page.isdisjoint(photo.sha256 for photo in row.photos):
        return
    keys = [one.key for one in view.shown]
    place = f", row {keys.index(row.key) + 1} of {len(keys)}" if row.key in keys else ""
    with st.container(horizontal=True, vertical_alignment="center", key="worklist-link"):
        st.page_link("pages/worklist.py", label=f"Back to the worklist{place}", icon=":material/arrow_back:")
        if photos:
            return
        later = view.shown[keys.index(row.key) + 1 :] if place else []
        following = next((one for one in later if can_open(one)), None)
        st.button(
            "Seen, next",
            on_click=see_and_go_on,
            args=(row, following),
            key="seen-next",
            icon=":material/done:",
            disabled=following is None,
            help="Mark this row of the worklist as seen, and open the next one here.",
        )


def see_and_go_on(row: WorklistRow, following: WorklistRow) -> None:
    """Mark a row as seen and open another one."""
    worklist = get_session().worklist.worklist
    assert worklist is not None
    worklist.mark_seen(row)
    open_row(following)
