"""Reader study: readers alone and with support on the same photos, and what support changed."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import streamlit as st

from melanoma.documents.wording import RESEARCH_USE
from melanoma.run import RunError
from pages.parts.open_casebook import find_casebook
from pages.parts.session import get_session
from pages.parts.tabs import choose_tab
from pages.reader_study_tabs.analysis import show_analysis
from pages.reader_study_tabs.reading import show_reading
from pages.reader_study_tabs.set_up import show_set_up

if TYPE_CHECKING:
    from melanoma.casebook import Casebook

TABS: dict[str, Callable[["Casebook"], None]] = {
    "Read": show_reading,
    "Set up": show_set_up,
    "Analysis": show_analysis,
}


def introduce() -> None:
    """The page while the casebook is off."""
    st.info("Reader studies are kept in the casebook, which is off. Nothing is stored.", icon=":material/lock:")
    st.markdown(
        "Several people read the same photos, each in a random order, once alone and once with the network's answer. "
        "The analysis says what support changed, with intervals over readers and cases.\n\n"
        "To turn the casebook on, make a folder, and name it when you start the program:"
    )
    st.code("MELANOMA_CASEBOOK=/path/to/folder streamlit run app.py", language="bash")


def show_study(book: "Casebook") -> None:
    """What the last click did, and the tabs."""
    view = get_session().study
    if view.failed:
        st.error(view.failed, icon=":material/error:")
    elif view.done:
        st.success(view.done, icon=":material/check:")
    view.failed = view.done = ""
    for show, tab in choose_tab(TABS, "tab"):
        with tab:
            show(book)


st.title("Reader study", anchor=False)
st.caption(RESEARCH_USE)
# Late: it brings SQLAlchemy, for whom the casebook is on.
from melanoma.casebook.error import CasebookError  # noqa: E402

try:
    if book := find_casebook():
        show_study(book)
    else:
        introduce()
except (CasebookError, RunError) as error:
    st.error(str(error), icon=":material/error:")
