"""What a lesion turned out to be: histology, consensus or follow-up, with its code, entered when it is known."""

from __future__ import annotations

import streamlit as st

from melanoma.casebook import Case, Casebook, Outcome, Writer
from melanoma.casebook.records import LINE
from melanoma.casebook.vocabulary import OUTCOME_DIAGNOSES, OUTCOME_SOURCES
from melanoma.documents.cases import describe_outcome, name_diagnosis
from melanoma.documents.wording import escape_markdown
from pages.cases_tabs.deletion import ask_to_delete
from pages.parts.cases_view import CasesView
from pages.parts.open_casebook import save


def show_outcomes(book: Casebook, view: CasesView, case: Case) -> None:
    """Those that were entered, which of them counts, and the form for one."""
    if not case.outcomes:
        st.markdown("**Outcome: not known yet.**")
    for outcome in case.outcomes:
        counts = len(case.outcomes) > 1 and outcome == case.outcome
        with st.container(horizontal=True, vertical_alignment="center"):
            words = escape_markdown(f"{describe_outcome(outcome)} {outcome.note}")
            st.markdown(f"**Outcome{', the one that counts' if counts else ''}.** {words}", width="stretch")
            ask_to_delete(book, view, outcome, "outcome", "this outcome")
    key = f"enter-outcome-{case.lesion.id}-{view.saved}"
    with st.expander("Enter the outcome", icon=":material/biotech:", key=key):
        ask_for_outcome(book, view, case)


def ask_for_outcome(book: Casebook, view: CasesView, case: Case) -> None:
    """The form."""
    key = f"outcome-{case.lesion.id}-{len(case.outcomes)}"
    left, right = st.columns(2, gap="medium")
    with left:
        diagnosis = st.selectbox(
            "What it was", OUTCOME_DIAGNOSES, None, name_diagnosis, key=f"{key}-diagnosis", placeholder="Choose"
        )
        source = st.selectbox("Known by", list(OUTCOME_SOURCES), 0, OUTCOME_SOURCES.__getitem__, key=f"{key}-source")
    with right:
        day = st.date_input("Day", "today", key=f"{key}-day", format="YYYY-MM-DD")
        code = st.text_input(
            "Code", key=f"{key}-code", max_chars=LINE, placeholder="8720/3", help="The pathologist's, such as ICD-O's."
        )
    note = st.text_input("Note", key=f"{key}-note", max_chars=LINE)

    def add(writer: Writer) -> None:
        assert diagnosis is not None
        writer.add(
            Outcome(
                lesion_id=case.lesion.id,
                diagnosis=diagnosis,
                source=source,
                date=day,
                who=view.reader,
                code=code.strip(),
                note=note.strip(),
            )
        )

    st.button(
        "Save the outcome",
        on_click=lambda: save(book, add, "The outcome is in the casebook."),
        key=f"{key}-save",
        type="primary",
        icon=":material/save:",
        disabled=not view.reader or diagnosis is None or day is None,
    )
