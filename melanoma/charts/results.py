"""Plotly figures of test results and operating points: tables of `results` and `outcomes` in, Figure out."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from melanoma.charts.answer import GREY, framed
from melanoma.diagnoses import COLOURS, NAMES
from melanoma.estimates import SCORES, Interval
from melanoma.evaluation.outcomes import PATIENTS, Reader

SMALL = 30  # groups with fewer photos are drawn grey
# group -> (label, colour, symbol, marker size); the shape says it as well as the colour
PEOPLE = {
    "found": ("malignant, referred", "#0072B2", "circle", 8),
    "missed": ("malignant, not referred", "#D55E00", "diamond", 10),
    "referred": ("benign, referred", "#E69F00", "circle-open", 6),
    "spared": ("benign, not referred", "rgba(128,140,148,0.45)", "circle", 5),
}


def confusion(
    counts: pd.DataFrame, shares: pd.DataFrame, *, as_shares: bool, chosen: tuple[str, str] | None = None
) -> go.Figure:
    """Rows: true diagnosis; columns: the likeliest answer; colour: share of the row (0 to 1).

    `chosen` (true, answer) is outlined. A point that is not drawn lies on every cell, with its true
    diagnosis as y and its answer as x: a heatmap's own cells cannot be selected by a click.
    """
    codes = list(counts.index)
    # Nothing is written where there is nobody: on a narrow screen the numbers that matter stay readable.
    text = shares.map(lambda v: f"{v:.0%}" if v > 0 else "") if as_shares else counts.astype(str).where(counts > 0, "")
    figure = framed(470, legend=False)
    figure.add_heatmap(
        z=shares.to_numpy(float),
        x=codes,
        y=codes,
        text=text.to_numpy(),
        texttemplate="%{text}",
        hoverinfo="skip",
        colorscale="Cividis",
        zmin=0,
        zmax=1,
        xgap=1,
        ygap=1,
        showscale=False,
    )
    unseen = {"opacity": 0}
    figure.add_scatter(
        x=codes * len(codes),
        y=[code for code in codes for _ in codes],
        customdata=np.stack([counts.to_numpy().ravel(), shares.to_numpy(float).ravel()], axis=1),
        mode="markers",
        marker={"symbol": "square", "size": 34, **unseen},
        selected={"marker": unseen},
        unselected={"marker": unseen},
        hovertemplate="true %{y}, answer %{x}<br>%{customdata[0]} photos, %{customdata[1]:.1%} of the row"
        "<extra></extra>",
    )
    if chosen:
        y, x = codes.index(chosen[0]), codes.index(chosen[1])
        for colour, width in (("#000000", 5), ("#FFD24D", 2.5)):
            box = {"x0": x - 0.5, "x1": x + 0.5, "y0": y - 0.5, "y1": y + 0.5}
            figure.add_shape(type="rect", **box, line={"color": colour, "width": width})
    figure.update_xaxes(title="across: the answer; down: the truth", side="top", showgrid=False, type="category")
    figure.update_yaxes(autorange="reversed", showgrid=False, type="category")
    figure.update_layout(margin={"l": 4, "r": 4, "t": 40, "b": 4})
    return figure


def confusion_words(shares: pd.DataFrame) -> str:
    """The confusion matrix in words: share right per diagnosis and the commonest error."""
    parts = []
    for code, row in shares.iterrows():
        if row.isna().all():
            continue
        errors = row.drop(code)
        parts.append(f"{code} {row[code]:.0%} right, most often mistaken for {errors.idxmax()} ({errors.max():.0%})")
    return "Confusion matrix: " + "; ".join(parts) + "."


def score_name(score: str) -> str:
    """`malignant`, or a code, in words."""
    return SCORES.get(score) or NAMES[score]


def score_colour(score: str) -> str:
    """The colour of a score's curves."""
    return COLOURS.get(score, "#16798F")


