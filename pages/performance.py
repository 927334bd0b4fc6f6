"""How the runs trained, how good they are on test photos, and what a threshold means for patients."""

import datetime

import streamlit as st

from melanoma import charts_training, histories, runs, wording
from pages import opened
from pages.compared import compared
from pages.panel import chart, table
from pages.tested import explorer, test_results

TABS = ("Training", "Test results", "Operating point", "Compare", "A cautionary tale")
LEAKY, HONEST = "baseline-cnn-leaky", "baseline-cnn"


def training(names: list[str]) -> None:
    """Curves of the chosen runs; moves by itself while one of them trains."""
    chosen = [run for run in opened.all_runs()[0] if run.name in names]
    for run in chosen:
        lacking(run)
    metrics = histories.metrics(chosen)
    if not metrics:
        st.info("The chosen runs have logged no epoch yet. The first row appears when the first epoch ends.")
        return
    first, second, third = st.columns([2, 2, 1], gap="large", vertical_alignment="bottom")
    metric = first.selectbox("Metric", metrics, format_func=histories.spoken, key="metric", bind="query-params")
    smoothing = second.slider(
        "Smoothing", 0.0, 0.95, 0.0, 0.05, key="smoothing", help="The raw curve stays visible behind."
    )
    log = third.toggle("Log axis", key="log")
    title = histories.spoken(metric)
    data = histories.curves(chosen, metric, smoothing)
    best = {run.name: found["epoch"] for run in chosen if (found := histories.best_epoch(run))}
    words = charts_training.words(data, title)
    chart(charts_training.curves(data, title, best, log=log), words, data, f"training-{metric}")
    st.caption(
        "Dotted: training. Solid: validation. Star: the epoch whose network is kept, by its own monitored metric."
    )
    details(chosen, metric, title)


def details(chosen: list[runs.Run], metric: str, title: str) -> None:
    """Gap, seconds, learning rate, last epoch."""
    left, right = st.columns(2, gap="large")
    gaps = histories.gaps(chosen, metric)
    with left:
        st.header("Generalisation gap", anchor=False)
        if gaps.empty:
            st.caption(f"No run logged {title} on both training and validation photos.")
        else:
            words = f"How much worse {title} is on validation than on training photos, by epoch; above 0: worse."
            chart(charts_training.lines(gaps, "gap", f"gap in {title}", zero=True), words, gaps, "gap")
            st.caption(f"{words} Augmented training photos are harder, so it can start below 0.")
    with right:
        st.header("Seconds per epoch", anchor=False)
        seconds = histories.series(chosen, "seconds")
        chart(charts_training.lines(seconds, "value", "seconds"), "Seconds that each epoch took.", seconds, "seconds")
    left, right = st.columns(2, gap="large")
    with left:
        st.header("Learning rate", anchor=False)
        rates = histories.series(chosen, "learning_rate")
        chart(
            charts_training.lines(rates, "value", "learning rate", log=True),
            "Learning rate at the end of each epoch.",
            rates,
            "rate",
        )
    with right:
        st.header("Last logged epoch", anchor=False)
        table(histories.last_epochs(chosen), "The last logged epoch of each run", "last-epochs")


def lacking(run: runs.Run) -> None:
    """One line for what a run is without."""
    sentences = histories.lacks(run)
    if run.state == "training" and (ago := histories.how_long_ago(run, datetime.datetime.now(datetime.UTC))):
        sentences.append(f"last row {ago}")
    if sentences:
        st.caption(f":material/info: **{run.name}**: {'; '.join(sentences)}.")


def cautionary_tale(every: list[runs.Run]) -> None:
    """The leaky protocol beside the same network's honest training."""
    pair = {run.name: run for run in every if run.name in (LEAKY, HONEST)}
    if len(pair) < 2:
        st.info(
            f"This story needs the runs `{LEAKY}` and `{HONEST}`; "
            f"{' and '.join(f'`{n}`' for n in (LEAKY, HONEST) if n not in pair)} is not there.",
            icon=":material/menu_book:",
        )
        return
    leaky, honest = pair[LEAKY], pair[HONEST]
    st.header("One network, two protocols", anchor=False)
    st.markdown(histories.tale(leaky, honest))
    data = histories.curves([leaky, honest], "accuracy")
    best = {run.name: found["epoch"] for run in (leaky, honest) if (found := histories.best_epoch(run))}
    columns = st.columns(2, gap="large")
    for column, run, label in zip(
        columns, (leaky, honest), ("Leaky: not to be believed", "Split by lesion"), strict=True
    ):
        with column:
            st.subheader(label, anchor=False)
            rows = data[data["run"] == run.name]
            figure = charts_training.curves(rows, "accuracy", best, height=340, shared_axis=(0, 1))
            chart(figure, charts_training.words(rows, "accuracy"), rows, f"tale-{run.name}")
            if warning := run.facts.get("warning"):
                st.caption(warning)


st.title("Performance", anchor=False)
every, refused = opened.all_runs()
for reason in refused.values():
    st.warning(reason, icon=":material/folder_off:")
if not every:
    st.info(f"There is no run in `{runs.MODELS.name}/` yet.", icon=":material/monitoring:")
    st.markdown("`python -m melanoma train DATA --name NAME` makes one; it shows up here after its first epoch.")
else:
    names = [run.name for run in every]
    tabs = dict(zip(TABS, st.tabs(TABS, key="tab", bind="query-params"), strict=True))
    with tabs["Training"]:
        if tabs["Training"].open:
            default = [runs.DEFAULT_RUN] if runs.DEFAULT_RUN in names else names[:1]
            chosen = st.multiselect(
                "Runs", names, default=default, key="runs", bind="query-params", placeholder="Choose runs to compare"
            )
            with st.expander(f"All {len(names)} runs", icon=":material/table_rows:"):
                table(histories.catalogue(every), "All runs", "runs")
            if not chosen:
                st.info("Choose one or more runs to see how they trained.")
            else:
                live = any(run.state == "training" for run in every if run.name in chosen)
                st.fragment(training, run_every="5s" if live else None)(chosen)
    with tabs["Test results"]:
        if tabs["Test results"].open:
            test_results(every)
    with tabs["Operating point"]:
        if tabs["Operating point"].open:
            explorer(every)
    with tabs["Compare"]:
        if tabs["Compare"].open:
            compared(every)
    with tabs["A cautionary tale"]:
        if tabs["A cautionary tale"].open:
            cautionary_tale(every)
    st.caption(wording.RESEARCH_USE)
