"""Where a lesion lies: a click on the body map, or a list that says the same for a keyboard."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from melanoma.casebook import Lesion
from melanoma.casebook.vocabulary import SIDES, SITE_CODES, SITE_NAMES
from melanoma.charts.body_map import Place, body_map, describe_map, read_place
from pages.parts.cases_view import CasesView
from pages.parts.session import WidgetValue
from pages.parts.widgets import draw_figure


def choose_place(view: CasesView, key: str, map_area: DeltaGenerator, others: Sequence[Lesion] = ()) -> Place | None:
    """The chosen place; None before any. Lists here, or a click on the map, which also shows the lesions `others`."""
    site: WidgetValue[str | None] = WidgetValue(f"{key}-site", view.place.site if view.place else None)
    side: WidgetValue[str | None] = WidgetValue(f"{key}-side", view.place.side or None if view.place else None)
    site.set(site.default)
    side.set(side.default)
    chart: WidgetValue[Any] = WidgetValue(f"{key}-map-{view.clicks}", None)

    def take_lists() -> None:
        code = site.get()
        view.place = Place(code, side.get() or "") if code else None

    def take_click() -> None:
        points = chart.get()["selection"]["points"]
        if points and (place := read_place(points[0])):
            view.place = place

    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            "Body site",
            SITE_CODES,
            format_func=SITE_NAMES.__getitem__,
            key=site.key,
            on_change=take_lists,
            placeholder="Choose, or click on the map",
            width=240,
        )
        st.segmented_control("Side of the body", SIDES, key=side.key, on_change=take_lists)
    with map_area:
        draw_figure(
            body_map(others, view.place),
            describe_map(others) + (f" Chosen: {view.place.name}." if view.place else ""),
            chart.key,
            bare=True,
            on_select=take_click,
            selection_mode="points",
        )
    return view.place
