"""Plotly figures of test results: confusion matrix, curves, reliability, estimates of groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from melanoma.charts.frame import BLUE, GREY, empty_figure, error_bars, put_legend_below, share_ticks
from melanoma.diagnoses import COLOURS
from melanoma.estimates import Estimate, percent
from melanoma.evaluation.outcomes import Reader
from melanoma.evaluation.saved_predictions import divide_rows
from melanoma.evaluation.tables import write_estimate
from melanoma.run import score_name
from melanoma.run.evaluation import Reliability, ReliabilityBin

SMALL = 30  # groups with fewer photos are drawn grey
MALIGNANCY_COLOUR = "#16798F"


@dataclass(frozen=True)
class Curve:
    """A curve of a score over all thresholds, as `trace_roc` and `trace_precision_recall` give it.

    score: MALIGNANT or a code; points: columns threshold, sensitivity, and specificity or precision; area: below it.
    """

    score: str
    points: pd.DataFrame
    area: float

    @property
    def colour(self) -> str:
        """The score's own."""
        return COLOURS.get(self.score, MALIGNANCY_COLOUR)


def confusion_matrix(
    counts: pd.DataFrame, *, as_shares: bool = False, outline: tuple[str, str] | None = None
) -> go.Figure:
    """Rows: true diagnosis; columns: predicted; colour: share of the row.

    counts: of photos, as `tabulate_confusion` gives them; outline: (true, predicted) of a cell. A point that is not
    drawn lies on every cell: a heatmap's own cells cannot be selected by a click.
    """
    codes, shares = list(counts.index), divide_rows(counts)
    # Nothing is written where there is nobody: on a narrow screen the numbers that matter stay readable.
    numbers = shares.map(percent) if as_shares else counts.astype(str)
    figure = empty_figure(470, legend=False)
    figure.add_heatmap(
        z=shares.to_numpy(float),
        x=codes,
        y=codes,
        text=numbers.where(counts > 0, "").to_numpy(),
        texttemplate="%{text}",
        hoverinfo="skip",
        colorscale="Cividis",
        zmin=0,
        zmax=1,
        xgap=1,
        ygap=1,
        showscale=False,
    )
    _add_click_targets(figure, counts, shares)
    if outline:
        y, x = codes.index(outline[0]), codes.index(outline[1])
        for colour, width in (("#000000", 5), ("#FFD24D", 2.5)):
            box = {"x0": x - 0.5, "x1": x + 0.5, "y0": y - 0.5, "y1": y + 0.5}
            figure.add_shape(type="rect", **box, line={"color": colour, "width": width})
    figure.update_xaxes(title="Predicted (rows: true diagnosis)", side="top", showgrid=False, type="category")
    figure.update_yaxes(autorange="reversed", showgrid=False, type="category")
    figure.update_layout(margin={"l": 4, "r": 4, "t": 40, "b": 4})
    return figure


def _add_click_targets(figure: go.Figure, counts: pd.DataFrame, shares: pd.DataFrame) -> None:
    codes, transparent = list(counts.index), {"opacity": 0}
    of_row = [percent(share) if np.isfinite(share) else "–" for share in shares.to_numpy(float).ravel()]
    figure.add_scatter(
        x=codes * len(codes),
        y=[code for code in codes for _ in codes],
        customdata=np.stack([counts.to_numpy().ravel().astype(object), np.array(of_row, object)], axis=1),
        mode="markers",
        marker={"symbol": "square", "size": 34, **transparent},
        selected={"marker": transparent},
        unselected={"marker": transparent},
        hovertemplate="true %{y}, predicted %{x}<br>%{customdata[0]} photos, %{customdata[1]} of the row"
        "<extra></extra>",
    )


def describe_confusion(counts: pd.DataFrame) -> str:
    """Of each diagnosis the share that is right, and what it is most often mistaken for."""
    parts = []
    for code, row in divide_rows(counts).dropna(how="all").iterrows():
        errors = row.drop(code)
        parts.append(
            f"{code} {percent(row[code])} right, most often predicted as {errors.idxmax()} ({percent(errors.max())})"
        )
    return "Confusion matrix: " + "; ".join(parts) + "."


