"""Many lesions: photos in, a row a lesion, worst first."""

import streamlit as st

from melanoma.documents.wording import RESEARCH_USE, describe_network
from melanoma.documents.worklist import describe_rows
from melanoma.run import Run, RunError
from pages.parts.network_picker import choose_network
from pages.parts.open_runs import open_classifier
from pages.parts.operating_point import choose_operating_point
from pages.parts.session import get_session
from pages.parts.sign_in import note_click
from pages.parts.worklist_view import WorklistView
from pages.worklist_parts.chosen import show_chosen
from pages.worklist_parts.drop import introduce, show_progress, take_files
from pages.worklist_parts.suggestions import show_suggestions
from pages.worklist_parts.table import choose_rows, show_table
from pages.worklist_parts.take_away import offer_downloads

POLL = 1.0  # seconds between two looks at the list while photos are answered


def show_worklist(run: Run) -> None:
    """How far the list is, its rows, what is selected, and what there is to take away."""
    view = get_session().worklist
    assert view.worklist is not None
    view.worklist.wait_for_first(POLL)
    follow_choices(view, run)
    is_running, above = view.worklist.progress.is_running, st.container()
    st.fragment(show_rows)(view, run)
    with above:  # drawn last: it may have the page drawn anew
        st.fragment(watch, run_every=POLL if is_running else None)(view, is_running=is_running)


def watch(view: WorklistView, *, is_running: bool) -> None:
    """The progress, again and again while it runs; the page anew when there are markedly more rows, or all."""
    show_progress(view)
    assert view.worklist is not None
    progress = view.worklist.progress
    is_drawn = not view.has_grown() if progress.is_running else progress.judged == len(view.drawn)
    if progress.is_running != is_running or not is_drawn:
        st.rerun()


def show_rows(view: WorklistView, run: Run) -> None:
    """By itself when a row is selected: what is above stays."""
    note_click()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        view.refresh(choose_operating_point(run))
        choose_rows(view)
    if not view.rows:
        return
    chosen, rows = st.columns([4, 7], gap="small")
    with chosen:
        show_chosen(view, run)
    with rows:
        show_table(view)
        offer_downloads(view, run)
    show_suggestions(view)
    st.caption(f"{describe_rows(view.rows)} {describe_network(run)}")


def follow_choices(view: WorklistView, run: Run) -> None:
    """Answer again what the visitor now has answered by another network, or as another kind of photo."""
    worklist = view.worklist
    assert worklist is not None
    if worklist.classifier.run.answer_sha256 != run.answer_sha256:
        worklist.judge_again(open_classifier(run))
        view.drawn = frozenset()
    kinds = get_session().kinds
    for photo in worklist.photos:
        if photo.sha256 in kinds:
            worklist.state_kind(photo, kinds[photo.sha256])


st.title("Worklist", anchor=False)
if run := choose_network():
    try:
        take_files(run)
        st.markdown(f"**{RESEARCH_USE}** Routine does not rule out melanoma.")
        if get_session().worklist.worklist is None:
            introduce()
            open_classifier(run)  # while the visitor looks for photos
        else:
            show_worklist(run)
    except RunError as error:
        st.error(str(error), icon=":material/error:")
