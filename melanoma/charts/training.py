"""Plotly figures of training logs: tables of `run.history` in, Figure out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from melanoma.charts.frame import GREY, QUALITATIVE, empty_figure

DASHES = {"training": "dot", "validation": "solid"}
POINTS = 1000  # a curve: more than a screen can tell apart


def assign_colours(runs: Iterable[str]) -> dict[str, str]:
    """A colour a run, the same in every chart that is given these runs in this order; from the tenth on they repeat."""
    return {run: QUALITATIVE[number % len(QUALITATIVE)] for number, run in enumerate(dict.fromkeys(runs))}


def training_curves(
    table: pd.DataFrame,
    title: str,
    best_epochs: Mapping[str, int],
    *,
    log: bool = False,
    height: int = 420,
    shared_axis: tuple[float, float] | None = None,
) -> go.Figure:
    """Training (dotted) and validation (solid) curves of `tabulate_curves`, a colour a run.

    Where a smoothed curve is_smoothed from the raw one, the raw one stays visible behind it. A run that was made of
    others has no epochs: its validation result is a line from side to side. `best_epochs`: run ->
    epoch to mark on its validation curve; `shared_axis`: fixed ends of the value axis, to compare charts.
    With more runs than colours there is no legend, which could not tell them apart: hovering names a curve.
    """
    colour_of = assign_colours(table["run"])
    crowded = len(colour_of) > len(QUALITATIVE)
    table, level_lines = _take_out_levels(table, colour_of)
    raw_lines, smoothed_lines = [], []
    for (owner, part), rows in split_traces(table.assign(colour=table["run"].map(colour_of)), ["part"], crowded):
        name, colour = f"{owner}, {part}", rows["colour"].iloc[0]
        raw, smoothed = rows["value"].to_numpy(), rows["smoothed"].to_numpy()
        is_smoothed = not np.array_equal(raw, smoothed, equal_nan=True)
        shared = {"type": "scatter", "x": rows["epoch"].to_numpy(), "legendgroup": name}
        if is_smoothed:
            raw_lines.append(
                shared
                | {
                    "y": raw,
                    "mode": "lines",
                    "opacity": 0.35,
                    "line": {"color": colour, "width": 1},
                    "showlegend": False,
                    "name": f"{name}, raw",
                    "hoverinfo": "skip",
                }
            )
        value, label = "customdata" if is_smoothed else "y", "%{text}, " + part if crowded else name
        smoothed_lines.append(
            shared
            | {
                "y": smoothed,
                "name": name,
                "mode": "lines+markers" if len(rows) <= 40 and not is_smoothed else "lines",
                "marker": {"size": 5},
                "line": {"color": colour, "dash": DASHES[part], "width": 1.4 if crowded else 2.2},
                "hovertemplate": f"epoch %{{x}}: %{{{value}:.4g}}<extra>{label}</extra>",
            }
            | ({"customdata": raw} if is_smoothed else {})
            | ({"text": rows["run"].to_numpy(object)} if crowded else {})
        )
    figure = empty_figure(height)
    figure.add_traces(
        [*level_lines, *raw_lines, *smoothed_lines, *_mark_best_epochs(table, best_epochs, colour_of, crowded)]
    )
    figure.update_xaxes(title="epoch")
    figure.update_yaxes(title=title, type="log" if log else "linear")
    if shared_axis:
        figure.update_yaxes(range=list(shared_axis))
    figure.update_layout(hovermode="closest", dragmode="zoom", showlegend=not crowded)
    return figure


def _take_out_levels(table: pd.DataFrame, colour_of: Mapping[str, str]) -> tuple[pd.DataFrame, list[dict]]:
    """The table without runs that have no epoch but 0, and a level line for each of these."""
    epochs = table.dropna(subset="value").groupby("run", sort=False)["epoch"].max()
    made = table["run"].isin(epochs[epochs == 0].index)
    ends = [1, max(int(table["epoch"].max()), 2)] if len(table) else [1, 2]
    traces = [
        {
            "type": "scatter",
            "x": ends,
            "y": [value, value],
            "name": f"{name}, {part}, made of others",
            "mode": "lines",
            "line": {"color": colour_of[name], "dash": "dash", "width": 2},
            "hovertemplate": "%{y:.4g}<extra>" + str(name) + "</extra>",
        }
        for name, part, value in table.loc[made, ["run", "part", "value"]].dropna().itertuples(index=False)
    ]
    return table[~made], traces


def _mark_best_epochs(
    table: pd.DataFrame, best_epochs: Mapping[str, int], colour_of: Mapping[str, str], crowded: bool
) -> list[dict]:
    """The best epoch of each run: one trace a run, which its legend names; of many runs one in all, without numbers."""
    validation = table[table["part"] == "validation"]
    best = validation[validation["epoch"] == validation["run"].map(best_epochs)]
    if best.empty:
        return []
    shared = {"type": "scatter", "showlegend": False}
    last = 0.85 * table["epoch"].max()  # from here on a number in the middle would reach over the edge
    traces = []
    for name, rows in [("", best)] if crowded else best.groupby("run", sort=False):
        traces.append(
            shared
            | {
                "x": rows["epoch"].to_numpy(),
                "y": rows["value"].to_numpy(),
                "name": "best epochs" if crowded else f"{name}, best epoch",
                "legendgroup": "" if crowded else f"{name}, validation",
                "mode": "markers" if crowded else "markers+text",
                "text": rows["run"].tolist() if crowded else [f"best: {v:.3f}" for v in rows["value"]],
                "textposition": ["top left" if epoch > last else "top center" for epoch in rows["epoch"]],
                "marker": {
                    "symbol": "star",
                    "size": 9 if crowded else 14,
                    "color": rows["run"].map(colour_of).tolist(),
                    "line": {"width": 1, "color": GREY},
                },
                "hovertemplate": "best epoch, %{x}: %{y:.4g}<extra>" + ("%{text}" if crowded else "") + "</extra>",
            }
        )
    return traces


def split_traces(table: pd.DataFrame, by: list[str], crowded: bool) -> Iterator[tuple[tuple, pd.DataFrame]]:
    """What to draw as one trace each: (run, *by), its rows; of a crowd (colour, *by), its runs with a break between.

    Plotly's time goes by the number of traces: thirty runs in nine colours are drawn in a third of the time.
    """
    one = ["run", *by]
    if table.groupby(one).size().max() > POINTS:
        table = pd.concat([thin_out(rows) for _, rows in table.groupby(one, sort=False)])
    if crowded:
        table = insert_breaks(table, one)
    yield from table.groupby(["colour" if crowded else "run", *by], sort=False)


def insert_breaks(table: pd.DataFrame, one: list[str]) -> pd.DataFrame:
    """The table with a row without values after each curve, which is told from the next by the columns `one`."""
    ends = np.append((table[one].to_numpy()[1:] != table[one].to_numpy()[:-1]).any(axis=1), True)
    rows = np.repeat(np.arange(len(table)), 1 + ends)  # the last row of a curve twice, the second one emptied
    table = table.iloc[rows].reset_index(drop=True)
    is_break = np.append(False, rows[1:] == rows[:-1])
    values = [column for column in ("value", "smoothed") if column in table]
    table[values] = table[values].mask(is_break[:, None].repeat(len(values), axis=1))
    return table


def thin_out(rows: pd.DataFrame, limit: int = POINTS) -> pd.DataFrame:
    """At most about `limit` rows of a curve: of each stretch the lowest and the highest, and both ends."""
    if len(rows) <= limit:
        return rows
    values = rows["value"].to_numpy()
    positions = {0, len(rows) - 1}
    for stretch in np.array_split(np.arange(len(rows)), limit // 2):
        finite = stretch[np.isfinite(values[stretch])]
        if len(finite):
            positions |= {int(finite[values[finite].argmin()]), int(finite[values[finite].argmax()])}
    return rows.iloc[sorted(positions)]


def epoch_lines(
    table: pd.DataFrame,
    column: str,
    title: str,
    *,
    log: bool = False,
    zero: bool = False,
    runs: Sequence[str] | None = None,
) -> go.Figure:
    """One line a run over epochs, in the colours of `runs` (default: those of the table).

    `zero` draws the line where there is no gap.
    """
    colour_of = assign_colours([*(runs or ()), *table["run"]])
    crowded = table["run"].nunique() > len(QUALITATIVE)
    figure = empty_figure(260)
    table = table.rename(columns={column: "value"}).assign(colour=table["run"].map(colour_of))
    traces = [
        {
            "type": "scatter",
            "x": rows["epoch"].to_numpy(),
            "y": rows["value"].to_numpy(),
            "name": str(owner),
            "mode": "lines+markers" if len(rows) <= 40 else "lines",
            "line": {"color": rows["colour"].iloc[0], "width": 1.4 if crowded else 2},
            "marker": {"size": 5},
            "hovertemplate": f"epoch %{{x}}: %{{y:.4g}}<extra>{'%{text}' if crowded else owner}</extra>",
        }
        | ({"text": rows["run"].to_numpy(object)} if crowded else {})
        for (owner,), rows in split_traces(table, [], crowded)
    ]
    figure.add_traces(traces)
    if zero:
        figure.add_hline(y=0, line={"color": GREY, "width": 1})
    figure.update_xaxes(title="epoch")
    figure.update_yaxes(title=title, type="log" if log else "linear")
    figure.update_yaxes(**{"tickformat": "~g", "dtick": 1} if log else {"rangemode": "normal" if zero else "tozero"})
    figure.update_layout(showlegend=len(traces) > 1 and not crowded)
    return figure


def describe_curves(table: pd.DataFrame, title: str) -> str:
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