def roc(
    curves: Sequence[Curve],
    readers: Sequence[Reader] = (),
    operating_point: tuple[Estimate, Estimate] | None = None,
) -> go.Figure:
    """ROC curves, published readers, and an operating point (sensitivity, specificity) with its intervals."""
    figure = empty_figure(430)
    _add_diagonal(figure)
    for curve in curves:
        figure.add_scatter(
            x=1 - curve.points["specificity"],
            y=curve.points["sensitivity"],
            customdata=_name_rates(curve.points, "sensitivity", "specificity"),
            name=f"{score_name(curve.score)}, AUC {curve.area:.2f}",
            mode="lines",
            line={"color": curve.colour, "width": 2, "shape": "hv"},
            hovertemplate="%{customdata}<extra></extra>",
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
            hovertemplate=f"{reader.name}: sensitivity {percent(reader.sensitivity)}, "
            f"specificity {percent(reader.specificity)}<br>{reader.source}<extra></extra>",
        )
    if operating_point:
        _add_operating_point(figure, *operating_point)
    figure.update_xaxes(
        title="1 − specificity (share of benign lesions referred)", range=[-0.01, 1.01], **share_ticks()
    )
    figure.update_yaxes(title="sensitivity (share of malignant lesions referred)", range=[-0.01, 1.02], **share_ticks())
    return put_legend_below(figure)


def _add_diagonal(figure: go.Figure, name: str | None = None) -> None:
    line = {"color": GREY, "dash": "dot", "width": 1}
    figure.add_scatter(
        x=[0, 1], y=[0, 1], mode="lines", line=line, name=name, hoverinfo="skip", showlegend=name is not None
    )


def _add_operating_point(figure: go.Figure, sensitivity: Estimate, specificity: Estimate) -> None:
    other = specificity.complement()
    figure.add_scatter(
        x=[other.value],
        y=[sensitivity.value],
        error_x=error_bars([other.value], [other.low], [other.high]),
        error_y=error_bars([sensitivity.value], [sensitivity.low], [sensitivity.high]),
        mode="markers",
        name="operating point",
        marker={"symbol": "star", "size": 15, "color": "#D55E00", "line": {"width": 1, "color": "#FFFFFF"}},
        hovertemplate=f"sensitivity {sensitivity.percent()}<br>specificity {specificity.percent()}<extra></extra>",
    )


def _name_rates(points: pd.DataFrame, *columns: str) -> list[str]:
    """What the pointer says of each point of a curve: its rates and its threshold."""
    rows = points[[*columns, "threshold"]].itertuples(index=False)
    names = (*columns, "threshold")
    return [
        ", ".join(f"{name} {percent(min(value, 1), 1)}" for name, value in zip(names, row, strict=True)) for row in rows
    ]


def describe_curves(curves: Sequence[Curve], area_name: str) -> str:
    """The areas under curves."""
    return f"{area_name}: " + ", ".join(f"{score_name(curve.score)} {curve.area:.2f}" for curve in curves) + "."


def precision_recall(curves: Sequence[Curve]) -> go.Figure:
    """Precision-recall curves."""
    figure = empty_figure(430)
    for curve in curves:
        figure.add_scatter(
            x=curve.points["sensitivity"],
            y=curve.points["precision"],
            mode="lines",
            name=f"{score_name(curve.score)}, AP {curve.area:.2f}",
            line={"color": curve.colour, "width": 2, "shape": "hv"},
            customdata=_name_rates(curve.points, "sensitivity", "precision"),
            hovertemplate="%{customdata}<extra></extra>",
        )
    figure.update_xaxes(title="sensitivity (recall)", range=[-0.01, 1.01], **share_ticks())
    figure.update_yaxes(title="precision (positive predictive value)", range=[-0.01, 1.02], **share_ticks())
    return put_legend_below(figure)


def abstention_curve(points: pd.DataFrame, decided: float | None = None) -> go.Figure:
    """Share of malignant lesions called routine against the share of photos that is decided.

    points: as `trace_abstention` gives them; decided: the share at the operating point, marked.
    """
    figure = empty_figure(340, legend=False)
    figure.add_scatter(
        x=[*points["decided"], *points["decided"][::-1]],
        y=[*points["high"], *points["low"][::-1]],
        fill="toself",
        fillcolor="rgba(0, 114, 178, 0.15)",
        line={"width": 0},
        hoverinfo="skip",
    )
    figure.add_scatter(
        x=points["decided"],
        y=points["missed"],
        mode="lines",
        line={"color": BLUE, "width": 2},
        customdata=[
            f"decided {percent(row.decided)}, called routine {percent(row.missed, 1)}" for row in points.itertuples()
        ],
        hovertemplate="%{customdata}<extra></extra>",
    )
    if decided is not None:
        figure.add_vline(x=decided, line={"color": GREY, "dash": "dot", "width": 1})
    largest = float(points["high"].max()) if len(points) else 0.1
    figure.update_xaxes(title="share of photos that is decided", range=[0.49, 1.01], **share_ticks(0.5))
    figure.update_yaxes(title="malignant lesions called routine", range=[0, 1.05 * largest], **share_ticks(largest))
    return figure


