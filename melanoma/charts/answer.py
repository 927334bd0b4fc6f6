"""Plotly figures of one prediction, and the frame that every figure of the project shares.

Figures have no background and no text colour of their own, so that they follow the page's theme,
light or dark. Colours are told apart by colour-blind readers; none says good or bad.
"""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from melanoma.diagnoses import DIAGNOSES, Diagnosis
from melanoma.estimates import Interval, is_figure

MALIGNANT_COLOUR, BENIGN_COLOUR = "#B4577F", "#5E8CA8"
CONFIG = {"displaylogo": False, "modeBarButtonsToRemove": ["select2d", "lasso2d", "autoScale2d"], "scrollZoom": False}
QUALITATIVE = ("#0072B2", "#E69F00", "#CC79A7", "#117755", "#56B4E9", "#D55E00", "#882255", "#B8A200", "#999999")
GREY = "#808C94"
GRID = "rgba(128, 140, 148, 0.22)"


def framed(height: int, *, legend: bool = True) -> go.Figure:
    """An empty figure in the project's frame. height: pixels."""
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


def probability_bars(probabilities: Sequence[float], differential: Sequence[str] = ()) -> go.Figure:
    """Nine probabilities (0 to 1, order of CODES) as bars, the likeliest on top, numbers beside them.

    Malignant diagnoses are marked by a diamond as well as by colour; diagnoses outside the
    differential are pale.
    """
    ranked = sorted(zip(DIAGNOSES, probabilities, strict=True), key=lambda pair: pair[1])
    figure = framed(300, legend=False)
    figure.add_bar(
        orientation="h",
        y=[f"{d.name} {'◆' if d.malignant else '◇'}" for d, _ in ranked],
        x=[float(p) for _, p in ranked],
        text=[percent(p) for _, p in ranked],
        textposition="outside",
        cliponaxis=False,
        marker_color=[MALIGNANT_COLOUR if d.malignant else BENIGN_COLOUR for d, _ in ranked],
        marker_opacity=[1 if not differential or d.code in differential else 0.45 for d, _ in ranked],
        hovertemplate="%{y}: %{text}<extra></extra>",
    )
    figure.update_xaxes(range=[0, 1.3], tickformat=".0%", tickvals=[0, 0.25, 0.5, 0.75, 1], fixedrange=True)
    figure.update_yaxes(fixedrange=True, showgrid=False)
    figure.update_layout(bargap=0.28)
    return figure


def probability_words(probabilities: Sequence[float]) -> str:
    """The same bars as one sentence, for readers who do not see them."""
    ranked = sorted(zip(DIAGNOSES, probabilities, strict=True), key=lambda pair: -pair[1])
    return "Probabilities: " + ", ".join(f"{d.name} {percent(p)}" for d, p in ranked) + "."


def referred(per_class: dict[str, dict]) -> go.Figure:
    """Dots with 95 % intervals: the share of each diagnosis's test photos that is referred, the most on top.

    per_class: of a run's evaluation.json; a diagnosis without test photos is left out.
    """
    rows = _by_share_referred(per_class)[::-1]
    figure = framed(60 + 30 * len(rows), legend=False)
    figure.add_scatter(
        x=[share.value for _, share, _ in rows],
        y=[f"{d.name} {'◆' if d.malignant else '◇'}" for d, _, _ in rows],
        mode="markers",
        marker={"size": 11, "color": [MALIGNANT_COLOUR if d.malignant else BENIGN_COLOUR for d, _, _ in rows]},
        error_x={
            "type": "data",
            "symmetric": False,
            "color": GREY,
            "thickness": 1.5,
            "array": [share.high - share.value for _, share, _ in rows],
            "arrayminus": [share.value - share.low for _, share, _ in rows],
        },
        customdata=[[photos, share.low, share.high] for _, share, photos in rows],
        hovertemplate="%{y}: %{x:.0%} (%{customdata[1]:.0%}–%{customdata[2]:.0%}) of %{customdata[0]}<extra></extra>",
    )
    figure.update_xaxes(range=[-0.02, 1.02], tickformat=".0%", tickvals=[0, 0.25, 0.5, 0.75, 1], fixedrange=True)
    figure.update_yaxes(fixedrange=True)
    return figure


def referred_words(per_class: dict[str, dict]) -> str:
    """The same shares as one sentence."""
    told = [f"{d.name} {100 * share.value:.0f} % of {photos}" for d, share, photos in _by_share_referred(per_class)]
    return f"Referred, of test photos: {', '.join(told)}."


def _by_share_referred(per_class: dict[str, dict]) -> list[tuple[Diagnosis, Interval, int]]:
    """Diagnosis, share referred and number of test photos, the largest share first."""
    rows = [
        (d, Interval.of(per_class[d.code]["referred"]), per_class[d.code]["support"])
        for d in DIAGNOSES
        if is_figure(per_class.get(d.code, {}).get("referred"))
    ]
    return sorted(rows, key=lambda row: -row[1].value)


def percent(probability: float) -> str:
    """0 to 1 in per cent; what rounds to nothing or to everything is not called 0 or 100."""
    if probability < 0.001:
        return "< 0.1 %"
    if probability > 0.999:
        return "> 99.9 %"
    return f"{100 * probability:.1f} %"
