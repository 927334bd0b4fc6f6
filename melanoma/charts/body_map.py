"""The body map: lesions as dots on a body from the front and from the back, and regions to click on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import plotly.graph_objects as go

from melanoma.casebook.records import Lesion
from melanoma.casebook.vocabulary import BACK, FRONT, SITE_NAMES
from melanoma.charts.body_outline import HEIGHT, REGIONS, WIDTH, Region, name_side
from melanoma.charts.frame import BLUE, GREY, empty_figure
from melanoma.estimates import enumerate_words

STEP = 3.0  # of the frame: between two places that can be clicked
PIXELS = 430  # height of the figure
OFFSET = {FRONT: 0.0, BACK: WIDTH + 10.0}  # of a view's frame in the figure
SKIN, CHOSEN = "rgba(128, 140, 148, 0.16)", "rgba(0, 114, 178, 0.45)"
DOT = "#D55E00"


@dataclass(frozen=True)
class Place:
    """A place on the body map, in the words of the casebook. view, x, y: as of `Lesion`, empty and None for none."""

    site: str
    side: str = ""
    view: str = ""
    x: float | None = None
    y: float | None = None

    @property
    def name(self) -> str:
        """`left upper arm`."""
        return f"{self.side} {SITE_NAMES[self.site]}".strip()


def place_of(lesion: Lesion) -> Place:
    """Where a lesion lies."""
    return Place(lesion.site, lesion.side, lesion.view, lesion.x, lesion.y)


def body_map(
    lesions: Sequence[Lesion] = (),
    chosen: Place | None = None,
    current: str | None = None,
    *,
    pick: bool = True,
    height: int = PIXELS,
) -> go.Figure:
    """The body with its lesions as dots; chosen: the place whose region is filled; current: id of the lesion outlined.

    pick: whether a click takes a place: the whole body is then covered by points that are not drawn, each with what
    `read_place` needs. Else a click takes a lesion, by its id, and lesions without a place have none.
    """
    figure = empty_figure(height, legend=False)
    marked = [region for region in REGIONS if chosen is not None and _is_of(region, chosen)]
    _draw_regions(figure, [region for region in REGIONS if region not in marked], SKIN)
    _draw_regions(figure, marked, CHOSEN)
    if pick:
        _add_targets(figure)
    _draw_dots(figure, lesions, chosen if pick else None, current)
    for view, name in ((FRONT, "front"), (BACK, "back")):
        figure.add_annotation(
            x=OFFSET[view] + WIDTH / 2, y=HEIGHT + 5, text=name, showarrow=False, font={"color": GREY, "size": 13}
        )
    figure.update_xaxes(visible=False, range=[0, OFFSET[BACK] + WIDTH], fixedrange=True, constrain="domain")
    figure.update_yaxes(visible=False, range=[HEIGHT + 9, 0], fixedrange=True, scaleanchor="x", constrain="domain")
    figure.update_layout(margin={"l": 0, "r": 0, "t": 0, "b": 0}, clickmode="event+select", hovermode="closest")
    return figure


def _is_of(region: Region, place: Place) -> bool:
    """Whether the region is of the place's site, and on its side where both have one."""
    if region.site != place.site or (place.view and region.view != place.view):
        return False
    return not (region.half and place.side) or name_side(region, float(region.x.mean())) == place.side


def _draw_regions(figure: go.Figure, regions: Sequence[Region], colour: str) -> None:
    """All in one trace, with gaps between them: a trace each takes far longer to draw."""
    figure.add_scatter(
        x=[
            x
            for region in regions
            for x in (*(region.x + OFFSET[region.view]), region.x[0] + OFFSET[region.view], None)
        ],
        y=[y for region in regions for y in (*region.y, region.y[0], None)],
        mode="lines",
        line={"color": GREY, "width": 1, "shape": "spline", "smoothing": 0.25},
        fill="toself",
        fillcolor=colour,
        hoverinfo="skip",
    )


