"""The casebook: lesions over time, own reading first, outcomes, and how often who was right. Off until it is set."""

from collections.abc import Callable

import streamlit as st

from melanoma.casebook import Casebook, CasebookError
from melanoma.documents.wording import RESEARCH_USE
from melanoma.run import RunError
from pages.cases_tabs.agreement import show_agreement
from pages.cases_tabs.case import show_case
from pages.cases_tabs.conflict import show_question
from pages.cases_tabs.export import show_export
from pages.cases_tabs.follow_up import show_follow_ups
from pages.cases_tabs.lesions import TAB, show_lesions
from pages.cases_tabs.reader import ask_who
from pages.cases_tabs.switched_off import introduce
from pages.parts import address
from pages.parts.open_casebook import find_casebook
from pages.parts.session import get_session
from pages.parts.tabs import choose_tab

CASE = "case"


def show_cases(book: Casebook) -> None:
    """The open case, or the list."""
    view = get_session().cases
    if view.lesion_id:
        show_case(book, view.lesion_id)
    else:
        show_lesions(book)


TABS: dict[str, Callable[[Casebook], None]] = {
    "Cases": show_cases,
    "Follow-up": show_follow_ups,
    "Agreement": show_agreement,
    "Take away": show_export,
}


def show_book(book: Casebook) -> None:
    """Who is here, what the last click did, what two people must settle, and the tabs."""
    view = get_session().cases
    if (linked := address.read(CASE)) and linked != view.linked:  # a link was followed
        view.open_case(linked)
    ask_who(view)
    with st.container():  # always there: where what is below moves up or down, forms that are open would close
        if view.failed:
            st.error(view.failed, icon=":material/error:")
        elif view.done:
            st.success(view.done, icon=":material/check:")
        view.done = view.failed = ""
    with st.container():
        if view.question:
            show_question(book, view, view.question)
    for show, tab in choose_tab(TABS, TAB):
        with tab:
            show(book)
    view.linked = view.lesion_id or ""
    address.write(CASE, view.linked, "")
    st.caption(f"Casebook: {book.name}")


st.title("Cases", anchor=False)
st.caption(RESEARCH_USE)
try:
    if book := find_casebook():
        show_book(book)
    else:
        introduce()
except (CasebookError, RunError) as error:
    st.error(str(error), icon=":material/error:")
