"""Who reads and writes in the casebook: who is signed in, or a free word."""

import streamlit as st

from melanoma.documents.case import LINE
from pages.parts.cases_view import CasesView
from pages.parts.session import WidgetValue
from pages.parts.sign_in import find_user


def ask_reader(view: CasesView, key: str) -> None:
    """A field for it; where people sign in, their account's address stands in it, as in the history."""
    user = find_user()
    if user is not None:
        view.reader = user.id
    reader: WidgetValue[str] = WidgetValue(key, view.reader)
    reader.set(view.reader)
    st.text_input(
        "Your id",
        key=reader.key,
        on_change=lambda: setattr(view, "reader", (reader.get() or "").strip()),
        max_chars=LINE,
        width=220,
        disabled=user is not None,
        help="Any word that stands for you. It is kept with what you save. No name is needed.",
    )
