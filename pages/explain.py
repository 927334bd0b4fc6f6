"""The heatmaps of one lesion in depth: all nine, methods, contrast, the deletion test, and a region hidden."""

from collections.abc import Callable

import streamlit as st

from melanoma.documents import wording
from melanoma.photo import Assessment, Photo
from melanoma.run import Run, RunError
from pages.explain_tabs.all_diagnoses import show_all_diagnoses
from pages.explain_tabs.compare_two import compare_two
from pages.explain_tabs.deletion_test import show_deletion_test
from pages.explain_tabs.hide_a_region import hide_a_region
from pages.explain_tabs.how_to_read import show_how_to_read
from pages.explain_tabs.methods import show_methods
from pages.parts.answer import Answer, answer_photo, read_open_photo
from pages.parts.assessment import may_answer
from pages.parts.network_picker import choose_network
from pages.parts.operating_point import choose_operating_point
from pages.parts.photo_picker import choose_photo

TABS: dict[str, Callable[[Answer], None]] = {
    "All diagnoses": show_all_diagnoses,
    "Methods": show_methods,
    "Compare two": compare_two,
    "Deletion test": show_deletion_test,
    "Hide a region": hide_a_region,
    "How to read": lambda answer: show_how_to_read(answer.run),
}


def explain(name: str, photo: Photo, assessment: Assessment, run: Run) -> None:
    """The decision in short, as Analyze gives it, then a tab for each way to question it."""
    if not may_answer(photo, assessment):
        st.image(photo.pixels, "What was read", width=320, alt="The photo as it was read")
        return
    head, choice = st.columns([3, 2], gap="small", vertical_alignment="bottom")
    with choice:
        operating_point = choose_operating_point(run)
    answer = answer_photo(name, photo, run, operating_point)
    head.header(wording.write_headline(answer.prediction), anchor=False)
    st.markdown(wording.describe_diagnoses(answer.prediction, answer.prediction_set))
    st.markdown(f"Photo quality: {assessment.quality}. **{wording.RESEARCH_USE}**")
    for (_, show), tab in zip(TABS.items(), st.tabs(list(TABS), key="explain-tab", bind="query-params"), strict=True):
        if tab.open:
            with tab:
                show(answer)


st.title("Explain a lesion", anchor=False)
if run := choose_network():
    try:
        if open_photo := choose_photo():
            explain(open_photo.name, *read_open_photo(open_photo), run)
        else:
            st.caption(f"No photo is open. {wording.RESEARCH_USE}")
    except RunError as error:
        st.error(str(error), icon=":material/error:")
