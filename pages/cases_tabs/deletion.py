"""What deletes: each asks first, in a sentence that says what goes and what stays."""

from __future__ import annotations

import streamlit as st

from melanoma.casebook import Case, Casebook, Lesion
from melanoma.casebook.records import Record
from melanoma.documents.wording import escape_markdown
from pages.parts.cases_view import CasesView
from pages.parts.open_casebook import save

REMAINS = (
    "This cannot be undone. The history keeps who deleted which id, and when. Copies and backups of the casebook that "
    "were made before still hold it: delete those yourself."
)


def offer_deletion(book: Casebook, view: CasesView, case: Case) -> None:
    """Of the lesion, and of the patient with all lesions."""
    others = len(book.find(Lesion, patient_id=case.patient.id))
    label, reference = escape_markdown(case.lesion.label), escape_markdown(case.patient.reference)
    with st.container(horizontal=True):
        ask_to_delete(
            book,
            view,
            case.lesion,
            "lesion",
            f"lesion {label} of patient {reference}, with its {len(case.visits)} visits, {len(case.photos)} photos, "
            f"{len(case.readings)} readings, {len(case.reports)} reports and {len(case.outcomes)} outcomes",
        )
        ask_to_delete(
            book, view, case.patient, "patient", f"patient {reference} with {others} lesions and all of theirs"
        )


def ask_to_delete(book: Casebook, view: CasesView, record: Record, name: str, what: str) -> None:
    """A button that opens the question; the second one deletes."""
    with st.popover(f"Delete {name}", icon=":material/delete:", type="tertiary", key=f"ask-delete-{record.id}"):
        st.markdown(f"**Delete {what}?** {REMAINS}")
        st.button(
            "Delete for good",
            on_click=lambda: save(book, lambda writer: writer.delete(record), f"The {name} is deleted."),
            key=f"delete-{record.id}",
            type="primary",
            icon=":material/delete_forever:",
            disabled=not view.reader,
        )
