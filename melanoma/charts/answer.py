"""Plotly figures of one answer, and of what a network refers."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

import plotly.graph_objects as go

from melanoma.charts.frame import colour_by_malignancy, empty_figure, error_bars, share_ticks
from melanoma.diagnoses import CODES, NAMES, mark_diagnosis
from melanoma.estimates import Estimate, percent
from melanoma.run import Evaluation
from melanoma.serving import Prediction

PALE = 0.45  # opacity of a diagnosis outside the prediction set


def probability_bars(prediction: Prediction) -> go.Figure:
    """Nine probabilities as bars, the likeliest on top, numbers beside them.

    Malignant diagnoses are marked by a diamond as well as by colour; those outside the prediction set are pale.
    """
    strong = set(prediction.differential)
    return draw_bars({code: prediction.probability(code) for code in prediction.ranked}, strong)


def draw_bars(probabilities: Mapping[str, float], strong: Collection[str] = CODES) -> go.Figure:
    """Bars of nine probabilities by code, the likeliest on top; those not in `strong` are pale."""
    codes = sorted(probabilities, key=lambda code: probabilities[code])
    figure = empty_figure(300, legend=False)
    figure.add_bar(
        orientation="h",
        y=[mark_diagnosis(code) for code in codes],
        x=[probabilities[code] for code in codes],
        text=[percent(probabilities[code]) for code in codes],
        textposition="outside",
        cliponaxis=False,
        marker_color=colour_by_malignancy(codes),
        marker_opacity=[1 if code in strong else PALE for code in codes],
        hovertemplate="%{y}: %{text}<extra></extra>",
    )
    # Few ticks, as each bar has its number: beside the names they stay upright on a telephone.
    ticks = [0, 0.5, 1]
    figure.update_xaxes(range=[0, 1.3], fixedrange=True, tickvals=ticks, ticktext=[percent(tick) for tick in ticks])
    figure.update_yaxes(fixedrange=True, showgrid=False)
    figure.update_layout(bargap=0.28)
    return figure


def describe_probabilities(prediction: Prediction) -> str:
    """The same as one sentence."""
    return describe_bars({code: prediction.probability(code) for code in prediction.ranked})


def describe_bars(probabilities: Mapping[str, float]) -> str:
    """Nine probabilities by code as one sentence, the likeliest first."""
    codes = sorted(probabilities, key=lambda code: -probabilities[code])
    return f"Probabilities: {', '.join(f'{NAMES[code]} {percent(probabilities[code])}' for code in codes)}."


class Referral(NamedTuple):
    """How many of a diagnosis's test photos there are, and the share that is referred."""

    code: str
    photos: int
    share: Estimate


def list_referrals(evaluation: Evaluation) -> list[Referral]:
    """Every diagnosis of which the share referred was measured, the largest share first."""
    rows = [(code, row) for code in CODES if (row := evaluation.per_class.get(code))]
    referrals = [Referral(code, row.support, row.referred) for code, row in rows if row.referred]
    return sorted(referrals, key=lambda referral: -referral.share.value)


def referral_dots(evaluation: Evaluation) -> go.Figure:
    """Dots with 95 % intervals: the share of each diagnosis's test photos that is referred, the largest on top."""
    rows = list_referrals(evaluation)[::-1]
    values = [row.share.value for row in rows]
    figure = empty_figure(60 + 30 * len(rows), legend=False)
    figure.add_scatter(
        x=values,
        y=[mark_diagnosis(row.code) for row in rows],
        mode="markers",
        marker={"size": 11, "color": colour_by_malignancy(row.code for row in rows)},
        error_x=error_bars(values, [row.share.low for row in rows], [row.share.high for row in rows]),
        customdata=[[row.share.percent(), row.photos] for row in rows],
        hovertemplate="%{y}: %{customdata[0]} of %{customdata[1]}<extra></extra>",
    )
    figure.update_xaxes(range=[-0.02, 1.02], fixedrange=True, **share_ticks())
    figure.update_yaxes(fixedrange=True)
    return figure


def describe_referrals(evaluation: Evaluation) -> str:
    """The same as one sentence."""
    shares = (f"{NAMES[r.code]} {percent(r.share.value)} of {r.photos}" for r in list_referrals(evaluation))
    return f"Referred, of test photos: {', '.join(shares)}."
