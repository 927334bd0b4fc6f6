"""The nearest lesions of a library, their photos where there are any to show, and what neighbours have been worth."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from melanoma.documents.neighbours import SECOND, describe_agreement, describe_library, tabulate_neighbours
from melanoma.evaluation.libraries import KnownLesion, Library, LibraryError, read_library
from melanoma.evaluation.neighbours import find_nearest, measure_agreement
from melanoma.photo import Photo, PhotoError, read_file
from melanoma.run import RunError
from pages.parts.open_casebook import find_casebook
from pages.parts.open_runs import open_classifier
from pages.parts.session import get_session
from pages.parts.turns import read_in_turn
from pages.parts.widgets import write_table

if TYPE_CHECKING:
    from pages.parts.similar_cases import Seen

STEP = 10  # photos between two moves of the progress bar


def show_from_book(seen: Seen) -> None:
    """The casebook's lesions with an outcome."""
    from melanoma.casebook.error import CasebookError  # noqa: PLC0415 (late: for whom the casebook is on)
    from melanoma.casebook.similar import list_known  # noqa: PLC0415

    try:
        book = find_casebook()
        assert book is not None  # it is on
        library = list_known(book, seen.run.sha256, seen.kind, seen.itself)
        if not library.lesions:
            st.info(f"No other lesion of the casebook has an outcome and an answer of {seen.run.name} to such a photo.")
            return
        show_nearest(seen, library, lambda lesion: book.content(lesion.sha256) if lesion.sha256 else None)
    except CasebookError as error:
        st.error(str(error), icon=":material/error:")


def show_from_folder(seen: Seen) -> None:
    """Photos of a folder with their table, asked once and kept in memory."""
    library = find_in_folder(seen)
    if library is not None:
        show_nearest(seen, library, lambda lesion: read_file(lesion.path) if lesion.path else None)


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

    def read() -> Library:
        return read_library(path, path / table, open_classifier(seen.run), seen.kind, session.reader, track)

    try:
        return session.keep(kept, read)
    except (LibraryError, RunError) as error:
        st.error(str(error), icon=":material/folder_off:")
        return None
    finally:
        bar.empty()


def show_nearest(seen: Seen, library: Library, read: Callable[[KnownLesion], bytes | None]) -> None:
    """The nearest of a library that holds at least one; read: the file of a lesion's photo, None where none is kept."""
    nearest = find_nearest(seen.probabilities[np.newaxis], library.probabilities)
    lesions = [library.lesions[place] for place in nearest.places[0]]
    photos = [open_photo(lesion, read) for lesion in lesions]
    st.markdown(f"**{SECOND}**")
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


def open_photo(lesion: KnownLesion, read: Callable[[KnownLesion], bytes | None]) -> Photo | None:
    """Of a known lesion; None where none is kept, or it cannot be read now."""
    try:
        content = read(lesion)
        if content is None:
            return None
        key = ("neighbour", lesion.sha256 or str(lesion.path))
        return get_session().keep(key, lambda: read_in_turn(content))
    except (PhotoError, RunError, OSError):
        return None
