"""From a case to the page of two dates: the lesion's photos of its first and its last visit, one upon the other."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from melanoma.casebook import Case, Casebook, CasebookError, Visit
from pages.parts.cases_view import CasesView
from pages.parts.open_photos import OpenPhoto
from pages.parts.session import get_session


def offer_two_dates(book: Casebook, view: CasesView, case: Case) -> None:
    """A button where two visits or more have photos, stored or open; it opens all of them on the page of two dates.

    That page shows answers: a visit without one is left out, so that the own reading still comes first.
    """
    answered = {answer.visit_id for answer in case.answers}
    dated = [visit for visit in case.visits if visit.id in answered and has_photos(view, case, visit)]
    if len(dated) < 2 or not st.button(
        "Two dates",
        key=f"two-dates-{case.lesion.id}",
        icon=":material/compare:",
        help="The photos of the first and the last visit in one frame, with both answers. Other photos can be chosen.",
    ):
        return
    try:
        photos = [(visit, read_photos(book, view, case, visit)) for visit in dated]
    except CasebookError as error:
        st.error(str(error), icon=":material/error:")
        return
    open_dates(view, photos)
    st.switch_page("pages/compare_dates.py")


def has_photos(view: CasesView, case: Case, visit: Visit) -> bool:
    """Whether any is open or stored."""
    return bool(view.visit(visit.id).photos) or any(photo.visit_id == visit.id for photo in case.photos)


def read_photos(book: Casebook, view: CasesView, case: Case, visit: Visit) -> list[OpenPhoto]:
    """The visit's photos, named by its day. Raises CasebookError."""
    files = [photo.data for photo in view.visit(visit.id).photos]
    if not files:
        files = [book.content(photo.sha256) for photo in case.photos if photo.visit_id == visit.id]
    return [OpenPhoto.from_file(f"{visit.date}, photo {number}", data) for number, data in enumerate(files, 1)]


def open_dates(view: CasesView, photos: Sequence[tuple[Visit, list[OpenPhoto]]]) -> None:
    """Compare the first photo of the first visit with the first one of the last visit that is another file."""
    session = get_session()
    session.photos.add([photo for _, files in photos for photo in files])
    session.photos.same_lesion = False
    for visit, files in photos:
        session.pair.dates |= {photo.sha256: visit.date for photo in files}
    earlier = photos[0][1][0]
    later = next((one for _, files in reversed(photos) for one in files if one != earlier), None)
    if later is not None:
        session.pair.choose(earlier, later)
    view.compared = frozenset(photo.sha256 for _, files in photos for photo in files)
