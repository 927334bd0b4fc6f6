"""The heatmaps of one lesion in depth: all nine, methods, contrast, the deletion test, and a region hidden."""

from collections.abc import Callable

import streamlit as st

from melanoma.documents.wording import RESEARCH_USE
from melanoma.run import RunError
from pages.explain_tabs.all_diagnoses import show_all_diagnoses
from pages.explain_tabs.compare_two import compare_two
from pages.explain_tabs.deletion_test import show_deletion_test
from pages.explain_tabs.hide_a_region import hide_a_region
from pages.explain_tabs.how_to_read import show_how_to_read
from pages.explain_tabs.methods import show_methods
from pages.parts.answer import Answer
from pages.parts.decision import show_decision
from pages.parts.network_picker import choose_network
from pages.parts.photo_picker import choose_photo
from pages.parts.photo_strip import show_strip
from pages.parts.tabs import choose_tab
from pages.parts.worklist_link import link_to_worklist

TABS: dict[str, Callable[[Answer], None]] = {
    "All diagnoses": show_all_diagnoses,
    "Methods": show_methods,
    "Compare two": compare_two,
    "Deletion test": show_deletion_test,
    "Hide a region": hide_a_region,
    "How to read": lambda answer: show_how_to_read(answer.run, answer.of_photo.kind.kind),
}


def explain(answer: Answer) -> None:
    """A tab for each way to question the answer."""
    for show, tab in choose_tab(TABS, "explain-tab"):
        with tab:
            show(answer)


st.title("Explain a lesion", anchor=False)
if run := choose_network():
    try:
        open_photo, strip = choose_photo(), st.container()
        link_to_worklist()
        if open_photo is None:
            st.caption(f"No photo is open. {RESEARCH_USE}")
        elif answer := show_decision(open_photo, run):
            explain(answer)
        show_strip(strip, run)
    except RunError as error:
        st.error(str(error), icon=":material/error:")
