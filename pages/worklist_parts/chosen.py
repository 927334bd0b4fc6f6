"""What is selected: one row as it would be opened, or several and what may be done with them."""

import streamlit as st

from melanoma.documents.wording import describe_diagnoses, describe_kind, escape_markdown, write_headline
from melanoma.documents.worklist import MARKS, choose_prediction_set, write_standing
from melanoma.run import Run
from melanoma.serving.worklist import WorklistRow
from pages.parts.open_casebook import is_on
from pages.parts.worklist_link import can_compare, can_open, open_pair, open_row
from pages.parts.worklist_view import WorklistView
from pages.worklist_parts.pictures import show_pictures

MOST_PICTURES = 8  # of the selected rows


def show_chosen(view: WorklistView, run: Run) -> None:
    """The selected row with its photo and what is said of it, and the buttons that act on the selection."""
    rows = view.selection
    with st.container(border=True, key="worklist-chosen"):
        if len(rows) == 1:
            describe_chosen(rows[0], run)
        elif rows:
            st.markdown(f"**{len(rows)} rows selected**")
            show_pictures([photo for row in rows for photo in row.photos][:MOST_PICTURES], 72)
            st.caption(escape_markdown(", ".join(row.name for row in rows)))
        else:
            st.caption("Select rows in the table, by keyboard with arrows and Shift + space, or press N for the first.")
        offer_steps(view, rows)


def describe_chosen(row: WorklistRow, run: Run) -> None:
    """Its photos, decision, diagnoses, kind and what is wrong with it."""
    show_pictures(row.photos, 144)
    if row.judged:
        mark, headline = MARKS[row.standing], write_headline(row.judged).replace(" %", "\u00a0%")
        st.markdown(f"{mark} {headline}")
        st.markdown(describe_diagnoses(row.judged, choose_prediction_set(run, row.judged)))
        st.caption(describe_kind(row.judged))
    else:
        st.markdown(f"**{write_standing(row.standing)}.** Have the lesion seen, or take the photo again.")
    if row.reason:
        st.caption(escape_markdown(row.reason))
    st.caption(escape_markdown(row.name))
    if is_on():
        from pages.worklist_parts.known_case import offer_case  # noqa: PLC0415 (late: it brings SQLAlchemy)

        offer_case(row)


def offer_steps(view: WorklistView, rows: list[WorklistRow]) -> None:
    """Up and down, open, seen, same lesion, apart, remove; each with a key."""
    worklist = view.worklist
    assert worklist is not None
    one = rows[0] if len(rows) == 1 else None
    with st.container(horizontal=True):
        openable = one is not None and can_open(one)
        if st.button(
            "Open in Analyze",
            key="open-row",
            type="primary",
            icon=":material/center_focus_strong:",
            shortcut="O",
            disabled=not openable,
            help=None if openable or one is None else "No file is kept for this row. Drop it again to open it.",
        ):
            assert one is not None
            open_row(one)
            st.switch_page("pages/analyze.py")
        if can_compare(rows) and st.button(
            "Two dates",
            key="open-pair",
            icon=":material/compare:",
            help="Two photos of one lesion in one frame, with both answers.",
        ):
            open_pair(rows)
            st.switch_page("pages/compare_dates.py")
        for label, by, icon in (("Previous", -1, "arrow_upward"), ("Next", 1, "arrow_downward")):
            key = label.lower()
            st.button(label, on_click=view.step, args=(by,), key=key, icon=f":material/{icon}:", shortcut=label[0])
        seen = bool(rows) and all(map(worklist.is_seen, rows))
        st.button(
            "Not seen" if seen else "Seen",
            on_click=mark,
            args=(view, not seen),
            key="seen",
            icon=":material/remove_done:" if seen else ":material/done:",
            shortcut="S",
            disabled=not rows,
        )
        if len(rows) > 1:
            icon = ":material/join_inner:"
            st.button("Same lesion", on_click=group, args=(view, rows), key="group", icon=icon, shortcut="G")
        if any(row.lesion for row in rows):
            st.button("Ungroup", on_click=ungroup, args=(view, rows), key="ungroup", icon=":material/call_split:")
        if rows:
            st.button("Remove", on_click=remove, args=(view, rows), key="remove", icon=":material/delete:")


def mark(view: WorklistView, seen: bool) -> None:
    """Mark the selected rows, and go on to the next where it was one."""
    rows = view.selection
    assert view.worklist is not None
    for row in rows:
        view.worklist.mark_seen(row, seen)
    if seen and len(rows) == 1:
        view.step(1)
    view.arrange()


def group(view: WorklistView, rows: list[WorklistRow]) -> None:
    """The rows show one lesion."""
    assert view.worklist is not None
    view.worklist.group(rows)
    view.regroup()


def ungroup(view: WorklistView, rows: list[WorklistRow]) -> None:
    """Each photo of the rows is a lesion by itself."""
    assert view.worklist is not None
    for row in rows:
        view.worklist.ungroup(row)
    view.regroup()


def remove(view: WorklistView, rows: list[WorklistRow]) -> None:
    """Take the rows out of the list."""
    assert view.worklist is not None
    view.worklist.remove(rows)
    view.regroup()
