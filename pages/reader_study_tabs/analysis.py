"""A tab of the Reader study page: what the readings say, for who set the study up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from melanoma.casebook.error import CasebookError
from melanoma.casebook.reader_study import Study
from melanoma.casebook.reader_study_results import StudyLine, list_answers, list_lines
from melanoma.casebook.reader_study_running import is_owner
from melanoma.documents.reader_study import as_csv, describe_analysis, tabulate_analysis, tabulate_progress
from melanoma.documents.wording import escape_markdown
from pages.parts.session import WidgetValue, get_session
from pages.parts.widgets import draw_table, write_list, write_table

if TYPE_CHECKING:
    from melanoma.casebook import Casebook
    from pages.parts.study_view import StudyView


def show_analysis(book: Casebook) -> None:
    """The owner's code, then the results."""
    view = get_session().study
    if view.owned is None:
        ask_for_code(book, view)
        return
    study, lines = view.owned, list_lines(book, view.owned)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{escape_markdown(study.name)}** · support by {study.run}", width="content")
        st.button("Close", on_click=lambda: setattr(view, "owned", None), key="close-study", icon=":material/close:")
    show_results(study, lines)
    with st.expander("Delete the study", icon=":material/delete:"):
        st.markdown(
            "Photos, readers and readings go. The history keeps that they were deleted, with the readings under their "
            "readers' hashes. Copies and backups made before still hold all."
        )
        sure = st.checkbox("Delete it for good", key="delete-sure")
        st.button("Delete", on_click=lambda: delete(book, view, study), key="delete-study", disabled=not sure)


def ask_for_code(book: Casebook, view: StudyView) -> None:
    """Which study, and the code that opens its results."""
    studies = {study.name: study for study in book.find(Study)}
    if not studies:
        st.info("There is no study yet.")
        return
    name = st.selectbox("Study", list(studies), key="study-to-analyse", width=420)
    code: WidgetValue[str] = WidgetValue("owner-code", "")

    def open_results() -> None:
        if is_owner(studies[name], code.get()):
            view.owned = studies[name]
            code.set("")
        else:
            view.failed = "This is not the code of who set the study up."

    st.text_input("Code of who set it up", key=code.key, max_chars=20, autocomplete="off", width=420)
    st.button("Show the analysis", on_click=open_results, key="open-analysis", icon=":material/lock_open:")


def show_results(study: Study, lines: tuple[StudyLine, ...]) -> None:
    """How far readers are, the table of estimates, and every answer to take away."""
    if not lines:
        st.info("Nobody has answered yet.")
        return
    analysis = get_session().keep(("study", study.id, len(lines)), lambda: analyse(lines))
    if analysis is None:
        st.info("No reader has read a case both alone and with support yet. Until then there is nothing to compare.")
    else:
        write_table(tabulate_analysis(analysis))
        write_list(describe_analysis(analysis, study.washout_days))
    st.markdown("**Readers**")
    draw_table(tabulate_progress(lines), "How far each reader is", "study-readers")
    st.download_button(
        "Every answer as CSV",
        lambda: as_csv(lines),
        "reader-study.csv",
        "text/csv",
        on_click="ignore",
        icon=":material/download:",
        key="study-answers",
    )


def analyse(lines: tuple[StudyLine, ...]):
    from melanoma.evaluation.reader_study import analyse_study  # noqa: PLC0415 (late: it brings SciPy)

    return analyse_study(list_answers(lines))


def delete(book: Casebook, view: StudyView, study: Study) -> None:
    """For good."""
    try:
        with book.write(study.owner[:12]) as writer:
            writer.delete(study)
    except CasebookError as error:
        view.failed = str(error)
        return
    view.owned, view.done = None, f"{escape_markdown(study.name)} is deleted."
    if view.study is not None and view.study.id == study.id:
        view.leave()
