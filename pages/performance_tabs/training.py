"""A tab of the Performance page: how runs trained, and imported logs beside them."""

import datetime
import hashlib
from collections.abc import Sequence

import streamlit as st

from melanoma.charts import training as training_charts
from melanoma.charts.frame import QUALITATIVE
from melanoma.documents.runs import describe_missing_parts
from melanoma.documents.wording import escape_markdown
from melanoma.run import DEFAULT_RUN, Run
from melanoma.run.history import (
    Log,
    find_best_epoch,
    first_choice,
    list_metrics,
    metric_name,
    read_history,
    tabulate_column,
    tabulate_curves,
    tabulate_gaps,
    tabulate_last_epochs,
    tabulate_runs,
    time_since_last_row,
    trace_lineage,
)
from melanoma.run.imported_logs import ImportedLog, LogError, read_log
from pages.parts.open_runs import open_all_logs, open_all_runs
from pages.parts.photo_picker import LARGEST
from pages.parts.session import WidgetValue, get_session
from pages.parts.sign_in import note_click
from pages.parts.widgets import draw_chart, draw_table, offer_data

ROWS = 20  # of the table of runs before it scrolls
FEW = 4  # lines about what runs lack; more of them are folded away
HOW_TO_PICK = "Tick the runs to overlay. By keyboard: Tab into the table, arrows to a row, Shift+Space to tick it."
REPEATED_COLOURS = " Some runs share a colour: point at a curve to read its name."
IMPORT_HELP = (
    "A CSV or JSON log of Keras, Lightning, timm, Ultralytics, Hugging Face or fastai, or TensorBoard's event files or "
    "exports; no pickles. They stay in memory, for you alone. To keep one, put it into a folder of its own below "
    "`models/`. An event file counts as training, unless its name holds `val`."
)


def show_training(runs: list[Run]) -> None:
    """The tab: curves, the runs to pick from, logs of the visitor's own."""
    logs, refused = open_all_logs()
    for reason in refused.values():
        st.warning(reason, icon=":material/folder_off:")
    curves = st.container()
    listed: list[Log] = [*runs, *logs]
    st.header("Runs", anchor=False)
    show_lineage(runs)
    picked = pick_runs(choose_listed(listed)) if listed else ()
    imported = import_logs({log.name for log in listed})
    with curves:
        if not picked and not imported:
            st.info("Choose one or more runs below to see how they trained.")
            return
        live = any(run.state == "training" for run in runs if run.name in picked)
        st.fragment(show_logs, run_every="5s" if live else None)(picked, imported, live)


def show_lineage(runs: list[Run]) -> None:
    """What the network that answers goes back to, as a tree."""
    facts = {run.name: run.facts for run in runs}
    if DEFAULT_RUN not in facts:
        return
    lines = [
        f"{'  ' * ancestor.generation}- **{ancestor.name}**"
        + (f", which gave it {ancestor.role}" if ancestor.role else ", the network that answers")
        for ancestor in trace_lineage(facts, DEFAULT_RUN)
    ]
    st.markdown("\n".join(lines))


def choose_listed(listed: list[Log]) -> list[Log]:
    """The default run and what it goes back to, and all others where the visitor or a link asks for them."""
    facts = {log.name: log.facts for log in listed if isinstance(log, Run)}
    family = [one.name for one in trace_lineage(facts, DEFAULT_RUN)] if DEFAULT_RUN in facts else []
    rest = [log for log in listed if log.name not in family]
    named = {log.name: log for log in listed}
    ordered = [named[name] for name in family if name in named]
    if not ordered or not rest:
        return [*ordered, *rest]
    picked = {*st.query_params.get_all("runs"), *(get_session().overlaid_runs or ())}
    show_all = st.toggle(f"Show all {len(listed)} runs", bool(picked - {*family, ""}), key="all-runs")
    return [*ordered, *rest] if show_all else ordered


