"""Plotly figures of the casebook: who was right how often, as a whole and by group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, get_args

import pandas as pd
import plotly.graph_objects as go

from melanoma.casebook.agreement import Agreement
from melanoma.charts.frame import QUALITATIVE, empty_figure, error_bars, put_legend_below, share_ticks
from melanoma.estimates import Estimate

Rate = Literal["sensitivity", "specificity", "balanced accuracy"]
RATES: tuple[Rate, ...] = get_args(Rate)
SYMBOLS = ("circle", "diamond", "square")  # of the judges, in their order


def pick(agreement: Agreement, rate: Rate) -> Estimate | None:
    """One of an agreement's estimates by its name."""
    estimates: dict[str, Estimate | None] = {
        "sensitivity": agreement.sensitivity,
        "specificity": agreement.specificity,
        "balanced accuracy": agreement.balanced_accuracy,
    }
    return estimates[rate]


def judge_dots(groups: Mapping[str, Sequence[Agreement]], rate: Rate) -> go.Figure:
    """Dots with 95 % intervals: a row a group, a symbol a judge; groups with too few lesions have no dot.

    groups: name -> the agreement of each judge, in the order in which they are read.
    """
    names = list(groups)[::-1]
    judges = [agreement.judge for agreement in next(iter(groups.values()), ())]
    figure = empty_figure(110 + 30 * max(len(names), 1) * len(judges) // 2)
    for place, (judge, symbol, colour) in reversed(list(enumerate(zip(judges, SYMBOLS, QUALITATIVE, strict=False)))):
        rows = [(name, estimate) for name in names if (estimate := pick(groups[name][place], rate))]
        values = [estimate.value for _, estimate in rows]
        lows, highs = [estimate.low for _, estimate in rows], [estimate.high for _, estimate in rows]
        figure.add_scatter(
            x=values,
            y=[name for name, _ in rows],
            mode="markers",
            orientation="h",
            offsetgroup=judge,
            name=judge,
            marker={"size": 11, "symbol": symbol, "color": colour},
            error_x=error_bars(values, lows, highs),
            customdata=[estimate.percent() for _, estimate in rows],
            hovertemplate="%{y}: %{customdata}<extra>" + judge + "</extra>",
        )
    figure.update_layout(scattermode="group", legend_traceorder="reversed")
    figure.update_xaxes(title=rate, range=[-0.01, 1.01], fixedrange=True, **share_ticks())
    figure.update_yaxes(fixedrange=True, categoryorder="array", categoryarray=names)
    put_legend_below(figure)
    return figure.update_layout(dragmode=False, legend_y=-0.32)


def describe_dots(groups: Mapping[str, Sequence[Agreement]], rate: Rate) -> str:
    """The same in words."""
    parts = [
        f"{name}, {agreement.judge} {estimate.percent()}"
        for name, agreements in groups.items()
        for agreement in agreements
        if (estimate := pick(agreement, rate))
    ]
    return f"{rate[0].upper()}{rate[1:]}: {'; '.join(parts)}." if parts else f"{rate}: too few lesions with an outcome."


def tabulate_agreements(groups: Mapping[str, Sequence[Agreement]]) -> pd.DataFrame:
    """A row a group and judge: counts, and each rate with the ends of its interval, empty where it is undefined."""
    rows = []
    for name, agreements in groups.items():
        for one in agreements:
            row: dict[str, object] = {"group": name, "judge": one.judge}
            row |= {"malignant": one.malignant, "malignant referred": one.found}
            row |= {"benign": one.benign, "benign not referred": one.spared}
            row |= {"diagnoses": one.named, "diagnoses right": one.right}
            for rate in RATES:
                estimate = pick(one, rate)
                ends = (estimate.value, estimate.low, estimate.high) if estimate else (None, None, None)
                row |= dict(zip((rate, f"{rate} low", f"{rate} high"), ends, strict=True))
            rows.append(row)
    return pd.DataFrame(rows)
