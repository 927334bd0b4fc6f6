"""A tab of the performance page: how runs trained, and logs from elsewhere beside them."""

import datetime
import hashlib

import streamlit as st

from melanoma.charts import training as charts_training
from melanoma.run import folder as runs
from melanoma.run import history as histories
from melanoma.run import imported_logs as foreign_logs
from pages.parts import session as opened
from pages.parts.widgets import chart, save, table

SHOWN = "runs-shown"  # what is picked, in the session's state
ROWS = 20  # of the table of runs before it scrolls
HOW_TO_PICK = "Tick the runs to overlay. By keyboard: Tab into the table, arrows to a row, Shift+Space to tick it."
MANY = " Runs share colours, for there are more of them: point at a curve to read its name."
LOGS_FROM_ELSEWHERE = (
    "A Keras CSVLogger file, JSON of `History.history` (no pickles), or TensorBoard event files. They stay in memory, "
    "for you alone. To keep one, put it into a folder of its own below `models/`. An event file counts as training, "
    "unless its name holds `val`."
)


def trained(every: list[runs.Run]) -> None:
    """The tab: table to pick from, logs of the visitor's own, curves."""
    foreign, refused = opened.foreign_logs()
    for reason in refused.values():
        st.warning(reason, icon=":material/folder_off:")
    listed = [*every, *foreign]
    picked = picker(listed) if listed else ()
    uploaded = tuple(uploads({log.name for log in listed}))
    if not picked and not uploaded:
        st.info("Choose one or more runs to see how they trained.")
        return
    live = any(run.state == "training" for run in every if run.name in picked)
    st.fragment(curves, run_every="5s" if live else None)(picked, uploaded, live)