def pick_runs(listed: list[Log]) -> tuple[str, ...]:
    """The table of runs. Ticked rows are picked, and the URL keeps their names."""
    session, names = get_session(), [log.name for log in listed]
    linked = st.query_params.get_all("runs")
    wanted = linked or (first_choice(listed) if session.overlaid_runs is None else session.overlaid_runs)
    if missing := [name for name in linked if name and name not in names]:
        st.caption(f":material/link_off: This link names runs that are not here: {', '.join(missing)}.")
    table = tabulate_runs(listed)
    rows = [names.index(name) for name in wanted if name in names]
    event = st.dataframe(
        table,
        hide_index=True,
        alt="Runs to choose from",
        height=36 * min(len(names), ROWS) + 39,
        # A list that changes makes a new table, which opens with the runs that were picked, not with their places.
        key=f"runs-{hashlib.sha256(repr(names).encode()).hexdigest()[:12]}",
        on_select="rerun",
        # Without a cell to start from, a table that has ticked rows cannot be walked by keyboard.
        selection_mode=["multi-row", "single-cell"],
        selection_default={"selection": {"rows": rows, "cells": [(0, "run")]}},
        column_config={
            "run": st.column_config.TextColumn(width=245),  # holds the longest name that ships
            "network, MB": st.column_config.NumberColumn(format="%.1f"),
            "architecture": st.column_config.TextColumn(width=330),  # of an ensemble of two, in one line
        },
        placeholder="",
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(HOW_TO_PICK)
        offer_data(table, "runs")
    picked = tuple(names[row] for row in sorted(event.selection.rows))
    if picked != session.overlaid_runs:
        if linked or session.overlaid_runs is not None:
            st.query_params["runs"] = list(picked) or [""]
        session.overlaid_runs = picked
    return picked


def import_logs(taken: set[str]) -> list[ImportedLog]:
    """Logs that the visitor opened, kept until they are removed. What cannot be read gets one sentence."""
    session = get_session()
    with st.expander("Import training logs", icon=":material/upload_file:"):
        upload: WidgetValue[Sequence] = WidgetValue(f"imported-logs-{session.uploads}", [])
        # No list of endings: event files have none of their own (events.out.tfevents.1700000000.host.1.0.v2).
        st.file_uploader(
            "Training logs",
            accept_multiple_files=True,
            key=upload.key,
            on_change=lambda: open_logs(upload, taken),
            max_upload_size=LARGEST,
        )
        st.caption(IMPORT_HELP)
    for sentence in session.refused_logs:
        st.error(sentence, icon=":material/error:")
    if session.imported_logs:
        names = ", ".join(escape_markdown(log.name) for log in session.imported_logs)
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"Imported: {names}", width="content")
            st.button("Remove imported logs", on_click=session.imported_logs.clear, icon=":material/close:")
    return list(session.imported_logs)


def open_logs(upload: WidgetValue[Sequence], taken: set[str]) -> None:
    """Read what has just been uploaded under names that are free, and empty the uploader for the next logs."""
    session = get_session()
    if not session.take_upload(upload.key):
        return
    session.refused_logs = []
    for file in upload.get():
        try:
            log = read_log(file.name, {file.name: file.getvalue()})
        except LogError as error:
            session.refused_logs.append(str(error))
            continue
        number, name = 1, file.name
        while name in taken | {log.name for log in session.imported_logs}:
            number, name = number + 1, f"{file.name} ({number + 1})"
        session.imported_logs.append(log.renamed(name))


def show_logs(names: tuple[str, ...], imported: list[ImportedLog], live: bool) -> None:
    """Curves of the chosen runs; moves by itself while one of them trains."""
    runs = open_all_runs()[0]
    if live and not any(run.state == "training" for run in runs if run.name in names):
        st.rerun()  # it has ended: the table and the clock above change too
    listed: list[Log] = [*runs, *open_all_logs()[0]]
    logs = [log for log in listed if log.name in names] + imported
    show_missing_parts(logs)
    metrics = list_metrics(logs)
    if not metrics:
        st.info("The chosen runs have logged no epoch yet. The first row appears when the first epoch ends.")
        return
    metric = st.selectbox("Metric", metrics, format_func=metric_name, key="metric", bind="query-params", width=320)
    # A part of its own: smoothing and axis leave the charts below as they are.
    st.fragment(show_curves)(logs, metric)
    show_details(logs, metric)


