"""A tab of the Explain page: where the difference between two diagnoses comes from."""

import streamlit as st

from melanoma.charts import heatmaps as heatmap_charts
from melanoma.explain import Contrast
from pages.parts.answer import Answer
from pages.parts.diagnosis_picker import choose_diagnosis
from pages.parts.open_runs import DRAWING, use_explainer
from pages.parts.session import get_session
from pages.parts.widgets import draw_figure


def compare_two(answer: Answer) -> None:
    """Why one diagnosis rather than another."""
    st.markdown("Why one diagnosis rather than another: where the difference between the two comes from.")
    left, right = st.columns(2)
    one = choose_diagnosis(answer, "Why", "compare-one", place=left)
    others = [code for code in answer.prediction.ranked if code != one]
    other = choose_diagnosis(answer, "rather than", "compare-other", codes=others, place=right)
    contrast = get_session().keep(
        ("contrast", answer.photo.sha256, answer.run.answer_sha256, one, other),
        lambda: make_contrast(answer, one, other),
    )
    words = heatmap_charts.describe_contrast(contrast)
    draw_figure(heatmap_charts.contrast_overlay(answer.photo.pixels, contrast), words, "contrast")
    st.caption(f"{words} Summed over the crop, plus a constant for each diagnosis, this is the difference in score.")


def make_contrast(answer: Answer, one: str, other: str) -> Contrast:
    """Signed evidence of one diagnosis against another."""
    with use_explainer(answer.run) as explainer, st.spinner(DRAWING):
        return explainer.make_contrast(answer.prediction.input, one, other)