def picker(listed: list[histories.Logged]) -> tuple[str, ...]:
    """The table of runs; ticking rows picks them, and the URL keeps what is picked: their names."""
    names = [log.name for log in listed]
    linked = st.query_params.get_all("runs")
    asked = linked or st.session_state.get(SHOWN, histories.shown_first(listed))
    wanted = [name for name in asked if name in names]
    if missing := [name for name in linked if name and name not in names]:
        st.caption(f":material/link_off: This link names runs that are not here: {', '.join(missing)}.")
    catalogue = histories.catalogue(listed)
    event = st.dataframe(
        catalogue,
        hide_index=True,
        alt="Runs to choose from",
        height=36 * min(len(names), ROWS) + 39,
        # A list that changes makes a new table, which opens with the runs that were picked, not with their places.
        key=f"runs-{hashlib.sha256(repr(names).encode()).hexdigest()[:12]}",
        on_select="rerun",
        # Without a cell to start from, a table that has ticked rows cannot be walked by keyboard.
        selection_mode=["multi-row", "single-cell"],
        selection_default={"selection": {"rows": [names.index(n) for n in wanted], "cells": [(0, "run")]}},
        column_config={
            "run": st.column_config.TextColumn(width=245),  # holds the longest name that ships
            "network, MB": st.column_config.NumberColumn(format="%.1f"),
            "architecture": st.column_config.TextColumn(width=330),  # of two networks side by side, in one line
        },
        placeholder="",
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(HOW_TO_PICK)
        save(catalogue, "runs")
    picked = tuple(names[row] for row in sorted(event.selection.rows))
    if picked != st.session_state.get(SHOWN):
        if SHOWN in st.session_state or linked:
            st.query_params["runs"] = list(picked) or [""]
        st.session_state[SHOWN] = picked
    return picked


def uploads(taken: set[str]) -> list[foreign_logs.ForeignLog]:
    """Logs that the visitor opened, each parsed once; what cannot be read gets one sentence."""
    with st.expander("Logs from elsewhere", icon=":material/upload_file:"):
        # No list of endings: event files have none of their own (events.out.tfevents.1700000000.host.1.0.v2).
        given = st.file_uploader("Training logs", accept_multiple_files=True, key="foreign-logs")
        st.caption(LOGS_FROM_ELSEWHERE)
    before = st.session_state.get("foreign-parsed", {})
    parsed, logs = {}, []
    for file in given:
        parsed[file.file_id] = before.get(file.file_id) or parse(file)
        log = parsed[file.file_id]
        if isinstance(log, str):
            st.error(log, icon=":material/error:")
            continue
        number, name = 1, file.name
        while name in taken:
            number, name = number + 1, f"{file.name} ({number + 1})"
        taken = taken | {name}
        logs.append(log.called(name))
    st.session_state["foreign-parsed"] = parsed
    return logs


def parse(file) -> foreign_logs.ForeignLog | str:
    """The log of an uploaded file, or what is wrong with it."""
    try:
        return foreign_logs.read(file.name, {file.name: file.getvalue()})
    except foreign_logs.LogError as error:
        return str(error)


def curves(names: tuple[str, ...], uploaded: tuple[foreign_logs.ForeignLog, ...], live: bool) -> None:
    """Curves of the chosen runs; moves by itself while one of them trains."""
    every = opened.all_runs()[0]
    if live and not any(run.state == "training" for run in every if run.name in names):
        st.rerun()  # it has ended: the table and the clock above change too
    chosen = [log for log in (*every, *opened.foreign_logs()[0]) if log.name in names] + list(uploaded)
    lacking(chosen)
    metrics = histories.metrics(chosen)
    if not metrics:
        st.info("The chosen runs have logged no epoch yet. The first row appears when the first epoch ends.")
        return
    metric = st.selectbox("Metric", metrics, format_func=histories.spoken, key="metric", bind="query-params", width=320)
    # A part of its own: smoothing and axis leave the charts below as they are.
    st.fragment(main_chart)(chosen, metric)
    details(chosen, metric)


def main_chart(chosen: list[histories.Logged], metric: str) -> None:
    """The metric's curves with their controls."""
    with st.container(horizontal=True, gap="large", vertical_alignment="bottom"):
        smoothing = st.slider(
            "Smoothing", 0.0, 0.95, 0.0, 0.05, key="smoothing", width=320, help="The raw curve stays visible behind."
        )
        log = st.toggle("Log axis", key="log")
    title = histories.spoken(metric)
    data = histories.curves(chosen, metric, smoothing)
    best = {log.name: found["epoch"] for log in chosen if (found := histories.best_epoch(log))}
    words = charts_training.words(data, title)
    chart(charts_training.curves(data, title, best, log=log), words, data, "training", file=f"training-{metric}")
    st.caption(
        "Dotted: training. Solid: validation."
        + star_words(chosen)
        + (MANY if len(chosen) > len(charts_training.QUALITATIVE) else "")
    )


def star_words(chosen: list[histories.Logged]) -> str:
    """What a star on a curve means for these logs; nothing where there is none."""
    starred = [log for log in chosen if histories.best_epoch(log)]
    if not starred:
        return ""
    if all(isinstance(log, runs.Run) for log in starred):
        return " Star: the epoch whose network is kept, by the metric that its run monitored."
    return " Star: the epoch whose network a run kept; in a log from elsewhere, the epoch that validation liked best."


def lacking(chosen: list[histories.Logged]) -> None:
    """One line a run for what it is without; out of the way where there are many."""
    lines = []
    for run in chosen:
        sentences = histories.lacks(run)
        if run.state == "training" and (ago := histories.how_long_ago(run, datetime.datetime.now(datetime.UTC))):
            sentences.append(f"last row {ago}")
        if sentences:
            lines.append(f":material/info: **{run.name}**: {'; '.join(sentences)}.")
    if len(lines) > 4:
        with st.expander(f"What {len(lines)} of the chosen runs lack", icon=":material/info:"):
            st.caption("\n\n".join(lines))
    else:
        for line in lines:
            st.caption(line)


def details(chosen: list[histories.Logged], metric: str) -> None:
    """Gap, seconds, learning rate, last epoch."""
    left, right = st.columns(2, gap="large")
    gaps, title = histories.gaps(chosen, metric), histories.spoken(metric)
    names = [log.name for log in chosen]
    with left:
        st.header("Generalisation gap", anchor=False)
        if gaps.empty:
            st.caption(f"No run logged {title} on both training and validation photos.")
        else:
            words = f"How much worse {title} is on validation than on training photos, by epoch; above 0: worse."
            figure = charts_training.lines(gaps, "gap", f"gap in {title}", zero=True, runs=names)
            chart(figure, words, gaps, "gap")
            st.caption(f"{words} Augmented training photos are harder, so it can start below 0.")
    with right:
        st.header("Seconds per epoch", anchor=False)
        by_epoch(chosen, "seconds", "seconds", "Seconds that each epoch took.")
    left, right = st.columns(2, gap="large")
    with left:
        st.header("Learning rate", anchor=False)
        by_epoch(chosen, "learning_rate", "learning rate", "Learning rate at the end of each epoch.", log=True)
    with right:
        st.header("Last logged epoch", anchor=False)
        table(histories.last_epochs(chosen), "The last logged epoch of each run", "last-epochs")


def by_epoch(chosen: list[histories.Logged], column: str, title: str, words: str, *, log: bool = False) -> None:
    """A line a run of a column without validation twin."""
    data = histories.series(chosen, column)
    if data.empty:
        st.caption(f"No chosen run logged its {title}.")
    else:
        names = [run.name for run in chosen]
        chart(charts_training.lines(data, "value", title, log=log, runs=names), words, data, column)
