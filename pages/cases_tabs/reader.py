"""Who reads and writes: a free id, for the history and the readings. No name is needed."""

import streamlit as st

from melanoma.casebook.vocabulary import ROLES
from pages.parts.cases_view import CasesView
from pages.parts.reader_id import ask_reader
from pages.parts.session import WidgetValue


def ask_who(view: CasesView) -> None:
    """Id, role, and whether one's own reading comes first."""
    role: WidgetValue[str] = WidgetValue("reader-role", view.role)
    first: WidgetValue[bool] = WidgetValue("reads-first", view.reads_first)
    role.set(view.role)
    first.set(view.reads_first)

    def take() -> None:
        view.role, view.reads_first = role.get(), first.get()

    with st.container(horizontal=True, vertical_alignment="bottom", key="who"):
        ask_reader(view, "reader")
        st.selectbox("Role", list(ROLES), format_func=ROLES.__getitem__, key=role.key, on_change=take, width=240)
        st.toggle(
            "Own reading first",
            key=first.key,
            on_change=take,
            help="You enter what you think. Only then are the probabilities shown. Then you keep or revise.",
        )
    with st.container():
        if not view.reader:
            st.info("Enter your id above to save anything.", icon=":material/badge:")
