"""Who reads and writes in the casebook: who is signed in, or a free word."""

import streamlit as st

from melanoma.documents.case import LINE
from pages.parts.cases_view import CasesView
from pages.parts.session import WidgetValue
from pages.parts.sign_in import is_set_up, name_user


def ask_reader(view: CasesView, key: str) -> None:
    """A field for it; where people sign in, their account's name stands in it."""
    signed_in = is_set_up()
    if signed_in:
        view.reader = name_user()[:LINE]
    reader: WidgetValue[str] = WidgetValue(key, view.reader)
    reader.set(view.reader)
    st.text_input(
        "Your id",
        key=reader.key,
        on_change=lambda: setattr(view, "reader", (reader.get() or "").strip()),
        max_chars=LINE,
        width=220,
        disabled=signed_in,
        help="Any word that stands for you. It is kept with what you save. No name is needed.",
    )
