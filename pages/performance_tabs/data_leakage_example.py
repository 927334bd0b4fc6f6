"""A tab of the Performance page: a leaky protocol beside the same network's honest training."""

import streamlit as st

from melanoma.charts import training as training_charts
from melanoma.documents.runs import describe_data_leakage
from melanoma.estimates import enumerate_words
from melanoma.run import Run
from melanoma.run.history import find_best_epoch, tabulate_curves
from pages.parts.widgets import draw_chart

LEAKY, HONEST = "baseline-cnn-leaky", "baseline-cnn"


def show_data_leakage(runs: list[Run]) -> None:
    """Two curves on one axis, and what each of them measures."""
    pair = {run.name: run for run in runs if run.name in (LEAKY, HONEST)}
    if missing := [f"`{name}`" for name in (LEAKY, HONEST) if name not in pair]:
        st.info(
            f"This example needs the runs `{LEAKY}` and `{HONEST}`. Not here: {enumerate_words(missing)}.",
            icon=":material/menu_book:",
        )
        return
    st.header("One network, two protocols", anchor=False)
    st.markdown(describe_data_leakage(pair[LEAKY], pair[HONEST]))
    for place, name, label in zip(
        st.columns(2, gap="large"), (LEAKY, HONEST), ("Leaky: do not believe it", "Split by lesion"), strict=True
    ):
        with place:
            st.subheader(label, anchor=False)
            show_accuracy(pair[name])


def show_accuracy(run: Run) -> None:
    """Training and validation accuracy of a run, from 0 to 1."""
    curves, best = tabulate_curves([run], "accuracy"), find_best_epoch(run.history, run.monitor)
    figure = training_charts.training_curves(
        curves, "accuracy", {run.name: best.epoch} if best else {}, height=340, shared_axis=(0, 1)
    )
    words = training_charts.describe_curves(curves, "accuracy")
    draw_chart(figure, words, curves, f"leakage-{run.name}")
    if run.facts.warning:
        st.caption(run.facts.warning)