def roc(
    curves: dict[str, tuple[pd.DataFrame, float]],
    readers: tuple[Reader, ...] = (),
    chosen: tuple[Interval, Interval] | None = None,
) -> go.Figure:
    """ROC curves, name of a score -> (points, area), with published readers and a chosen point with its intervals."""
    figure = framed(430)
    figure.add_scatter(
        x=[0, 1],
        y=[0, 1],
        mode="lines",
        line={"color": GREY, "dash": "dot", "width": 1},
        hoverinfo="skip",
        showlegend=False,
    )
    for score, (points, area) in curves.items():
        name = f"{score_name(score)}, AUC {area:.3f}"
        figure.add_scatter(
            x=1 - points["specificity"],
            y=points["sensitivity"],
            customdata=points["threshold"],
            name=name,
            mode="lines",
            line={"color": score_colour(score), "width": 2, "shape": "hv"},
            hovertemplate="sensitivity %{y:.3f}, 1 − specificity %{x:.3f}, threshold %{customdata:.3f}<extra></extra>",
        )
    for reader, symbol in zip(readers, ("square", "diamond", "triangle-up", "x"), strict=False):
        figure.add_scatter(
            x=[1 - reader.specificity],
            y=[reader.sensitivity],
            name=reader.name,
            mode="markers+text",
            text=[reader.name],
            textposition=reader.label,
            showlegend=False,
            marker={"symbol": symbol, "size": 11, "color": GREY, "line": {"width": 1, "color": "#FFFFFF"}},
            hovertemplate=f"{reader.name}: {reader.sensitivity:.1%} sensitivity at {reader.specificity:.1%} specificity"
            f"<br>{reader.source}<extra></extra>",
        )
    if chosen:
        sensitivity, specificity = chosen
        figure.add_scatter(
            x=[1 - specificity.value],
            y=[sensitivity.value],
            name="chosen threshold",
            mode="markers",
            marker={"symbol": "circle", "size": 13, "color": "#D55E00", "line": {"width": 2, "color": "#FFFFFF"}},
            error_x=arms(specificity.remainder()),
            error_y=arms(sensitivity),
            hovertemplate="sensitivity %{y:.3f}, 1 − specificity %{x:.3f}<extra>chosen threshold</extra>",
        )
    figure.update_xaxes(title="1 − specificity (benign referred)", range=[-0.01, 1.01])
    figure.update_yaxes(title="sensitivity (malignant found)", range=[-0.01, 1.02])
    return below(figure)


def arms(interval: Interval) -> dict:
    """Error bars that reach to an interval's ends."""
    return {
        "type": "data",
        "symmetric": False,
        "thickness": 1.5,
        "width": 4,
        "color": GREY,
        "array": [interval.high - interval.value],
        "arrayminus": [interval.value - interval.low],
    }


def below(figure: go.Figure) -> go.Figure:
    """Put a long legend below the picture, where it does not cover it on a phone."""
    figure.update_layout(legend={"orientation": "h", "y": -0.2, "yanchor": "top", "x": 0, "xanchor": "left"})
    figure.update_layout(dragmode="zoom")
    return figure


def curve_words(curves: dict[str, tuple[pd.DataFrame, float]], what: str) -> str:
    """The areas under curves in words."""
    return f"{what}: " + ", ".join(f"{score_name(s)} {area:.3f}" for s, (_, area) in curves.items()) + "."


def precision_recall(curves: dict[str, tuple[pd.DataFrame, float]]) -> go.Figure:
    """Precision-recall curves: name of a score -> (points, average precision)."""
    figure = framed(430)
    for score, (points, area) in curves.items():
        figure.add_scatter(
            x=points["sensitivity"],
            y=points["precision"],
            mode="lines",
            name=f"{score_name(score)}, AP {area:.3f}",
            line={"color": score_colour(score), "width": 2, "shape": "hv"},
            customdata=points["threshold"],
            hovertemplate="sensitivity %{x:.3f}, precision %{y:.3f}, threshold %{customdata:.3f}<extra></extra>",
        )
    figure.update_xaxes(title="sensitivity (recall)", range=[-0.01, 1.01])
    figure.update_yaxes(title="precision (positive predictive value)", range=[-0.01, 1.02])
    return below(figure)


