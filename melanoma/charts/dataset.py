"""Plotly figures of the dataset page: what the photos are, and what the audit found. Data in, Figure out."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from melanoma.audit.checks import Finding
from melanoma.charts.frame import BLUE, colour_by_malignancy, empty_figure, share_ticks
from melanoma.diagnoses import code_of, mark_diagnosis
from melanoma.estimates import percent


def diagnosis_bars(counts: pd.DataFrame) -> go.Figure:
    """Photos a diagnosis on a log axis, the most frequent on top. counts: diagnosis (name), photos."""
    ranked = counts.sort_values("photos")
    figure = empty_figure(340, legend=False)
    figure.add_bar(
        orientation="h",
        y=[mark_diagnosis(code_of(name)) for name in ranked["diagnosis"]],
        x=ranked["photos"],
        text=[f"{n:,}" for n in ranked["photos"]],
        textposition="outside",
        cliponaxis=False,
        marker_color=colour_by_malignancy(code_of(name) for name in ranked["diagnosis"]),
        hovertemplate="%{y}: %{text} photos<extra></extra>",
    )
    most = float(counts["photos"].max()) if len(counts) else 1.0
    figure.update_xaxes(
        type="log", range=[0, np.log10(max(most, 1)) + 0.7], tickvals=[1, 10, 100, 1000, 10000], fixedrange=True
    )
    figure.update_xaxes(ticktext=["1", "10", "100", "1k", "10k"], tickangle=0, title="photos, log scale")
    figure.update_yaxes(fixedrange=True, showgrid=False)
    figure.update_layout(bargap=0.28)
    return figure


def source_map(counts: pd.DataFrame) -> go.Figure:
    """Share of each diagnosis that each source gave, photos in the cells. counts: diagnosis, source, photos."""
    table = counts.pivot_table(index="diagnosis", columns="source", values="photos", aggfunc="sum", fill_value=0)
    table = table.loc[table.sum(axis=1).sort_values().index]
    table = table[table.sum().sort_values(ascending=False).index]
    share = table.div(table.sum(axis=1).replace(0, 1), axis=0)
    figure = empty_figure(max(180, 60 + 32 * len(table)), legend=False)
    figure.add_heatmap(
        z=share.to_numpy(),
        x=[str(name).replace(" ", "<br>") for name in table.columns],
        y=table.index,
        text=[[f"{n:,}" if n else "none" for n in row] for row in table.to_numpy()],
        texttemplate="%{text}",
        colorscale="Cividis",
        zmin=0,
        zmax=1,
        showscale=False,
        xgap=2,
        ygap=2,
        customdata=share.map(percent).to_numpy(),
        hovertemplate="%{y}, %{x}: %{text} (%{customdata} of the diagnosis)<extra></extra>",
    )
    figure.update_xaxes(side="top", showgrid=False, fixedrange=True)
    figure.update_yaxes(showgrid=False, fixedrange=True)
    return figure


def finding_bars(findings: Sequence[Finding]) -> go.Figure:
    """Share that each finding concerns, as a bar under its name; findings without a whole are left out."""
    rows = [(finding, finding.count / finding.out_of) for finding in reversed(findings) if finding.out_of]
    figure = empty_figure(60 + 58 * len(rows), legend=False)
    figure.add_bar(
        orientation="h",
        y=list(range(len(rows))),
        x=[share for _, share in rows],
        text=[f"{finding.count:,} of {finding.out_of:,}" for finding, _ in rows],
        textposition="outside",
        cliponaxis=False,
        width=0.32,
        marker_color=BLUE,
        customdata=[[finding.title, percent(share)] for finding, share in rows],
        hovertemplate="%{customdata[0]}: %{text} (%{customdata[1]})<extra></extra>",
    )
    for place, (finding, _) in enumerate(rows):
        figure.add_annotation(
            x=0,
            y=place + 0.36,
            text=textwrap.shorten(finding.title, 62, placeholder=" …"),
            showarrow=False,
            xanchor="left",
            align="left",
        )
    figure.update_xaxes(range=[0, 1.34], fixedrange=True, **share_ticks())
    figure.update_yaxes(visible=False, range=[-0.5, max(len(rows), 1) - 0.2], fixedrange=True)
    return figure


def describe_sources(counts: pd.DataFrame) -> str:
    """The source map in words: which diagnoses come from one source alone."""
    present = counts[counts["photos"] > 0]
    sources = present.groupby("diagnosis")["source"].agg(list)
    alone = [f"{name} ({names[0]})" for name, names in sources.items() if len(names) == 1]
    if not alone:
        return "Every diagnosis comes from more than one source."
    return f"From one source alone: {', '.join(alone)}. A network can learn the camera instead of the lesion there."


def describe_counts(counts: pd.DataFrame) -> str:
    """The bars in words."""
    ranked = counts.sort_values("photos", ascending=False)
    return "Photos: " + ", ".join(f"{r.diagnosis} {r.photos:,}" for r in ranked.itertuples()) + "."


def describe_findings(findings: Sequence[Finding]) -> str:
    """The findings' bars in words."""
    return " ".join(f"{f.title}: {f.count:,} of {f.out_of:,}." for f in findings if f.out_of)
