"""A tab of the Explain page: one diagnosis's heatmap by every method, whether they agree, and what each costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from melanoma.charts import checks as check_charts
from melanoma.charts import heatmaps as heatmap_charts
from melanoma.explain import Heatmap, Method, MethodComparison, compare_methods, tabulate_agreement, tabulate_cost
from pages.parts.answer import Answer
from pages.parts.diagnosis_picker import choose_diagnosis
from pages.parts.open_runs import DRAWING, use_explainer, warm_up_explainer
from pages.parts.session import get_session
from pages.parts.widgets import draw_chart, draw_figure, draw_table, place_in_threes

if TYPE_CHECKING:
    from melanoma.explain.drawing import RemoteExplainer


@dataclass(frozen=True)
class AnsweredFirst:
    """Heatmaps that came with the answer are there at once; the explainer makes the others."""

    answer: Answer
    explainer: RemoteExplainer

    def make_heatmap(self, pixels: np.ndarray, diagnosis: str, method: Method) -> Heatmap:
        """As `Explainer.make_heatmap`. Raises RunError."""
        own = self.answer.heatmaps[diagnosis]
        return own if own.method == method else self.explainer.make_heatmap(pixels, diagnosis, method)


def show_methods(answer: Answer) -> None:
    """The comparison, once it is asked for: it takes its time."""
    code = choose_diagnosis(answer, "Evidence for", "methods-code")
    session, key = get_session(), ("methods", answer.photo.sha256, answer.run.answer_sha256, code)
    if key not in session.results:
        st.markdown(
            f"{len(Method)} ways to draw the evidence for one diagnosis. Each is drawn as it is done; all take "
            "some ten seconds, and longer where others work at the same time."
        )
        if not st.button("Compare the methods", icon=":material/compare:", key="compare"):
            warm_up_explainer(answer.run)
            return
        session.keep(key, lambda: compare(answer, code))
        st.rerun()  # without the button
    comparison = session.keep(key, lambda: compare(answer, code))
    show_maps(answer, comparison)
    show_agreement(comparison)


def compare(answer: Answer, code: str) -> MethodComparison:
    """Every method's map of a diagnosis, each drawn as soon as it is made."""
    bar = st.progress(0.0, DRAWING)

    def show_progress(method: Method, done: int, total: int) -> None:
        bar.progress(done / total, f"{method.facts.label} …" if done else DRAWING)

    places = {method: place for place, method in place_in_threes(list(Method))}
    with use_explainer(answer.run) as explainer:
        comparison = compare_methods(
            AnsweredFirst(answer, explainer),
            answer.prediction.input,
            code,
            progress=show_progress,
            made=lambda heatmap: show_map(places[heatmap.method], answer, heatmap),
        )
    bar.empty()
    return comparison


def show_maps(answer: Answer, comparison: MethodComparison) -> None:
    """A map a method, with what it means and who described it."""
    st.caption("Each map on its own scale, from 0 to its own peak: the methods have different units.")
    for place, method in place_in_threes(comparison.methods):
        show_map(place, answer, comparison.heatmaps[method])


def show_map(place: DeltaGenerator, answer: Answer, heatmap: Heatmap) -> None:
    """The photo with one method's map."""
    facts = heatmap.method.facts
    figure = heatmap_charts.overlay(
        answer.photo.pixels, heatmap, scale_peak=heatmap.peak, height=230, colour_bar=False, longest=480
    )
    with place:
        st.markdown(f"**{facts.label}**")
        draw_figure(
            figure, heatmap_charts.describe_heatmap(heatmap, heatmap.peak), f"method-{heatmap.method}", bare=True
        )
        st.caption(f"{facts.meaning[0].upper()}{facts.meaning[1:]}. {facts.source}.")


def show_agreement(comparison: MethodComparison) -> None:
    """How alike the maps are, and what each cost."""
    st.header("Do they agree?", anchor=False)
    left, right = st.columns([3, 2], gap="large")
    words = check_charts.describe_agreement(comparison)
    with left:
        draw_chart(check_charts.agreement_map(comparison), words, tabulate_agreement(comparison), "agreement")
    with right:
        st.markdown(words)
        st.caption("Methods that agree can still be wrong together: they read the same network.")
        draw_table(tabulate_cost(comparison), "Cost of each method", "cost")
