"""A tab of the Cases page: who is to be seen again, what is overdue first."""

import datetime

import streamlit as st

from melanoma.casebook import Casebook
from melanoma.documents.cases import name_lesion, tabulate_due
from pages.cases_tabs.lesions import go_to_case
from pages.parts.session import WidgetValue, get_session
from pages.parts.widgets import draw_table

MOST = 200  # lesions that are listed


def show_follow_ups(book: Casebook) -> None:
    """The list, and the way to a case."""
    view, today = get_session().cases, datetime.datetime.now(datetime.UTC).date()
    found = book.follow_ups(limit=MOST + 1)
    has_more, found = len(found) > MOST, found[:MOST]
    if not found:
        st.info("Nobody is to be seen again. A visit has a field for that.", icon=":material/event_available:")
        return
    overdue = sum(one.follow_up_due is not None and one.follow_up_due < today for one in found)
    more = f" There are more: these {MOST} are due longest." if has_more else ""
    st.markdown(f"**{overdue} overdue**, {len(found) - overdue} due later. The first is due longest.{more}")
    names = {one.lesion.id: name_lesion(one.patient, one.lesion) for one in found}
    chosen: WidgetValue[str | None] = WidgetValue(f"due-case-{view.clicks}", None)
    st.selectbox(
        "Open a case",
        list(names),
        None,
        names.__getitem__,
        key=chosen.key,
        on_change=lambda: go_to_case(view, chosen.get(), names),
        placeholder="Choose",
        width=420,
    )
    draw_table(tabulate_due(found, today), "Lesions to be seen again, overdue first", "follow-up")