def _add_targets(figure: go.Figure) -> None:
    """Points over each region, which a click selects: a filled outline cannot be selected by itself."""
    places, transparent = list_targets(), {"opacity": 0}
    spots = [find_spot(place) or (0.0, 0.0) for place in places]
    figure.add_scatter(
        x=[x for x, _ in spots],
        y=[y for _, y in spots],
        customdata=[[one.site, one.side, one.view, one.x, one.y] for one in places],
        text=[one.name for one in places],
        mode="markers",
        marker={"size": 9, **transparent},
        selected={"marker": transparent},
        unselected={"marker": transparent},
        hovertemplate="%{text}<extra></extra>",
    )


@cache
def list_targets() -> tuple[Place, ...]:
    """A place every STEP over the whole body."""
    x, y = (grid.ravel() for grid in np.meshgrid(np.arange(1, WIDTH, STEP), np.arange(1, HEIGHT, STEP)))
    places = []
    for view in (FRONT, BACK):
        free = np.ones(len(x), bool)
        for region in reversed([region for region in REGIONS if region.view == view]):  # what is drawn last lies on top
            inside = region.holds(x, y) & free
            free &= ~inside
            places += [
                Place(region.site, name_side(region, float(a)), view, float(a) / WIDTH, float(b) / HEIGHT)
                for a, b in zip(x[inside], y[inside], strict=True)
            ]
    return tuple(places)


def _draw_dots(figure: go.Figure, lesions: Sequence[Lesion], chosen: Place | None, current: str | None) -> None:
    """A dot a lesion, with its label, at its place, or in the middle of its region; and a ring where a new one is."""
    dots = [(lesion, spot) for lesion in lesions if (spot := find_spot(place_of(lesion)))]
    plain = {"marker": {"opacity": 1}}
    figure.add_scatter(
        x=[spot[0] for _, spot in dots],
        y=[spot[1] for _, spot in dots],
        customdata=[[lesion.id] for lesion, _ in dots],
        text=[lesion.label for lesion, _ in dots],
        mode="markers+text",
        textposition="middle right",
        marker={
            "size": [15 if lesion.id == current else 11 for lesion, _ in dots],
            "color": DOT,
            "line": {"color": "#FFFFFF", "width": 1.5},
        },
        selected=plain,
        unselected=plain,
        hovertemplate="%{text}<extra></extra>",
    )
    if chosen and (spot := find_spot(chosen)) and chosen.view:
        ring = {"size": 14, "symbol": "circle-open", "color": BLUE, "line": {"width": 3}}
        figure.add_scatter(x=[spot[0]], y=[spot[1]], mode="markers", marker=ring, hoverinfo="skip")


def find_spot(place: Place) -> tuple[float, float] | None:
    """Where in the figure a place is: its own coordinates, or the middle of its region; None for one that has none."""
    if place.view and place.x is not None and place.y is not None:
        return place.x * WIDTH + OFFSET[place.view], place.y * HEIGHT
    region = next((region for region in REGIONS if _is_of(region, place)), None)
    if region is None:
        return None
    return float(region.x.mean()) + OFFSET[region.view], float(region.y.mean())


def read_place(point: dict) -> Place | None:
    """A point that a click selected, as Streamlit gives it -> its place; None for a dot."""
    data = point.get("customdata") or []
    return Place(*data) if len(data) == 5 else None


def read_lesion(point: dict) -> str | None:
    """The id of the lesion whose dot a click selected; None for a place."""
    data = point.get("customdata") or []
    return str(data[0]) if len(data) == 1 else None


def describe_map(lesions: Sequence[Lesion]) -> str:
    """The same in words."""
    if not lesions:
        return "Body map, front and back, without a lesion."
    return f"Body map: {enumerate_words([f'{one.label}, {place_of(one).name}' for one in lesions])}."
