"""The rows of the worklist: what is shown, in which order, and the table to select from."""

import base64
import hashlib

import pandas as pd
import streamlit as st

from melanoma.documents.worklist import MELANOMA, write_standing
from melanoma.serving.worklist import STANDINGS, WorklistRow
from pages.parts.session import WidgetValue
from pages.parts.worklist_view import ORDERS, WorklistView

ROW, HEAD = 60, 37  # pixels
MOST_ROWS = 9  # that are seen without scrolling in the table


def choose_rows(view: WorklistView) -> None:
    """Which decisions are shown, whether also what was seen, and in which order."""
    counts = {standing: sum(row.standing == standing for row in view.rows) for standing in STANDINGS}
    standings: WidgetValue[list[str]] = WidgetValue("worklist-standings", [])
    hide: WidgetValue[bool] = WidgetValue("worklist-hide-seen", False)
    order: WidgetValue[str] = WidgetValue("worklist-order", ORDERS[0])
    standings.set(view.standings)
    hide.set(view.hide_seen)
    order.set(view.order)

    def take() -> None:
        view.standings, view.hide_seen, view.order = standings.get(), hide.get(), order.get()
        view.arrange()

    st.pills(
        "Show",
        STANDINGS,
        selection_mode="multi",
        format_func=lambda standing: f"{write_standing(standing)} {counts[standing]}",
        key=standings.key,
        on_change=take,
        help="Nothing chosen shows all.",
    )
    with st.popover(view.order, icon=":material/sort:", key="worklist-order-and-seen"):
        st.radio("Order", ORDERS, key=order.key, on_change=take)
        st.toggle("Hide what was seen", key=hide.key, on_change=take)


def show_table(view: WorklistView) -> None:
    """The rows, of which several can be selected. A row is known by its photos, not by its place.

    Rows in another order make another table, so that a click on the earlier one never selects a row that it did not
    mean.
    """
    keys = [row.key for row in view.shown]
    if not keys:
        st.info("No row to show: choose other decisions above.", icon=":material/filter_alt:")
        return
    table: WidgetValue[dict] = WidgetValue(f"worklist-{name_order(keys)}", {})
    places = [place for place, key in enumerate(keys) if key in view.selected]
    table.set({"selection": {"rows": places, "columns": [], "cells": []}})

    def select() -> None:
        rows = table.get()["selection"]["rows"]
        view.selected = [keys[place] for place in rows if place < len(keys)]

    st.dataframe(
        tabulate(view),
        height=HEAD + ROW * min(len(keys), MOST_ROWS),
        hide_index=True,
        row_height=ROW,
        key=table.key,
        on_select=select,
        selection_mode="multi-row",
        lazy=False,
        alt="Worklist, worst first",
        column_config={
            "photo": st.column_config.ImageColumn("Photo", width=72),
            "seen": st.column_config.TextColumn("Seen", width=50),
            "decision": st.column_config.TextColumn("Decision", width=112),
            "malignancy": st.column_config.NumberColumn("Malignant", width=88, format="%.1f %%"),
            "melanoma": st.column_config.NumberColumn("Melanoma", width=88, format="%.1f %%"),
            "file": st.column_config.TextColumn("File", width=170),
            "kind": st.column_config.TextColumn("Kind", width=110),
            "quality": st.column_config.TextColumn("Quality", width=80),
            "reason": st.column_config.TextColumn("Reason", width=420),
        },
    )


def tabulate(view: WorklistView) -> pd.DataFrame:
    """A row a lesion; probabilities in per cent, and only where it was judged."""
    worklist = view.worklist
    assert worklist is not None
    return pd.DataFrame(
        [
            {
                "photo": as_address(row.thumbnail),
                "decision": write_standing(row.standing),
                "malignancy": 100 * row.judged.malignancy if row.judged else None,
                "melanoma": 100 * row.judged.probability(MELANOMA) if row.judged else None,
                "seen": "✓" if worklist.is_seen(row) else "",
                "file": row.name,
                "kind": name_kind(row),
                "quality": row.prediction.assessment.quality if row.prediction else "",
                "reason": row.reason,
            }
            for row in view.shown
        ]
    ).astype({"malignancy": float, "melanoma": float})


def name_kind(row: WorklistRow) -> str:
    """Of the photo or photos, and how many."""
    if row.prediction is None:
        return ""
    return row.prediction.kind_name + (f", {len(row.photos)} photos" if len(row.photos) > 1 else "")


def as_address(jpeg: bytes) -> str | None:
    """A picture as the address that a table's cell draws; None for none."""
    return f"data:image/jpeg;base64,{base64.b64encode(jpeg).decode()}" if jpeg else None


def name_order(keys: list[str]) -> str:
    """The same for the same rows in the same order."""
    return hashlib.sha256(" ".join(keys).encode()).hexdigest()[:12]
