"""An answer as the casebook keeps it, and the one click that marks it as wrong."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from melanoma.casebook import Answer, Casebook
from melanoma.charts.answer import describe_bars, draw_bars
from melanoma.diagnoses import CODES
from melanoma.documents.cases import describe_answer, describe_likeliest, write_answer, write_time
from melanoma.documents.decision import NAMES_OF_DECISIONS
from melanoma.documents.wording import escape_markdown
from pages.parts.cases_view import CasesView
from pages.parts.decision import BADGES
from pages.parts.open_casebook import save
from pages.parts.widgets import draw_figure


def show_answer(book: Casebook | None, view: CasesView, answer: Answer) -> None:
    """Decision, probabilities, provenance. book: None for an answer that is not saved yet."""
    decision: str = answer.decision
    badge = BADGES[decision].format(NAMES_OF_DECISIONS[decision])  # type: ignore[index]
    with st.container(border=True, key=f"answer-{answer.id}"):
        st.markdown(f"#### {badge} {write_answer(answer)}".replace(" %", "\u00a0%"))
        st.markdown(f"**{describe_likeliest(answer)}** This does not rule out melanoma.")
        probabilities = dict(zip(CODES, answer.probabilities, strict=True))
        words = describe_bars(probabilities)
        draw_figure(draw_bars(probabilities), words, f"bars-{answer.id}", bare=True)
        st.caption(describe_answer(answer))
        if book is not None:
            offer_wrong(book, view, answer)


def offer_wrong(book: Casebook, view: CasesView, answer: Answer) -> None:
    """One click marks the answer as wrong; one more takes that back."""
    if answer.wrong_at is None:
        st.button(
            "This answer was wrong",
            on_click=lambda: save(book, lambda writer: writer.mark_wrong(answer), "The answer is marked as wrong."),
            key=f"wrong-{answer.id}",
            icon=":material/flag:",
            disabled=not view.reader,
            help="Kept with the answer and the SHA-256 of its photo.",
        )
        return
    st.markdown(
        f":material/flag: **Marked as wrong** by {escape_markdown(answer.wrong_by)}, {write_time(answer.wrong_at)}."
    )
    cleared = replace(answer, wrong_by="", wrong_at=None, wrong_note="")
    st.button(
        "Take this back",
        on_click=lambda: save(book, lambda writer: writer.change(cleared), "The mark is taken back."),
        key=f"not-wrong-{answer.id}",
        type="tertiary",
        disabled=not view.reader,
    )
