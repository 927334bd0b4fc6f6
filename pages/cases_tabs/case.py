"""A part of the Cases page: one lesion over time."""

from __future__ import annotations

import datetime
from typing import Any, Literal

import numpy as np
import streamlit as st

from melanoma.casebook import Case, Casebook, Lesion, Missing, Visit, Writer
from melanoma.casebook.records import LINE
from melanoma.charts.body_map import body_map, describe_map, place_of, read_lesion
from melanoma.documents.cases import (
    describe_visit,
    name_lesion,
    tabulate_changes,
)
from melanoma.documents.wording import escape_markdown
from pages.cases_tabs.deletion import offer_deletion
from pages.cases_tabs.edits import keep_lost_edit, offer_edits, offer_visit_edits
from pages.cases_tabs.lesions import ask_for_lesion
from pages.cases_tabs.outcomes import show_outcomes
from pages.cases_tabs.two_visits import offer_two_dates
from pages.cases_tabs.visit import show_visit
from pages.parts.cases_view import CasesView
from pages.parts.network_picker import choose_network
from pages.parts.open_casebook import save
from pages.parts.session import WidgetValue, get_session
from pages.parts.similar_cases import Seen, offer_similar_cases
from pages.parts.widgets import draw_figure, draw_table


def show_case(book: Casebook, lesion_id: str) -> None:
    """Where it lies, its visits with the latest open, its outcome, and its history."""
    view = get_session().cases
    try:
        case = book.case(lesion_id)
    except Missing:
        keep_lost_edit(view, None)
        view.failed = "This lesion is not in the casebook. Somebody may have deleted it."
        view.open_case(None)
        st.rerun()
    keep_lost_edit(view, case)
    st.button("All cases", on_click=view.open_case, args=(None,), key="all-cases", icon=":material/arrow_back:")
    st.header(escape_markdown(name_lesion(case.patient, case.lesion)), anchor=False)
    left, right = st.columns([2, 3], gap="large")
    with left:
        show_map(book, view, case)
    with right:
        show_outcomes(book, view, case)
        offer_edits(book, view, case)
        kind: Literal["primary", "secondary"] = "secondary" if case.visits else "primary"
        with st.popover("New visit", icon=":material/event:", type=kind, key=f"add-visit-{view.saved}"):
            ask_for_visit(book, view, case)
        offer_two_dates(book, view, case)
    show_visits(book, view, case)
    with st.expander(
        "History of changes", icon=":material/history:", key=f"history-{lesion_id}", on_change="rerun"
    ) as part:
        if part.open:
            draw_table(tabulate_changes(book.history(lesion_id=lesion_id)), "History of changes", "history")
    offer_deletion(book, view, case)


def show_map(book: Casebook, view: CasesView, case: Case) -> None:
    """The patient's lesions on the body, of which a click or the list below opens another; and a new one."""
    lesions = book.find(Lesion, patient_id=case.patient.id)
    ids = [lesion.id for lesion in lesions]
    chart: WidgetValue[Any] = WidgetValue(f"map-{case.lesion.id}-{view.clicks}", None)
    # Another list where one has another name now: Streamlit knows an option by its words.
    state = f"{case.lesion.id}-{view.clicks}-{sum(lesion.version for lesion in lesions)}"
    other: WidgetValue[str] = WidgetValue(f"lesion-{state}", case.lesion.id)

    def take_click() -> None:
        points = chart.get()["selection"]["points"]
        if points and (lesion_id := read_lesion(points[0])):
            open_other(lesion_id)

    def open_other(lesion_id: str) -> None:
        if lesion_id in ids:
            view.clicks += 1
            view.open_case(lesion_id)

    draw_figure(
        body_map(lesions, place_of(case.lesion), case.lesion.id, pick=False, height=300),
        describe_map(lesions),
        chart.key,
        bare=True,
        on_select=take_click,
        selection_mode="points",
    )
    if len(lesions) > 1:
        names = {lesion.id: name_lesion(case.patient, lesion) for lesion in lesions}
        other.get()
        st.selectbox(
            "Lesion of this patient",
            ids,
            format_func=names.__getitem__,
            key=other.key,
            on_change=lambda: open_other(other.get()),
        )
    part = st.expander(
        "Another lesion of this patient", icon=":material/add:", key=f"another-{case.lesion.id}", on_change="rerun"
    )
    if part.open:
        with part:
            ask_for_lesion(book, view, case.patient)


def show_visits(book: Casebook, view: CasesView, case: Case) -> None:
    """The latest first, and open."""
    run = choose_network()
    if not case.visits:
        st.caption("No visit yet. A visit takes photos, your reading and the network's answer.")
    for number, visit in enumerate(reversed(case.visits)):
        part = st.expander(
            escape_markdown(describe_visit(visit)), expanded=number == 0, key=f"visit-{visit.id}", on_change="rerun"
        )
        if part.open:
            with part:
                show_visit(book, case, visit, run)
                offer_visit_edits(book, view, case, visit)
    latest = case.answers[-1] if case.answers else None
    if run is not None and latest is not None and latest.run_sha256 == run.sha256:
        offer_similar_cases(Seen(np.array(latest.probabilities), run, latest.kind, case.lesion.id))


def ask_for_visit(book: Casebook, view: CasesView, case: Case) -> None:
    """The form for a new visit."""
    key = f"new-visit-{case.lesion.id}-{len(case.visits)}"
    day = st.date_input("Day", "today", key=f"{key}-day", format="YYYY-MM-DD")
    reason = st.text_input("Reason", key=f"{key}-reason", max_chars=LINE)
    due = st.date_input("To be seen again", None, key=f"{key}-due", format="YYYY-MM-DD")
    st.button(
        "Add the visit",
        on_click=add_visit,
        args=(book, case.lesion, day, reason, due),
        key=f"{key}-add",
        type="primary",
        disabled=not view.reader or day is None,
    )


def add_visit(book: Casebook, lesion: Lesion, day: datetime.date, reason: str, due: datetime.date | None) -> None:
    """Add a visit to a lesion."""

    def add(writer: Writer) -> None:
        writer.add(Visit(lesion_id=lesion.id, date=day, reason=reason.strip(), follow_up_due=due))

    save(book, add, "The visit is in the casebook.")
