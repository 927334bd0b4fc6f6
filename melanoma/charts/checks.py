"""Plotly figures of the checks of a heatmap: deletion and insertion, agreement, what hiding a region does."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from plotly.colors import get_colorscale, sample_colorscale

from melanoma.charts.answer import BENIGN_COLOUR, MALIGNANT_COLOUR, framed, percent
from melanoma.charts.heatmaps import photo_figure
from melanoma.diagnoses import CODES, DIAGNOSES, NAMES
from melanoma.explain.faithfulness import Curve
from melanoma.explain.heatmaps import Method

MAP_LINE = {"color": "#0072B2", "width": 3}
RANDOM_LINE = {"color": "#A0662A", "width": 2, "dash": "dash"}
PICKABLE = 24  # points a side that make the photo selectable; they are not drawn


def curves(own: Curve, random: Sequence[Curve], done: str) -> go.Figure:
    """A map's curve and those of random maps. done: what happens to the crop, `blurred` or `shown`."""
    figure = framed(300)
    for i, curve in enumerate(random):
        _line(figure, curve, "random map", RANDOM_LINE, done, showlegend=i == 0, opacity=0.75)
    _line(figure, own, "this map", MAP_LINE, done)
    figure.update_xaxes(title=f"share of the crop that is {done}", tickformat=".0%", range=[0, 1], fixedrange=True)
    figure.update_yaxes(title="probability", tickformat=".0%", rangemode="tozero", fixedrange=True)
    return figure


def _line(figure: go.Figure, curve: Curve, name: str, line: dict, done: str, **more) -> None:
    hover = f"{name}: %{{y:.1%}} with %{{x:.0%}} {done}<extra></extra>"
    x, y = curve.shares.tolist(), curve.probabilities.tolist()
    figure.add_scatter(x=x, y=y, name=name, line=line, mode="lines+markers", hovertemplate=hover, **more)


def curve_words(code: str, own: Curve, random: Sequence[Curve], *, deletion: bool) -> str:
    """What the curves say, in one or two sentences. code: the diagnosis whose probability they follow."""
    chance = float(np.mean([curve.auc for curve in random]))
    difference = own.auc / chance - 1 if chance > 0 else 0.0
    better = difference < 0 if deletion else difference > 0
    what = "Blurring its places first takes" if deletion else "Showing its places first brings"
    side = "below" if difference < 0 else "above"
    verdict = "the map does better than chance here" if better else "the map does no better than chance here"
    return (
        f"{what} the probability of {NAMES[code]} to an average of {percent(own.auc)}; random maps give "
        f"{percent(chance)}. That is {abs(difference):.0%} {side} chance: {verdict}."
    )


def agreement(names: Sequence[Method], table: np.ndarray) -> go.Figure:
    """Spearman correlations of methods with each other, (n, n), -1 to 1, numbers in the cells."""
    labels = [method.facts.label for method in names]
    figure = framed(330, legend=False)
    places = np.linspace(0, 1, 11)
    scale = [
        [float(p), c] for p, c in zip(places, sample_colorscale(get_colorscale("PuOr"), list(places)), strict=True)
    ]
    figure.add_heatmap(
        x=labels,
        y=labels,
        z=table,
        zmin=-1,
        zmax=1,
        colorscale=scale,
        texttemplate="%{z:.2f}",
        xgap=2,
        ygap=2,
        showscale=False,
        hovertemplate="%{y} with %{x}: %{z:.2f}<extra></extra>",
    )
    figure.update_yaxes(autorange="reversed", fixedrange=True)
    figure.update_xaxes(tickangle=-35, fixedrange=True)
    return figure


def moves(before: Sequence[float], after: Sequence[float]) -> go.Figure:
    """How nine probabilities (0 to 1, order of CODES) move: ring before, disc after, the likeliest on top."""
    rows = sorted(zip(DIAGNOSES, before, after, strict=True), key=lambda row: row[1])
    names = [f"{d.name} {'◆' if d.malignant else '◇'}" for d, _, _ in rows]
    figure = framed(330)
    for name, (_, start, end) in zip(names, rows, strict=True):
        grey = {"color": "#808890", "width": 2}
        figure.add_scatter(x=[start, end], y=[name] * 2, mode="lines", line=grey, showlegend=False, hoverinfo="skip")
    colours = [MALIGNANT_COLOUR if d.malignant else BENIGN_COLOUR for d, _, _ in rows]
    ring = {"symbol": "circle-open", "size": 11, "color": colours, "line_width": 2}
    disc = {"symbol": "circle", "size": 11, "color": colours}
    for label, values, marker in (
        ("whole photo", [r[1] for r in rows], ring),
        ("region hidden", [r[2] for r in rows], disc),
    ):
        hover = f"%{{y}}, {label}: %{{x:.1%}}<extra></extra>"
        values = [float(v) for v in values]
        figure.add_scatter(x=values, y=names, mode="markers", marker=marker, name=label, hovertemplate=hover)
    top = min(1.12, 1.2 * float(max(*before, *after)) + 0.12)
    for name, (_, start, end) in zip(names, rows, strict=True):
        far = float(max(start, end))
        text = f"{100 * (end - start):+.1f}"
        figure.add_annotation(x=far, y=name, text=text, showarrow=False, xanchor="left", xshift=10, font_size=12)
    figure.update_xaxes(range=[-0.02, top], tickformat=".0%", fixedrange=True)
    figure.update_yaxes(fixedrange=True, showgrid=False)
    return figure


def move_words(before: Sequence[float], after: Sequence[float]) -> str:
    """The same in words: the largest moves, and whether the likeliest diagnosis changes."""
    change = np.asarray(after, float) - np.asarray(before, float)
    largest = sorted(range(len(CODES)), key=lambda i: -abs(change[i]))[:3]
    parts = [f"{NAMES[CODES[i]]} {percent(before[i])} to {percent(after[i])}" for i in largest]
    was, now = CODES[int(np.argmax(before))], CODES[int(np.argmax(after))]
    end = "The likeliest diagnosis stays." if was == now else f"The likeliest diagnosis becomes {NAMES[now]}."
    return f"Largest moves: {', '.join(parts)}. {end}"


def pickable(
    photo_pixels: np.ndarray,
    crop: tuple[float, float, float, float],
    box: tuple[float, float, float, float],
    height: int = 400,
) -> go.Figure:
    """The photo, to draw a box on; `box` (left, top, right, bottom; pixels) is the region chosen so far."""
    figure = photo_figure(photo_pixels, crop, height)
    rows, columns = photo_pixels.shape[:2]
    x, y = np.meshgrid(np.linspace(0, columns, PICKABLE), np.linspace(0, rows, PICKABLE))
    figure.add_scatter(x=x.ravel(), y=y.ravel(), mode="markers", marker_opacity=0, hoverinfo="skip", showlegend=False)
    left, top, right, bottom = box
    outline = {"type": "rect", "x0": left, "y0": top, "x1": right, "y1": bottom}
    figure.add_shape(**outline, line={"color": "#000", "width": 4})
    figure.add_shape(**outline, line={"color": "#FFD24D", "width": 2})
    figure.update_layout(dragmode="select", newselection_line_color="#FFD24D")
    return figure
