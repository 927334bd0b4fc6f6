"""A part of the test results: the confusion matrix, and the photos in one of its cells."""

from typing import Any

import streamlit as st

from melanoma.charts.results import confusion_matrix, describe_confusion
from melanoma.diagnoses import CODES, MERGED_CODES, merged
from melanoma.evaluation.saved_predictions import SavedPredictions, list_cell_photos, tabulate_confusion
from pages.parts.session import WidgetValue, get_session
from pages.parts.widgets import draw_chart, draw_table

TRUE: WidgetValue[str] = WidgetValue("cell-true", "MEL")
PREDICTED: WidgetValue[str] = WidgetValue("cell-predicted", "NV")
SEVEN = "seven (ISIC 2018)"


def show_confusion(predictions: SavedPredictions) -> None:
    """The matrix on the left, the photos of a chosen cell on the right."""
    with st.container(horizontal=True, gap="large"):
        classes = st.segmented_control(
            "Classes", ["nine", SEVEN], default="nine", required=True, key="classes", on_change=forget_click
        )
        numbers = st.segmented_control(
            "Numbers", ["counts", "shares"], default="counts", required=True, key="confusion-numbers"
        )
    seven = classes == SEVEN
    codes = MERGED_CODES if seven else CODES
    for widget in (TRUE, PREDICTED):
        if widget.get() not in codes:
            code = widget.get().split("+")[0]
            widget.set(merged(code) if seven else code)
    left, right = st.columns([3, 2], gap="large")
    with right:
        true = st.selectbox("True diagnosis", codes, key=TRUE.key, on_change=forget_click)
        predicted = st.selectbox("Predicted", codes, key=PREDICTED.key, on_change=forget_click)
        photos = list_cell_photos(predictions, true, predicted, seven)
        st.caption(f"{len(photos):,} test photos, the most certain first. You can also click on the matrix.")
        draw_table(
            photos, f"Test photos of {true} predicted as {predicted}", "cell", shares=["probability"], height=260
        )
    with left:
        counts = tabulate_confusion(predictions, seven)
        figure = confusion_matrix(counts, as_shares=numbers == "shares", outline=(true, predicted))
        st.caption("Lighter: a larger share of the row, which is all photos of one true diagnosis.")
        draw_chart(
            figure,
            describe_confusion(counts),
            counts.reset_index(names="true diagnosis"),
            matrix_name(),
            file="confusion",
            on_select=take_click,
            selection_mode="points",
        )


def matrix_name() -> str:
    """Of the matrix on the page; a new one has no selection."""
    return f"confusion-{get_session().cell_clicks}"


def take_click() -> None:
    """The clicked cell becomes the chosen one."""
    matrix: WidgetValue[Any] = WidgetValue(f"chart-{matrix_name()}", None)
    if points := matrix.get()["selection"]["points"]:
        TRUE.set(points[0]["y"])
        PREDICTED.set(points[0]["x"])


def forget_click() -> None:
    """A cell chosen by the lists: the matrix forgets its click, so that the same cell can be clicked again."""
    get_session().cell_clicks += 1
