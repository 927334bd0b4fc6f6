"""From a row of the worklist to its case, where the casebook has one. Only where that is on."""

from __future__ import annotations

import streamlit as st

from melanoma.casebook import CasebookError, FoundLesion, Search
from melanoma.documents.cases import name_lesion
from melanoma.documents.wording import escape_markdown
from melanoma.serving.worklist import WorklistRow
from pages.parts.open_casebook import find_casebook
from pages.parts.session import get_session


def offer_case(row: WorklistRow) -> None:
    """A button for each lesion of the casebook that one of the row's photos was answered for."""
    try:
        cases = find_cases(row)
    except CasebookError as error:
        st.caption(f":material/error: {error}")
        return
    for case in cases:
        name = escape_markdown(name_lesion(case.patient, case.lesion))
        if st.button(f"Open the case: {name}", key=f"case-{case.lesion.id}", icon=":material/folder_shared:"):
            get_session().cases.open_case(case.lesion.id)
            st.switch_page("pages/cases.py")


def find_cases(row: WorklistRow) -> list[FoundLesion]:
    """Lesions of the casebook with an answer that rests on one of the row's photos. Raises CasebookError."""
    book = find_casebook()
    if book is None:
        return []
    hashes = {photo.sha256 for photo in row.photos} - {""}  # of files that were not read
    found = [lesion for sha256 in sorted(hashes) for lesion in book.search(Search(photo=sha256)).lesions]
    return list({lesion.lesion.id: lesion for lesion in found}.values())
