"""A section of the test results: its title stands on the page, and what is in it is drawn once it is opened."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st

from melanoma.documents.glossary import explain
from pages.parts.session import WidgetValue
from pages.parts.sign_in import note_click
from pages.parts.widgets import make_anchor


@dataclass(frozen=True)
class Section:
    """draw: draws what is in it; terms: names of the glossary's terms that it explains on demand."""

    title: str
    draw: Callable[[], None]
    terms: str = ""

    @property
    def is_open(self) -> WidgetValue[bool]:
        """Whether the visitor has opened it; a page with all that was measured would take seconds."""
        return WidgetValue(f"section-{make_anchor(self.title)}", False)


def offer_all(sections: Sequence[Section]) -> None:
    """One click that opens every section, to search the page or to print it; and one that closes them."""
    with st.container(horizontal=True):
        for name, icon, wanted in (("Open all", "unfold_more", True), ("Close all", "unfold_less", False)):
            key = f"{name.lower().replace(' ', '-')}-sections"
            icon = f":material/{icon}:"
            st.button(name, on_click=set_all, args=(sections, wanted), key=key, type="tertiary", icon=icon)


def set_all(sections: Sequence[Section], wanted: bool) -> None:
    """Every section open, or every one closed."""
    for section in sections:
        section.is_open.set(wanted)


@st.fragment
def show_section(section: Section) -> None:
    """What is in it is drawn where it is open, and without the rest of the page."""
    note_click()
    section.is_open.get()
    part = st.expander(f"**{section.title}**", key=section.is_open.key, on_change="rerun")
    if part.open:
        with part:
            if section.terms:
                st.caption("What the terms mean", help=explain(section.terms))
            section.draw()
