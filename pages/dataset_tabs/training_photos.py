"""A tab of the Dataset page: counts of one run's photos by diagnosis, source and split."""

import pandas as pd
import streamlit as st

from melanoma.audit import contents
from melanoma.charts import dataset as dataset_charts
from melanoma.dataset.splitting import SPLITS
from melanoma.run import Run, RunError
from pages.parts.network_picker import choose_run
from pages.parts.open_runs import open_all_runs
from pages.parts.widgets import draw_chart, draw_table


def show_training_photos() -> None:
    """The table that a run learned from, counted."""
    runs = [run for run in open_all_runs()[0] if has_split(run)]
    if not runs:
        st.info("No trained run is here yet, so there is no training table to show.", icon=":material/dataset:")
        st.markdown("`python -m melanoma train DATA --name NAME` makes one.")
        return
    run = choose_run(runs)
    split = run.split
    assert split is not None
    with st.container(horizontal=True):
        st.metric("Photos", f"{len(split):,}")
        st.metric("Lesions", f"{split['group'].nunique():,}")
        for name in SPLITS:
            if photos := int((split["split"] == name).sum()):
                st.metric(f"In {name}", f"{photos:,}")
    if run.facts.protocol == "leaky":
        st.warning("This run was split at random after its photos were copied: the same photo is on both sides.")
    show_counts(split)


def has_split(run: Run) -> bool:
    """Whether a run's split is here; says so where it was changed."""
    try:
        return run.split is not None
    except RunError as error:
        st.warning(f"{run.name}: {error}", icon=":material/folder_off:")
        return False


def show_counts(split: pd.DataFrame) -> None:
    """Two charts and the table that they are drawn from."""
    by_split, by_source = contents.count_by_split(split), contents.count_by_source(split)
    left, right = st.columns(2, gap="large")
    with left:
        st.header("Photos per diagnosis", anchor=False)
        words = dataset_charts.describe_counts(by_split)
        draw_chart(dataset_charts.diagnosis_bars(by_split), words, by_split, "photos-per-diagnosis")
        st.caption("◆ counted as malignant, ◇ benign. Results for diagnoses with few photos are uncertain.")
    with right:
        st.header("Sources", anchor=False)
        words = dataset_charts.describe_sources(by_source)
        draw_chart(dataset_charts.source_map(by_source), words, by_source, "photos-per-source")
        st.caption(f"Brighter: a larger share of the diagnosis. {words}")
    st.header("Photos and lesions per split", anchor=False)
    draw_table(by_split, "Photos and lesions per diagnosis and split", "photos-per-split")
    st.caption("Photos of one lesion, and near-identical photos, are kept in the same split.")