def show_curves(logs: list[Log], metric: str) -> None:
    """The metric's curves with their controls."""
    note_click()
    with st.container(horizontal=True, gap="large", vertical_alignment="bottom"):
        smoothing = st.slider(
            "Smoothing", 0.0, 0.95, 0.0, 0.05, key="smoothing", width=320, help="The raw curve stays visible behind."
        )
        log_axis = st.toggle("Log axis", key="log")
    title, curves = metric_name(metric), tabulate_curves(logs, metric, smoothing)
    best = {log.name: find_best_epoch(read_history(log), log.monitor) for log in logs}
    stars = {name: epoch.epoch for name, epoch in best.items() if epoch and epoch.epoch}
    figure = training_charts.training_curves(curves, title, stars, log=log_axis)
    words = training_charts.describe_curves(curves, title)
    draw_chart(figure, words, curves, "training", file=f"training-{metric}")
    st.caption(
        "Dotted: training. Solid: validation."
        + explain_stars([log for log in logs if log.name in stars])
        + (REPEATED_COLOURS if len(logs) > len(QUALITATIVE) else "")
    )


def explain_stars(starred: list[Log]) -> str:
    """What a star on a curve means for these logs; nothing where there is none."""
    if not starred:
        return ""
    if all(isinstance(log, Run) for log in starred):
        return " Star: the epoch whose network is kept, by the metric that its run monitored."
    return " Star: the epoch whose network a run kept; in an imported log, its best validation epoch."


def show_missing_parts(logs: list[Log]) -> None:
    """One line a run for what it is without; folded away where there are many."""
    lines = []
    for log in logs:
        sentences = describe_missing_parts(log)
        if isinstance(log, Run) and log.state == "training":
            since = time_since_last_row(log, datetime.datetime.now(datetime.UTC))
            sentences += [f"last row {since}"] if since else []
        if sentences:
            lines.append(f":material/info: **{log.name}**: {'; '.join(sentences)}.")
    if len(lines) > FEW:
        with st.expander(f"About {len(lines)} of the chosen runs", icon=":material/info:"):
            st.caption("\n\n".join(lines))
    else:
        for line in lines:
            st.caption(line)


def show_details(logs: list[Log], metric: str) -> None:
    """Gap, seconds, learning rate, last epoch."""
    left, right = st.columns(2, gap="large")
    gaps, title = tabulate_gaps(logs, metric), metric_name(metric)
    with left:
        st.header("Generalisation gap", anchor=False)
        if gaps.empty:
            st.caption(f"No run logged {title} on both training and validation photos.")
        else:
            words = f"How much worse {title} is on validation than on training photos, by epoch; above 0: worse."
            names = [log.name for log in logs]
            figure = training_charts.epoch_lines(gaps, "gap", f"gap in {title}", zero=True, runs=names)
            draw_chart(figure, words, gaps, "gap")
            st.caption(f"{words} Augmented training photos are harder, so it can start below 0.")
    with right:
        st.header("Seconds per epoch", anchor=False)
        show_column(logs, "seconds", "seconds", "Seconds that each epoch took.")
    left, right = st.columns(2, gap="large")
    with left:
        st.header("Learning rate", anchor=False)
        show_column(logs, "learning_rate", "learning rate", "Learning rate at the end of each epoch.", log_axis=True)
    with right:
        st.header("Last logged epoch", anchor=False)
        draw_table(tabulate_last_epochs(logs), "The last logged epoch of each run", "last-epochs")


def show_column(logs: list[Log], column: str, title: str, words: str, *, log_axis: bool = False) -> None:
    """A line a run of a column without validation twin."""
    data = tabulate_column(logs, column)
    if data.empty:
        st.caption(f"No chosen run logged its {title}.")
        return
    names = [log.name for log in logs]
    draw_chart(training_charts.epoch_lines(data, "value", title, log=log_axis, runs=names), words, data, column)
