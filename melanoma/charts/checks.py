"""Plotly figures of the checks of a heatmap: deletion test, agreement of methods, what hiding a region does."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
from plotly.colors import get_colorscale, sample_colorscale

from melanoma.charts.frame import BLUE, BROWN, GREY, colour_by_malignancy, empty_figure, share_ticks
from melanoma.charts.heatmaps import photo_figure
from melanoma.diagnoses import NAMES, mark_diagnosis
from melanoma.estimates import percent
from melanoma.explain import Curve, Curves, DeletionTest, MethodComparison, Region
from melanoma.photo import centre_square
from melanoma.serving import Prediction

MAP_LINE = {"color": BLUE, "width": 3}
RANDOM_LINE = {"color": BROWN, "width": 2, "dash": "dash"}
SELECTABLE = 24  # points a side that make the photo selectable; they are not drawn
NOTHING_MOVES = 0.005  # a change of probability below this is not named


def deletion_curves(test: DeletionTest) -> go.Figure:
    """Probability while the places that the map marks are blurred, the most marked first; random maps beside it."""
    return _perturbation_curves(test.deletion, "blurred")


def insertion_curves(test: DeletionTest) -> go.Figure:
    """Probability while the places that the map marks are shown in a blurred crop, the most marked first."""
    return _perturbation_curves(test.insertion, "shown")


def _perturbation_curves(curves: Curves, change: str) -> go.Figure:
    figure = empty_figure(300)
    for i, curve in enumerate(curves.random):
        _add_line(figure, curve, "random map", RANDOM_LINE, change, showlegend=i == 0, opacity=0.75)
    _add_line(figure, curves.heatmap, "this map", MAP_LINE, change)
    figure.update_xaxes(title=f"share of the crop that is {change}", range=[0, 1], fixedrange=True, **share_ticks())
    largest = max(float(curve.probabilities.max()) for curve in (curves.heatmap, *curves.random))
    figure.update_yaxes(title="probability", rangemode="tozero", fixedrange=True, **share_ticks(largest))
    return figure


def _add_line(figure: go.Figure, curve: Curve, name: str, line: dict, change: str, **more: object) -> None:
    text = [percent(p) for p in curve.probabilities.tolist()]
    hover = f"{name}: %{{text}} with %{{customdata}} {change}<extra></extra>"
    shares = [percent(share) for share in curve.shares.tolist()]
    x, y = curve.shares.tolist(), curve.probabilities.tolist()
    look = {"line": line, "mode": "lines+markers"} | more
    figure.add_scatter(x=x, y=y, text=text, customdata=shares, name=name, hovertemplate=hover, **look)


def describe_deletion(test: DeletionTest) -> str:
    """What the deletion curves say."""
    return _describe_curves(
        test.diagnosis, test.deletion, "Blurring", is_better=test.deletion.heatmap.auc < test.deletion.chance
    )


def describe_insertion(test: DeletionTest) -> str:
    """What the insertion curves say."""
    return _describe_curves(
        test.diagnosis, test.insertion, "Showing", is_better=test.insertion.heatmap.auc > test.insertion.chance
    )


def _describe_curves(code: str, curves: Curves, change: str, *, is_better: bool) -> str:
    verdict = (
        "The map does better than random maps here" if is_better else "The map does no better than random maps here"
    )
    return (
        f"{change} the places of this map first: the probability of {NAMES[code]} is {percent(curves.heatmap.auc)} on "
        f"average. With random maps it is {percent(curves.chance)}. {verdict}."
    )


def agreement_map(comparison: MethodComparison) -> go.Figure:
    """Spearman correlations of methods with each other, -1 to 1, numbers in the cells."""
    labels = [method.facts.label for method in comparison.methods]
    places = np.linspace(0, 1, 11)
    colours = sample_colorscale(get_colorscale("PuOr"), list(places))
    figure = empty_figure(330, legend=False)
    figure.add_heatmap(
        x=labels,
        y=labels,
        z=comparison.agreement,
        zmin=-1,
        zmax=1,
        colorscale=[[float(p), c] for p, c in zip(places, colours, strict=True)],
        texttemplate="%{z:.2f}",
        xgap=2,
        ygap=2,
        showscale=False,
        hovertemplate="%{y} with %{x}: %{z:.2f}<extra></extra>",
    )
    figure.update_yaxes(autorange="reversed", fixedrange=True)
    figure.update_xaxes(tickangle=-35, fixedrange=True)
    return figure


def describe_agreement(comparison: MethodComparison) -> str:
    """The two methods that agree most, and the two that agree least."""
    names = [method.facts.label for method in comparison.methods]
    pairs = [(comparison.agreement[i, j], names[i], names[j]) for i in range(len(names)) for j in range(i)]
    if not pairs:
        return "One method alone: there is nothing to compare."
    (most, *closest), (least, *furthest) = max(pairs), min(pairs)
    return (
        f"Rank correlation of the maps: highest for {' and '.join(closest)} ({most:.2f}), "
        f"lowest for {' and '.join(furthest)} ({least:.2f})."
    )


def probability_changes(before: Prediction, after: Prediction) -> go.Figure:
    """How nine probabilities move when a region is hidden: ring before, disc after, the likeliest on top."""
    codes = before.ranked[::-1]
    names = [mark_diagnosis(code) for code in codes]
    start, end = [before.probability(code) for code in codes], [after.probability(code) for code in codes]
    figure = empty_figure(330)
    for name, *ends in zip(names, start, end, strict=True):
        line = {"color": GREY, "width": 2}
        figure.add_scatter(x=ends, y=[name] * 2, mode="lines", line=line, showlegend=False, hoverinfo="skip")
    look = {"size": 11, "color": colour_by_malignancy(codes)}
    for label, values, marker in (
        ("whole photo", start, look | {"symbol": "circle-open", "line": {"width": 2}}),
        ("region hidden", end, look | {"symbol": "circle"}),
    ):
        hover = f"%{{y}}, {label}: %{{text}}<extra></extra>"
        text = [percent(value) for value in values]
        figure.add_scatter(x=values, y=names, text=text, mode="markers", marker=marker, name=label, hovertemplate=hover)
    for name, first, last in zip(names, start, end, strict=True):
        points = f"{round(100 * (last - first)):+d}" if abs(last - first) >= NOTHING_MOVES else ""
        figure.add_annotation(
            x=max(first, last), y=name, text=points, showarrow=False, xanchor="left", xshift=10, font_size=12
        )
    largest = max(*start, *end)
    figure.update_xaxes(range=[-0.02, min(1.12, 1.2 * largest + 0.12)], fixedrange=True, **share_ticks(largest))
    figure.update_yaxes(fixedrange=True, showgrid=False)
    return figure


def describe_probability_changes(before: Prediction, after: Prediction) -> str:
    """The largest changes, and whether the likeliest diagnosis changes."""
    change = {code: abs(after.probability(code) - before.probability(code)) for code in before.ranked}
    largest = sorted(change, key=lambda code: -change[code])[:3]
    parts = [f"{NAMES[c]} {percent(before.probability(c))} to {percent(after.probability(c))}" for c in largest]
    same = before.top == after.top
    end = "The likeliest diagnosis stays." if same else f"The likeliest diagnosis becomes {NAMES[after.top]}."
    return f"Largest changes: {', '.join(parts)}. {end}"


def region_picker(photo_pixels: np.ndarray, region: Region, height: int = 400) -> go.Figure:
    """The photo, to draw a box on. photo_pixels: (H, W, 3) uint8; region: the box so far; height: pixels."""
    rows, columns = photo_pixels.shape[:2]
    figure = photo_figure(photo_pixels, centre_square(columns, rows), height)
    x, y = np.meshgrid(np.linspace(0, columns, SELECTABLE), np.linspace(0, rows, SELECTABLE))
    figure.add_scatter(x=x.ravel(), y=y.ravel(), mode="markers", marker_opacity=0, hoverinfo="skip", showlegend=False)
    left, top, right, bottom = region.in_pixels(columns, rows)
    outline = {"type": "rect", "x0": left, "y0": top, "x1": right, "y1": bottom}
    figure.add_shape(**outline, line={"color": "#000", "width": 4})
    figure.add_shape(**outline, line={"color": "#FFD24D", "width": 2})
    figure.update_layout(dragmode="select", newselection_line_color="#FFD24D")
    return figure
