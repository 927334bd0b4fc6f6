"""Similar cases, below an answer: lesions with a known outcome that the same network answered alike."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from melanoma.documents.neighbours import SECOND, describe_agreement, describe_library, tabulate_neighbours
from melanoma.evaluation.libraries import KnownLesion, Library, LibraryError, read_library
from melanoma.photo import ENOUGH, Photo, PhotoError, read_photo_safely
from melanoma.run import Run, RunError
from melanoma.sources import CLINICAL, DERMOSCOPIC
from pages.parts.local_visitor import runs_locally
from pages.parts.open_casebook import find_casebook
from pages.parts.open_runs import open_classifier
from pages.parts.session import get_session
from pages.parts.widgets import write_table

if TYPE_CHECKING:
    from melanoma.casebook import Casebook

OWN, FOLDER = "Casebook", "A folder"
STEP = 10  # photos between two moves of the progress bar


@dataclass(frozen=True)
class Seen:
    """What similar cases are looked for: nine probabilities, (9,), of one network for one kind of photo.

    itself: id of the lesion, or SHA-256 of the photo, which is not its own neighbour.
    """

    probabilities: np.ndarray
    run: Run
    kind: str
    itself: str


def offer_similar_cases(seen: Seen) -> None:
    """A closed part of the page; nothing where there can be no library."""
    book = find_book()
    sources = [OWN] * (book is not None) + [FOLDER] * runs_locally()
    if not sources or seen.kind not in (DERMOSCOPIC, CLINICAL):  # nobody measured a lesion with photos of both
        return
    key = f"similar-{seen.itself[:16]}"
    part = st.expander("Similar cases with a known outcome", icon=":material/grid_view:", key=key, on_change="rerun")
    if not part.open:
        return
    with part:
        st.markdown(f"**{SECOND}**")
        source = st.segmented_control("Library", sources, default=sources[0], required=True, key="library")
        library = find_own(book, seen) if source == OWN and book is not None else find_in_folder(seen)
        if library is not None:
            show_nearest(seen, library, book)


def find_book() -> Casebook | None:
    """The casebook; None where it is off or cannot be opened, which the Cases page says."""
    from melanoma.casebook.error import CasebookError  # noqa: PLC0415 (late: for whom the casebook is on)

    try:
        return find_casebook()
    except CasebookError:
        return None


def find_own(book: Casebook, seen: Seen) -> Library | None:
    """The casebook's lesions with an outcome."""
    from melanoma.casebook.error import CasebookError  # noqa: PLC0415
    from melanoma.casebook.similar import list_known  # noqa: PLC0415

    try:
        library = list_known(book, seen.run.sha256, seen.kind, seen.itself)
    except CasebookError as error:
        st.error(str(error), icon=":material/error:")
        return None
    if not library.lesions:
        st.info(
            f"No other lesion of the casebook has both an outcome and an answer of {seen.run.name} to such a photo."
        )
        return None
    return library


def find_in_folder(seen: Seen) -> Library | None:
    """Photos of a folder with their table, asked once and kept in memory."""
    session = get_session()
    with st.form("library-folder", border=False):
        folder = st.text_input("Folder on this computer", placeholder="/home/me/photos", key="library-path").strip()
        table = st.text_input("Table, a CSV with file and diagnosis", "diagnoses.csv", key="library-table").strip()
        asked = st.form_submit_button("Read this folder", icon=":material/folder_open:")
    kept = ("library", folder, table, seen.run.answer_sha256, seen.kind)
    if not folder or not (asked or kept in session.results):
        return None
    bar = st.progress(0.0, "Reading photos …")

    def track(rows: list) -> Iterator:
        for done, row in enumerate(rows, 1):
            if done % STEP == 0 or done == len(rows):
                bar.progress(done / len(rows), f"Photo {done:,} of {len(rows):,}")
            yield row

    path = Path(folder).expanduser()
    try:
        return session.keep(kept, lambda: read_library(path, path / table, open_classifier(seen.run), seen.kind, track))
    except (LibraryError, RunError) as error:
        st.error(str(error), icon=":material/folder_off:")
        return None
    finally:
        bar.empty()


def show_nearest(seen: Seen, library: Library, book: Casebook | None) -> None:
    """The nearest lesions, their photos where there are any to show, and what neighbours have been worth."""
    from melanoma.evaluation.neighbours import find_nearest, measure_agreement  # noqa: PLC0415 (late: it brings SciPy)

    nearest = find_nearest(seen.probabilities[np.newaxis], library.probabilities)
    lesions = [library.lesions[place] for place in nearest.places[0]]
    photos = [read_photo(lesion, book) for lesion in lesions]
    if any(photos):
        for column, lesion, photo in zip(st.columns(len(lesions)), lesions, photos, strict=True):
            if photo is not None:
                column.image(photo.pixels, width="stretch", alt=f"Photo of {lesion.name}")
    write_table(tabulate_neighbours(lesions, nearest.likeness[0].tolist()))
    st.caption(describe_library(len(library.lesions), library.left_out))
    run = seen.run
    agreement = get_session().keep(
        ("agreement", run.answer_sha256, seen.kind), lambda: measure_agreement(run, seen.kind)
    )
    st.caption(describe_agreement(agreement, run.name, seen.kind))


def read_photo(lesion: KnownLesion, book: Casebook | None) -> Photo | None:
    """Of a known lesion; None where none is kept, or it cannot be read any more."""
    from melanoma.casebook.error import CasebookError  # noqa: PLC0415

    try:
        if lesion.path is not None:
            content = lesion.path.read_bytes()
        elif lesion.sha256 and book is not None:
            content = book.content(lesion.sha256)
        else:
            return None
        return get_session().keep(
            ("thumbnail", lesion.sha256 or str(lesion.path)), lambda: read_photo_safely(content, ENOUGH)
        )
    except (CasebookError, PhotoError, OSError):
        return None
