"""The frame, colours and error bars that every figure shares.

Figures have no background and no text colour of their own, so that they follow the page's theme, light or dark.
Colours are told apart by colour-blind readers; none says good or bad.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import plotly.graph_objects as go

from melanoma.diagnoses import MALIGNANT
from melanoma.estimates import percent

MALIGNANT_COLOUR, BENIGN_COLOUR = "#B4577F", "#5E8CA8"
CONFIG = {"displaylogo": False, "modeBarButtonsToRemove": ["select2d", "lasso2d", "autoScale2d"], "scrollZoom": False}
QUALITATIVE = ("#0072B2", "#E69F00", "#CC79A7", "#117755", "#56B4E9", "#D55E00", "#882255", "#B8A200", "#999999")
BLUE, BROWN, GREY = "#0072B2", "#A0662A", "#808C94"
GRID = "rgba(128, 140, 148, 0.22)"
STEPS = (0.25, 0.1, 0.05, 0.02, 0.01)  # between the ticks of an axis of shares


def empty_figure(height: int, *, legend: bool = True) -> go.Figure:
    """A figure without traces in the project's frame. height: pixels."""
    figure = go.Figure()
    figure.update_layout(
        height=height,
        margin={"l": 8, "r": 8, "t": 12, "b": 8},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        showlegend=legend,
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "xanchor": "left", "title": None},
        hoverlabel={"namelength": -1},
        dragmode=False,
    )
    figure.update_xaxes(gridcolor=GRID, zeroline=False, automargin=True)
    figure.update_yaxes(gridcolor=GRID, zeroline=False, automargin=True)
    return figure


def share_ticks(largest: float = 1.0) -> dict:
    """Plotly's ticks of an axis of shares that reaches from 0 to `largest`: `0 %`, `25 %`, ..."""
    step = next((step for step in STEPS if largest >= 3 * step), STEPS[-1])
    values = [i * step for i in range(round(1 / step) + 1)]
    return {"tickvals": values, "ticktext": [percent(value) for value in values]}


def colour_by_malignancy(codes: Iterable[str]) -> list[str]:
    """A colour a diagnosis: of what counts as malignant, or benign."""
    return [MALIGNANT_COLOUR if code in MALIGNANT else BENIGN_COLOUR for code in codes]


def error_bars(values: Sequence[float], lows: Sequence[float], highs: Sequence[float], *, width: int = 4) -> dict:
    """Plotly's `error_x` or `error_y` from the ends of intervals. width: of the caps, pixels."""
    return {
        "type": "data",
        "symmetric": False,
        "color": GREY,
        "thickness": 1.5,
        "width": width,
        "array": [high - value for value, high in zip(values, highs, strict=True)],
        "arrayminus": [value - low for value, low in zip(values, lows, strict=True)],
    }


def put_legend_below(figure: go.Figure) -> go.Figure:
    """A long legend stands below the picture, where it does not cover it on a phone."""
    figure.update_layout(legend={"orientation": "h", "y": -0.2, "yanchor": "top", "x": 0, "xanchor": "left"})
    figure.update_layout(dragmode="zoom")
    return figure
