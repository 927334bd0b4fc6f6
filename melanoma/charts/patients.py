"""1,000 patients as dots: what a threshold means for them."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from melanoma.charts.frame import BLUE, empty_figure
from melanoma.estimates import percent
from melanoma.evaluation.outcomes import OUTCOME_NAMES, PATIENTS, PatientCounts

COLUMNS = 40  # patients a row
# colour, symbol, marker size, in the order in which they are drawn; the shape says it as well as the colour
LOOKS = {
    "malignant_referred": (BLUE, "circle", 8),
    "malignant_routine": ("#D55E00", "diamond", 10),
    "benign_referred": ("#E69F00", "circle-open", 6),
    "benign_routine": ("rgba(128,140,148,0.45)", "circle", 5),
}


def patient_dots(counts: PatientCounts) -> go.Figure:
    """1,000 patients as dots, by what they have and what the threshold does with them."""
    figure = empty_figure(400)
    start = 0
    for outcome, (colour, symbol, size) in LOOKS.items():
        number, label = getattr(counts, outcome), OUTCOME_NAMES[outcome]
        places = np.arange(start, start + number)
        figure.add_scatter(
            x=places % COLUMNS if number else [None],
            y=places // COLUMNS if number else [None],
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
    figure.update_xaxes(visible=False, range=[-1, COLUMNS], fixedrange=True)
    figure.update_yaxes(visible=False, range=[PATIENTS // COLUMNS, -1], fixedrange=True)
    return figure


def describe_patients(counts: PatientCounts, prevalence: float) -> str:
    """The same in words. prevalence: 0 to 1."""
    malignant = counts.malignant_referred + counts.malignant_routine
    return (
        f"Of {PATIENTS:,} such patients, {malignant} have a malignant lesion ({percent(prevalence)}). "
        f"{counts.malignant_referred} of them are referred and {counts.malignant_routine} are missed. "
        f"Of those with a benign lesion, {counts.benign_referred} are referred and {counts.benign_routine} are not."
    )
