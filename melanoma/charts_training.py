"""Plotly figures of training logs: tables of `histories` in, Figure out."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from melanoma.charts import QUALITATIVE, framed

DASHES = {"training": "dot", "validation": "solid"}


def curves(
    table: pd.DataFrame,
    title: str,
    best: dict[str, int],
    *,
    log: bool = False,
    height: int = 420,
    shared_axis: tuple[float, float] | None = None,
) -> go.Figure:
    """Training (dotted) and validation (solid) curves of `histories.curves`, a colour a run.

    Where a smoothed curve differs from the raw one, the raw one stays visible behind it. `best`: run ->
    epoch to mark on its validation curve; `shared_axis`: fixed ends of the value axis, to compare charts.
    """
    figure = framed(height)
    for number, (run, of_run) in enumerate(table.groupby("run", sort=False)):
        colour = QUALITATIVE[number % len(QUALITATIVE)]
        for part, rows in of_run.groupby("part", sort=False):
            name = f"{run}, {part}"
            smoothed = not rows["value"].equals(rows["smoothed"])
            if smoothed:
                figure.add_scatter(
                    x=rows["epoch"],
                    y=rows["value"],
                    mode="lines",
                    opacity=0.35,
                    line={"color": colour, "width": 1},
                    legendgroup=name,
                    showlegend=False,
                    name=f"{name}, raw",
                    hoverinfo="skip",
                )
            figure.add_scatter(
                x=rows["epoch"],
                y=rows["smoothed"],
                customdata=rows["value"],
                name=name,
                legendgroup=name,
                mode="lines+markers" if len(rows) <= 40 and not smoothed else "lines",
                marker={"size": 5},
                line={"color": colour, "dash": DASHES[part], "width": 2.2},
                hovertemplate="epoch %{x}: %{customdata:.4g}<extra>" + name + "</extra>",
            )
        marked = of_run[(of_run["part"] == "validation") & (of_run["epoch"] == best.get(run))]
        if len(marked):
            figure.add_scatter(
                x=marked["epoch"],
                y=marked["value"],
                name=f"{run}, best epoch",
                mode="markers+text",
                text=[f"best: {v:.3f}" for v in marked["value"]],
                textposition="top center",
                marker={"symbol": "star", "size": 14, "color": colour, "line": {"width": 1, "color": "#808C94"}},
                hovertemplate="best epoch, %{x}: %{y:.4g}<extra></extra>",
                showlegend=False,
            )
    figure.update_xaxes(title="epoch")
    figure.update_yaxes(title=title, type="log" if log else "linear")
    if shared_axis:
        figure.update_yaxes(range=list(shared_axis))
    figure.update_layout(hovermode="closest", dragmode="zoom")
    return figure


def lines(table: pd.DataFrame, column: str, title: str, *, log: bool = False, zero: bool = False) -> go.Figure:
    """One line a run over epochs. `zero` draws the line where there is no gap."""
    figure = framed(260)
    for number, (run, rows) in enumerate(table.groupby("run", sort=False)):
        figure.add_scatter(
            x=rows["epoch"],
            y=rows[column],
            name=str(run),
            mode="lines+markers" if len(rows) <= 40 else "lines",
            line={"color": QUALITATIVE[number % len(QUALITATIVE)], "width": 2},
            marker={"size": 5},
            hovertemplate="epoch %{x}: %{y:.4g}<extra>" + str(run) + "</extra>",
        )
    if zero:
        figure.add_hline(y=0, line={"color": "#808C94", "width": 1})
    figure.update_xaxes(title="epoch")
    figure.update_yaxes(title=title, type="log" if log else "linear")
    figure.update_yaxes(**{"tickformat": "~g", "dtick": 1} if log else {"rangemode": "normal" if zero else "tozero"})
    figure.update_layout(showlegend=table["run"].nunique() > 1)
    return figure


def words(table: pd.DataFrame, title: str) -> str:
    """Curves in words: where each of them ended and where it was highest and lowest."""
    if table.empty:
        return f"No values of {title} have been logged."
    parts = []
    for (run, part), rows in table.dropna(subset="value").groupby(["run", "part"], sort=False):
        last = rows.iloc[-1]
        parts.append(
            f"{run}, {part}: {last['value']:.3g} at epoch {last['epoch']:.0f}"
            f" (range {rows['value'].min():.3g} to {rows['value'].max():.3g})"
        )
    return f"{title}: " + "; ".join(parts) + "."
