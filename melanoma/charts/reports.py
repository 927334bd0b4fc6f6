"""Plotly figures of the reports of a run and of groups of photos: dots with intervals under headings."""

from __future__ import annotations

import textwrap
from collections.abc import Hashable

import pandas as pd
import plotly.graph_objects as go

from melanoma.charts.frame import BLUE, BROWN, GREY, MALIGNANT_COLOUR, empty_figure, error_bars, share_ticks
from melanoma.charts.results import SMALL, axis_ticks
from melanoma.estimates import Estimate
from melanoma.evaluation.tables import count_photos

# The first series is what was measured, the others what it is compared with; shapes differ as well as colours.
STYLES = ((BLUE, "circle", 10), (BROWN, "diamond-open", 9), (MALIGNANT_COLOUR, "x-thin", 8))
SPREAD = 0.2  # between the series of one line, in lines
LINE = 27  # pixels
WIDEST = 26  # characters of a line's name, which else leaves a phone no room for the dots


def dot_plot(
    table: pd.DataFrame,
    title: str,
    *,
    reference: float | None = None,
    percent: bool = False,
    span: tuple[float, float] | None = None,
) -> go.Figure:
    """Dots with 95 % intervals, a line a row, under headings; several series share a line.

    table: columns group, line, series, value, low, high; where it has `small` (bool), those rows are grey.
    reference: a value to draw a line at; percent: values are shares, 0 to 1; span: of the axis, from 0 to the largest
    if None.
    """
    places, height = _place_lines(table)
    names = list(dict.fromkeys(table["series"]))
    lines = table.groupby(["group", "line"])["series"]
    shifts = SPREAD * (lines.cumcount() - (lines.transform("size") - 1) / 2)
    figure = empty_figure(round(70 + LINE * height + 24 * (len(names) > 1)), legend=len(names) > 1)
    for name, (colour, symbol, size) in zip(names, STYLES, strict=False):
        rows = table[table["series"] == name]
        colours = [GREY if small else colour for small in rows.get("small", [False] * len(rows))]
        figure.add_scatter(
            x=rows["value"],
            y=[places[pair] for pair in zip(rows["group"], rows["line"], strict=True)] + shifts[rows.index],
            customdata=_write_rows(rows, percent=percent),
            name=name,
            mode="markers",
            marker={"symbol": symbol, "size": size, "color": colours, "line": {"width": 2, "color": colours}},
            error_x=error_bars(rows["value"], rows["low"], rows["high"], width=3),
            hovertemplate=f"%{{customdata}}<extra>{name}</extra>",
        )
    _name_lines(figure, places, height)
    if reference is not None:
        figure.add_vline(reference, line={"color": GREY, "dash": "dot", "width": 1})
    low, high = span or (min(0.0, table["low"].min()), table["high"].max())
    ends = [low - 0.02 * (high - low), high + 0.04 * (high - low)]
    figure.update_xaxes(title=title, range=ends, fixedrange=True, **(share_ticks(high) if percent else {}))
    if len(names) > 1:
        figure.update_layout(legend={"y": 1, "yanchor": "bottom"})
    return figure


def _place_lines(table: pd.DataFrame) -> tuple[dict[Hashable, float], float]:
    """Where each heading (str) and each line (heading, str) lies, from the top, in lines; and how many there are."""
    places: dict[Hashable, float] = {}
    at = 0.0
    for group, line in table[["group", "line"]].drop_duplicates().itertuples(index=False):
        if group and group not in places:
            at += 0.6 if places else 0.4
            places[group] = at
            at += 1
        places[group, line] = at
        at += 1
    return places, at


def _name_lines(figure: go.Figure, places: dict[Hashable, float], height: float) -> None:
    for heading, at in places.items():
        if isinstance(heading, str):
            text = f"<b>{heading}</b>"
            figure.add_annotation(
                x=0, xref="paper", xanchor="left", y=at + 0.1, text=text, showarrow=False, align="left"
            )
    values = [at for place, at in places.items() if isinstance(place, tuple)]
    texts = ["<br>".join(textwrap.wrap(place[1], WIDEST)) for place in places if isinstance(place, tuple)]
    figure.update_yaxes(tickvals=values, ticktext=texts, range=[height - 0.4, -0.6], fixedrange=True)


def _write_rows(rows: pd.DataFrame, *, percent: bool) -> list[str]:
    """What the pointer says of each dot."""
    estimates = [Estimate(*map(float, row)) for row in zip(rows["value"], rows["low"], rows["high"], strict=True)]
    texts = (estimate.percent() if percent else estimate.text() for estimate in estimates)
    return [f"{line}: {text}" for line, text in zip(rows["line"], texts, strict=True)]


def group_dots(table: pd.DataFrame, column: str, whole: Estimate | None = None) -> go.Figure:
    """One estimate of every group of `tabulate_groups`; few photos: grey; a line at that of the `whole` test split."""
    rows = table.dropna(subset=column)
    photos = count_photos(rows, column)
    dots = pd.DataFrame(
        {
            "group": rows["by"],
            "line": [f"{name} (n {n:.0f})" for name, n in zip(rows["group"], photos, strict=True)],
            "series": "test photos",
            "value": rows[column],
            "low": rows[f"{column} low"],
            "high": rows[f"{column} high"],
            "small": photos < SMALL,
        }
    )
    is_share = bool(axis_ticks(column))
    return dot_plot(dots, column, reference=whole.value if whole else None, percent=is_share, span=(0, 1))