def reliability(before: pd.DataFrame, after: pd.DataFrame) -> go.Figure:
    """Accuracy against stated probability (columns confidence, accuracy, count), before and after calibration."""
    figure = framed(380)
    figure.add_scatter(
        x=[0, 1],
        y=[0, 1],
        mode="lines",
        line={"color": GREY, "dash": "dot", "width": 1},
        name="as stated",
        hoverinfo="skip",
    )
    for table, name, colour, symbol in (
        (before, "before", "#E69F00", "diamond-open"),
        (after, "after calibration", "#0072B2", "circle"),
    ):
        rows = table[table["count"] > 0] if len(table) else table
        if len(rows):
            figure.add_scatter(
                x=rows["confidence"],
                y=rows["accuracy"],
                customdata=rows["count"],
                name=name,
                mode="lines+markers",
                marker={
                    "symbol": symbol,
                    "size": 5 + 14 * np.sqrt(rows["count"] / rows["count"].max()),
                    "color": colour,
                },
                line={"color": colour, "width": 1.5},
                hovertemplate="stated %{x:.2f}, right %{y:.2f}, %{customdata} photos<extra>" + name + "</extra>",
            )
    figure.update_xaxes(title="stated probability", range=[0, 1.03])
    figure.update_yaxes(title="share that was right", range=[0, 1.03])
    return below(figure)


def forest(table: pd.DataFrame, label: str, figure_name: str, count: str | None = None) -> go.Figure:
    """Dots with 95 % intervals, a row of `figure_table` a line; small groups grey with their n."""
    rows = table.iloc[::-1]
    names = (
        [f"{n}  (n {c:.0f})" for n, c in zip(rows[label], rows[count], strict=True)]
        if count in rows
        else list(rows[label])
    )
    small = [count in rows and c < SMALL for c in (rows[count] if count in rows else [SMALL] * len(rows))]
    value = rows[figure_name]
    figure = framed(60 + 34 * len(rows), legend=False)
    figure.add_scatter(
        x=value,
        y=names,
        mode="markers",
        marker={"size": 10, "color": [GREY if s else "#0072B2" for s in small]},
        error_x={
            "type": "data",
            "symmetric": False,
            "color": GREY,
            "thickness": 1.5,
            "array": rows[f"{figure_name} high"] - value,
            "arrayminus": value - rows[f"{figure_name} low"],
        },
        hovertemplate="%{y}: %{x:.3f}<extra></extra>",
    )
    figure.update_xaxes(title=figure_name, range=[-0.01, 1.01], fixedrange=True)
    figure.update_yaxes(fixedrange=True)
    return figure


def people(groups: dict[str, int]) -> go.Figure:
    """1,000 patients as dots: whole numbers of `outcomes.whole_people`, drawn in that order, 40 a row."""
    figure = framed(400)
    start = 0
    for key, (label, colour, symbol, size) in PEOPLE.items():
        number = groups[key]
        places = np.arange(start, start + number)
        figure.add_scatter(
            x=places % 40 if number else [None],
            y=places // 40 if number else [None],
            mode="markers",
            name=f"{label}: {number}",
            marker={
                "color": colour,
                "symbol": symbol,
                "size": size,
                "line": {"width": 1.5 if "open" in symbol else 0, "color": colour},
            },
            hovertemplate=f"{label}: {number} of {PATIENTS:,}<extra></extra>",
        )
        start += number
    figure.update_xaxes(visible=False, range=[-1, 40], fixedrange=True)
    figure.update_yaxes(visible=False, range=[25, -1], fixedrange=True)
    return figure


def people_words(groups: dict[str, int], prevalence: float) -> str:
    """The picture of people in words."""
    return (
        f"Of {PATIENTS:,} such patients, {groups['found'] + groups['missed']} have a malignant lesion "
        f"({prevalence:.0%}): "
        f"{groups['found']} would be referred and {groups['missed']} missed. "
        f"{groups['referred']} patients with a benign lesion would be referred, {groups['spared']} would not."
    )
