"""Who reads and writes: a free id, for the history and the readings. No name is needed."""

import streamlit as st

from melanoma.casebook.records import LINE
from melanoma.casebook.vocabulary import ROLES
from pages.parts.cases_view import CasesView
from pages.parts.session import WidgetValue


def ask_who(view: CasesView) -> None:
    """Id, role, and whether one's own reading comes first."""
    reader: WidgetValue[str] = WidgetValue("reader", view.reader)
    role: WidgetValue[str] = WidgetValue("reader-role", view.role)
    first: WidgetValue[bool] = WidgetValue("reads-first", view.reads_first)
    for widget in (reader, role, first):
        widget.set(widget.default)

    def take() -> None:
        view.reader, view.role, view.reads_first = (reader.get() or "").strip(), role.get(), first.get()

    with st.container(horizontal=True, vertical_alignment="bottom", key="who"):
        st.text_input(
            "Your id",
            key=reader.key,
            on_change=take,
            max_chars=LINE,
            width=220,
            help="Any word that stands for you. It is kept with what you save. No name is needed.",
        )
        st.selectbox("Role", list(ROLES), format_func=ROLES.__getitem__, key=role.key, on_change=take, width=240)
        st.toggle(
            "Own reading first",
            key=first.key,
            on_change=take,
            help="You enter what you think. Only then are the probabilities shown. Then you keep or revise.",
        )
    if not view.reader:
        st.info("Enter your id above to save anything.", icon=":material/badge:")
