"""A tab of the Cases page: everything as one ZIP, and an empty casebook filled from one."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from melanoma.casebook import Casebook, CasebookError
from melanoma.casebook.access import ADMINISTRATOR, UsedCasebook
from melanoma.casebook.records import now
from melanoma.documents.cases import count
from pages.parts.session import WidgetValue, get_session

MOST = 500  # megabytes of an export that the browser sends, as the server takes them
NAMES = ("patient", "lesion", "visit", "reading", "answer", "report", "outcome", "photo")


def show_export(book: Casebook) -> None:
    """What there is, a ZIP of it, and where nothing is, the way in."""
    counts = book.count()
    st.markdown(f"**In the casebook:** {', '.join(count(counts.get(f'{name}s', 0), name) for name in NAMES)}.")
    if isinstance(book, UsedCasebook) and not book.user.may_act_as(ADMINISTRATOR):
        st.caption("An administrator may take the whole casebook away.")
        return
    st.download_button(
        "Everything as ZIP",
        lambda: export(book),
        f"casebook-{now():%Y-%m-%d}.zip",
        "application/zip",
        on_click="ignore",
        key="casebook-zip",
        icon=":material/download:",
        type="primary",
    )
    st.caption(
        "Each table as JSON and CSV, photos and reports as they were stored, and the history. It holds all that you "
        "entered of your patients: keep it as you keep their files."
    )
    if not counts.get("patients"):
        take_export(book)


def export(book: Casebook) -> bytes:
    """The bytes of the ZIP."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "casebook.zip"
        book.export(path)
        return path.read_bytes()


def take_export(book: Casebook) -> None:
    """A field for an export of another casebook, while this one is empty."""
    session = get_session()
    upload: WidgetValue[Sequence] = WidgetValue(f"casebook-zip-{session.uploads}", [])

    def take() -> None:
        if not session.take_upload(upload.key) or not upload.get():
            return
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "casebook.zip"
            path.write_bytes(upload.get()[0].getvalue())
            try:
                taken = book.take(path)
            except CasebookError as error:
                session.cases.failed = str(error)
            else:
                session.cases.done = f"In the casebook now: {count(taken.records['lesions'], 'lesion')}."

    st.file_uploader(
        f"This casebook is empty. An export of another one can be read into it; above {MOST} MB by the command line.",
        ["zip"],
        accept_multiple_files=True,
        key=upload.key,
        on_change=take,
        max_upload_size=MOST,
    )
