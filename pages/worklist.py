"""Many lesions: photos in, a row a lesion, worst first."""

import streamlit as st

from melanoma.documents.wording import RESEARCH_USE
from melanoma.documents.worklist import describe_rows
from melanoma.run import Run, RunError
from pages.parts.network_picker import choose_network
from pages.parts.open_runs import open_classifier
from pages.parts.operating_point import choose_operating_point
from pages.parts.session import get_session
from pages.parts.worklist_view import WorklistView
from pages.worklist_parts.chosen import show_chosen
from pages.worklist_parts.drop import close_list, introduce, show_progress, take_files
from pages.worklist_parts.suggestions import show_suggestions
from pages.worklist_parts.table import choose_rows, show_table
from pages.worklist_parts.take_away import offer_downloads

POLL = 1.0  # seconds between two looks at the list while photos are answered


def show_worklist(view: WorklistView, run: Run, operating_point: str, *, polled: bool) -> None:
    """Progress, the rows, what is selected, and what there is to take away. Drawn anew by itself while it runs."""
    worklist = view.worklist
    assert worklist is not None
    show_progress(view)
    view.refresh(operating_point)
    if view.rows:
        st.markdown(f"{describe_rows(view.rows)} **{RESEARCH_USE}**")
        choose_rows(view)
        show_chosen(view, run)
        show_table(view)
        show_suggestions(view)
        offer_downloads(view, run)
    if worklist.progress.is_running != polled:
        st.rerun()  # the last photo is done, or it goes on: show all, and begin or cease to look


def follow_choices(view: WorklistView, run: Run) -> None:
    """Answer again what the visitor now has answered by another network, or as another kind of photo."""
    worklist = view.worklist
    assert worklist is not None
    if worklist.classifier.run.answer_sha256 != run.answer_sha256:
        worklist.judge_again(open_classifier(run))
    kinds = get_session().kinds
    for photo in worklist.photos:
        if photo.sha256 in kinds:
            worklist.state_kind(photo, kinds[photo.sha256])


st.title("Worklist", anchor=False)
if run := choose_network():
    try:
        take_files(run)
        view = get_session().worklist
        if view.worklist is None:
            introduce()
            open_classifier(run)  # while the visitor looks for photos
        else:
            follow_choices(view, run)
            with st.container(horizontal=True, vertical_alignment="bottom"):
                point = choose_operating_point(run)
                st.button("Close the list", on_click=close_list, key="close-worklist", icon=":material/close:")
            polled = view.worklist.progress.is_running
            st.fragment(show_worklist, run_every=POLL if polled else None)(view, run, point, polled=polled)
    except RunError as error:
        st.error(str(error), icon=":material/error:")