def reliability_diagram(reliability: Reliability) -> go.Figure:
    """Share that was right against stated probability, before and after calibration."""
    figure = empty_figure(380)
    _add_diagonal(figure, "as stated")
    for bins, name, colour, symbol in (
        (reliability.before, "before calibration", "#E69F00", "diamond-open"),
        (reliability.after, "after calibration", BLUE, "circle"),
    ):
        full = [one for one in bins if one.count and one.confidence is not None and one.accuracy is not None]
        if full:
            photos = np.array([one.count for one in full])
            figure.add_scatter(
                x=[one.confidence for one in full],
                y=[one.accuracy for one in full],
                customdata=[_describe_bin(one) for one in full],
                name=name,
                mode="lines+markers",
                marker={"symbol": symbol, "size": 5 + 14 * np.sqrt(photos / photos.max()), "color": colour},
                line={"color": colour, "width": 1.5},
                hovertemplate="%{customdata}<extra>" + name + "</extra>",
            )
    figure.update_xaxes(title="stated probability", range=[0, 1.03], **share_ticks())
    figure.update_yaxes(title="share that was right", range=[0, 1.03], **share_ticks())
    return put_legend_below(figure)


def _describe_bin(one: ReliabilityBin) -> str:
    return f"stated {percent(one.confidence or 0)}, right {percent(one.accuracy or 0)}, {one.count} photos"


def tabulate_reliability(reliability: Reliability) -> pd.DataFrame:
    """The bins as rows: calibration (before, after), low, high, confidence, accuracy, count."""
    rows = [{"calibration": when} | vars(one) for when in ("before", "after") for one in getattr(reliability, when)]
    return pd.DataFrame(rows, columns=["calibration", "low", "high", "confidence", "accuracy", "count"])


def describe_reliability(reliability: Reliability) -> str:
    """Where the stated probabilities, after calibration, lie furthest from what was right."""
    full = [one for one in reliability.after if one.confidence is not None and one.accuracy is not None]
    if not full:
        return "Reliability: not measured."
    furthest = max((one for one in full if one.count >= SMALL or len(full) == 1), key=_distance, default=full[-1])
    return f"Largest gap after calibration: {_describe_bin(furthest)}."


def _distance(one: ReliabilityBin) -> float:
    return abs((one.confidence or 0) - (one.accuracy or 0))


def forest_plot(table: pd.DataFrame, label: str, column: str, count: str | None = None) -> go.Figure:
    """Dots with 95 % intervals of an estimate of a `tabulate`d table, a row a line; small groups grey with their n.

    label, column: of the names and of the estimate; count: of the number of photos.
    """
    rows = table.iloc[::-1]
    photos = rows[count] if count in rows else pd.Series(SMALL, rows.index)
    names = [f"{name}  (n {n:.0f})" if count in rows else name for name, n in zip(rows[label], photos, strict=True)]
    figure = empty_figure(60 + 34 * len(rows), legend=False)
    low, high = rows[f"{column} low"], rows[f"{column} high"]
    estimates = [Estimate(*map(float, row)) for row in zip(rows[column], low, high, strict=True)]
    figure.add_scatter(
        x=rows[column],
        y=names,
        mode="markers",
        marker={"size": 10, "color": [GREY if n < SMALL else BLUE for n in photos]},
        error_x=error_bars(rows[column], low, high),
        customdata=[write_estimate(column, estimate) for estimate in estimates],
        hovertemplate="%{y}: %{customdata}<extra></extra>",
    )
    figure.update_xaxes(title=column, range=[-0.01, 1.01], fixedrange=True, **axis_ticks(column))
    figure.update_yaxes(fixedrange=True)
    return figure


def axis_ticks(column: str) -> dict:
    """Ticks in per cent for an estimate that is a share; Plotly's own for one that is not, such as an AUC."""
    return share_ticks() if "%" in write_estimate(column, Estimate(0.5, 0.4, 0.6)) else {}


def tabulate_curves(curves: Sequence[Curve]) -> pd.DataFrame:
    """The points of all curves, with the score that each is of."""
    return pd.concat([curve.points.assign(score=curve.score) for curve in curves], ignore_index=True)
