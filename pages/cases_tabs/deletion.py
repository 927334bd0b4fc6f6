"""What deletes: each asks first, in a sentence that says what goes and what stays."""

from __future__ import annotations

import streamlit as st

from melanoma.casebook import Case, Casebook, Lesion
from melanoma.casebook.records import Record
from melanoma.documents.cases import count
from melanoma.documents.wording import escape_markdown
from melanoma.estimates import enumerate_words
from pages.parts.cases_view import CasesView
from pages.parts.open_casebook import save


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
            f"lesion {label} of patient {reference}, with {list_parts(case)}",
        )
        ask_to_delete(
            book,
            view,
            case.patient,
            "patient",
            f"patient {reference} with {count(others, 'lesion')} and all that belongs to them",
        )


def list_parts(case: Case) -> str:
    """What goes with a lesion."""
    parts = {
        "visit": len(case.visits),
        "photo": len(case.photos),
        "reading": len(case.readings),
        "answer": len(case.answers),
        "report": len(case.reports),
        "outcome": len(case.outcomes),
    }
    return enumerate_words([count(number, name) for name, number in parts.items() if number] or ["nothing else"])


def ask_to_delete(book: Casebook, view: CasesView, record: Record, name: str, what: str) -> None:
    """A button that opens the question; the second one deletes."""
    with st.popover(f"Delete {name}", icon=":material/delete:", type="tertiary", key=f"ask-delete-{record.id}"):
        st.markdown(f"**Delete {what}?** This cannot be undone. {book.remains}")
        st.button(
            "Delete for good",
            on_click=lambda: save(book, lambda writer: writer.delete(record), f"The {name} is deleted."),
            key=f"delete-{record.id}",
            type="primary",
            icon=":material/delete_forever:",
            disabled=not view.reader,
        )
