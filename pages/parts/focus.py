"""Keyboard and screen reader go on where the answer is, once photos were opened."""

import streamlit as st

from pages.parts.session import get_session

# The comment makes every script a new one: Streamlit runs one that it has drawn before no second time.
SCRIPT = """<script>{{
const place = document.querySelector('{place}');
if (place) {{ place.setAttribute('tabindex', '-1'); place.focus(); }}
}}</script><!-- {number} -->"""


def focus_once(place: str) -> None:
    """Move the focus to an element, by its CSS selector, if photos have been opened since it was last moved."""
    session = get_session()
    if session.opened == session.focused:
        return
    session.focused = session.opened
    st.html(SCRIPT.format(place=place, number=session.opened), unsafe_allow_javascript=True)
