"""The same lesion at two dates: two photos in one frame, both answers, and how much of the difference is noise."""

import streamlit as st

from melanoma.documents import two_dates as words
from melanoma.documents.wording import RESEARCH_USE, describe_network
from melanoma.run import Run, RunError
from pages.parts.network_picker import choose_network
from pages.parts.open_photos import OpenPhoto
from pages.parts.open_runs import open_classifier
from pages.parts.session import get_session
from pages.parts.worklist_link import link_to_worklist
from pages.two_dates_parts.answers import show_answers
from pages.two_dates_parts.choose import choose_pair
from pages.two_dates_parts.together import show_together


def compare(earlier: OpenPhoto, later: OpenPhoto, run: Run) -> None:
    """Both answers, then both photos in one frame."""
    show_answers(earlier, later, run)
    show_together(earlier, later)
    st.caption(f"**{RESEARCH_USE}** {describe_network(run)}")


def link_to_case(*photos: OpenPhoto) -> None:
    """The way back, where both photos came from a lesion of the casebook that is still open there."""
    view = get_session().cases
    if view.lesion_id and view.compared.issuperset(photo.sha256 for photo in photos):
        st.page_link("pages/cases.py", label="Back to the case", icon=":material/arrow_back:")


def introduce() -> None:
    """The page before there are two photos."""
    for column, (icon, title, text) in zip(
        st.columns(3, gap="medium"),
        [
            ("compare", "One frame", "The later photo is turned and zoomed onto the earlier one. Flicker, wipe, zoom."),
            ("balance", "Both answers", "Beside each other, with what turning and re-framing alone would change."),
            ("timeline", "By your dates", "You say when the photos were taken. Nothing is read from the files."),
        ],
        strict=True,
    ):
        with column.container(border=True):
            st.markdown(f":material/{icon}: **{title}**")
            st.caption(text)
    st.caption(words.WHAT_YOU_SEE)


st.title("Two dates", anchor=False)
if run := choose_network():
    try:
        pair = choose_pair(run)
        if pair is None:
            introduce()
            open_classifier(run)  # while the visitor looks for photos
        else:
            link_to_worklist(*pair)
            link_to_case(*pair)
            compare(*pair, run)
    except RunError as error:
        st.error(str(error), icon=":material/error:")
