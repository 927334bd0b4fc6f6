"""Plotly figures of the reports of a run and of groups of photos: tables of `report_tables` in, Figure out."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from melanoma.charts.answer import framed
from melanoma.charts.results import GREY, SMALL
from melanoma.evaluation.tables import counted

# The first series is what was measured, the others what it is held against; shapes differ as well as colours.
STYLES = (("#0072B2", "circle", 10), ("#A0662A", "diamond-open", 9), ("#B4577F", "x-thin", 8))
SPREAD = 0.2  # between the series of one line, in lines
LINE = 27  # pixels


def dots(
    table: pd.DataFrame,
    title: str,
    *,
    reference: float | None = None,
    percent: bool = False,
    span: tuple[float, float] | None = None,
) -> go.Figure:
    """Dots with 95 % intervals, a line a row, under headings; several series share a line.

    table: columns of `report_tables.ROWS`; where it has `small` (bool), those rows are grey. reference: a
    value to draw a line at. percent: values are shares, 0 to 1. span: of the axis; from 0 to the largest if None.
    """
    places, labels, headings = {}, [], []
    at = 0.0
    for group, line in table[["group", "line"]].drop_duplicates().itertuples(index=False):
        if group and group not in headings:
            headings.append(group)
            at += 0.6 if places else 0.4
            places[group] = at
            at += 1
        places[group, line] = at
        labels.append((at, line))
        at += 1
    names = list(dict.fromkeys(table["series"]))
    lines = table.groupby(["group", "line"])["series"]
    shifts = SPREAD * (lines.cumcount() - (lines.transform("size") - 1) / 2)
    figure = framed(round(70 + LINE * at + 24 * (len(names) > 1)), legend=len(names) > 1)
    for name, (colour, symbol, size) in zip(names, STYLES, strict=False):
        rows = table[table["series"] == name]
        colours = [GREY if small else colour for small in rows.get("small", [False] * len(rows))]
        figure.add_scatter(
            x=rows["value"],
            y=[places[pair] for pair in zip(rows["group"], rows["line"], strict=True)] + shifts[rows.index],
            customdata=np.stack([rows["line"], rows["low"], rows["high"]], axis=1) if len(rows) else None,
            name=name,
            mode="markers",
            marker={"symbol": symbol, "size": size, "color": colours, "line": {"width": 2, "color": colours}},
            error_x={
                "type": "data",
                "symmetric": False,
                "thickness": 1.5,
                "width": 3,
                "color": GREY,
                "array": rows["high"] - rows["value"],
                "arrayminus": rows["value"] - rows["low"],
            },
            hovertemplate=hover(name, percent=percent),
        )
    for heading in headings:
        figure.add_annotation(
            x=0, xref="paper", xanchor="left", y=places[heading] + 0.1, text=f"<b>{heading}</b>", showarrow=False,
            align="left",
        )  # fmt: skip
    if reference is not None:
        figure.add_vline(reference, line={"color": GREY, "dash": "dot", "width": 1})
    figure.update_yaxes(
        tickvals=[at for at, _ in labels], ticktext=[line for _, line in labels], range=[at - 0.4, -0.6],
        fixedrange=True,
    )  # fmt: skip
    low, high = span or (min(0.0, table["low"].min()), table["high"].max())
    figure.update_xaxes(
        title=title, range=[low - 0.02 * (high - low), high + 0.04 * (high - low)], fixedrange=True,
        tickformat=".0%" if percent else None,
    )  # fmt: skip
    if len(names) > 1:
        figure.update_layout(legend={"y": 1, "yanchor": "bottom"})
    return figure


def hover(name: str, *, percent: bool) -> str:
    """The words beside a pointed-at dot."""
    shape = ".1%" if percent else ".3f"
    interval = f"%{{customdata[1]:{shape}}}–%{{customdata[2]:{shape}}}"
    return f"%{{customdata[0]}}: %{{x:{shape}}} ({interval})<extra>{name}</extra>"


def groups(table: pd.DataFrame, figure_name: str, whole: float | None = None) -> go.Figure:
    """One figure of every group of `results.per_group`; few photos: grey; a line at the `whole` test split's."""
    rows = table.dropna(subset=figure_name)
    number = counted(rows, figure_name)
    drawn = pd.DataFrame(
        {
            "group": rows["by"],
            "line": [f"{name} (n {n:.0f})" for name, n in zip(rows["group"], number, strict=True)],
            "series": "test photos",
            "value": rows[figure_name],
            "low": rows[f"{figure_name} low"],
            "high": rows[f"{figure_name} high"],
            "small": number < SMALL,
        }
    )
    return dots(drawn, figure_name, reference=whole, span=(0, 1))
