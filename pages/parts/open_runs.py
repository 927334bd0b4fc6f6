"""Runs, imported logs and networks, opened once for all visitors and again when their files change."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from melanoma.explain.availability import check_tensorflow, require_tensorflow
from melanoma.run import DEFAULT_RUN, Run, RunError, folder, open_run
from melanoma.run.imported_logs import ImportedLog, LogError, find_log_files, open_log
from pages.parts.turns import wait_for_turn

if TYPE_CHECKING:
    from melanoma.explain.drawing import RemoteExplainer
    from melanoma.serving import Classifier

CLOSED = "{} cannot be opened. Give the app leave to read it, or rename it."
DRAWING = "Drawing … the first map takes some seconds"


def stamp(paths: list[Path]) -> str:
    """Changes whenever one of the files does. A file that cannot be looked at is left out.

    One string: what a cache is asked for is hashed at each click, a long tuple piece by piece.
    """
    stamps = []
    for path in paths:
        try:
            status = path.stat()
        except OSError:  # it is gone by now, or a link to itself
            continue
        stamps.append((str(path), status.st_mtime_ns, status.st_size))
    return repr(stamps)


def stamp_run(run_folder: Path) -> str:
    """Changes whenever a file of the run does, or the folder of the splits that runs share."""
    return stamp([*sorted(run_folder.iterdir()), run_folder.parent / folder.SPLITS])


@st.cache_resource(max_entries=256, show_spinner=False)
def open_run_once(run_folder: Path, stamp_of_files: str) -> Run:
    """A verified run. Raises RunError."""
    run = open_run(run_folder)
    if run.network_path is not None:
        _ = run.answer_sha256  # of these very files: they may change before it is first asked for
    return run


@st.cache_resource(max_entries=64, show_spinner=False)
def open_log_once(log_folder: Path, stamp_of_files: str) -> ImportedLog:
    """An imported log. Raises LogError."""
    return open_log(log_folder)


def find_folders(*, closed: bool = False) -> list[Path]:
    """Below the folder of runs, less that of the splits that they share; `closed`: those that cannot be opened."""
    found = (path for path in folder.MODELS.glob("*") if path.is_dir() and not path.name.startswith("."))
    folders = sorted(path for path in found if path.name != folder.SPLITS)
    return [path for path in folders if can_be_opened(path) != closed]


def can_be_opened(path: Path) -> bool:
    """Whether a folder may be looked into, and its name be shown."""
    return os.access(path, os.R_OK | os.X_OK) and write_name(path) == path.name


def write_name(path: Path) -> str:
    """A folder's name, with `�` for what is no character in it."""
    return os.fsencode(path.name).decode("utf-8", "replace")


def open_all_runs() -> tuple[list[Run], dict[str, str]]:
    """Runs by name, and for each folder that does not open, why."""
    runs, refused = [], {name: CLOSED.format(name) for name in map(write_name, find_folders(closed=True))}
    for path in find_folders():
        try:
            runs.append(open_run_once(path, stamp_run(path)))
        except RunError as error:
            if not find_log_files(path):
                refused[path.name] = str(error)
    return runs, refused


def open_all_logs() -> tuple[list[ImportedLog], dict[str, str]]:
    """Imported logs in folders that are no runs, by name; and for each that cannot be read, why."""
    logs, refused = [], {}
    for path in find_folders():
        files = [] if (path / folder.FACTS).exists() else find_log_files(path)
        if files:
            try:
                logs.append(open_log_once(path, stamp(files)))
            except LogError as error:
                refused[path.name] = str(error)
            except OSError as error:
                refused[path.name] = f"{path.name} cannot be read ({error.strerror}). Restore it or remove it."
    return logs, refused


def open_ready_runs() -> tuple[list[Run], dict[str, str]]:
    """Runs that can answer, the default first; and for each of the others, why it cannot."""
    from melanoma.serving import why_not_ready  # noqa: PLC0415 (late: it brings what answers)

    runs, refused = open_all_runs()
    reasons = {run.name: why_not_ready(run) or why_not_served(run) for run in runs}
    refused |= {name: reason for name, reason in reasons.items() if reason}
    return sorted((run for run in runs if not reasons[run.name]), key=lambda run: run.name != DEFAULT_RUN), refused


def why_not_served(run: Run) -> str | None:
    """Why the app leaves a run to the command line: without an export Keras would have to answer, in this process."""
    if (run.folder / folder.ONNX).exists():
        return None
    return f"{run.name} has no ONNX export, from which the app answers. Run `python -m melanoma export {run.name}`."


def open_classifier(run: Run) -> Classifier:
    """What answers with this run, as its files are now. Raises RunError."""
    return _open_classifier(run.name, run.answer_sha256, run)


def warm_up_explainer(run: Run) -> None:
    """While the visitor reads: what draws the other heatmaps starts, if it is installed. It ends when it is idle."""
    from melanoma.explain.drawing import RemoteExplainer  # noqa: PLC0415 (late: with the first such map)

    if check_tensorflow() is None:
        RemoteExplainer(run).warm_up()


@contextmanager
def use_explainer(run: Run) -> Iterator[RemoteExplainer]:
    """What makes the heatmaps that do not come with an answer, in its own process, for one visitor at a time.

    Raises RunError.
    """
    require_tensorflow()
    from melanoma.explain.drawing import TURNS, RemoteExplainer  # noqa: PLC0415 (late: with the first such map)

    with wait_for_turn(TURNS):
        yield RemoteExplainer(run)


@st.cache_resource(max_entries=3, show_spinner=False)
def _open_classifier(name: str, answer_sha256: str, _run: Run) -> Classifier:
    from melanoma.serving import Classifier  # noqa: PLC0415 (late: it brings what answers)

    return Classifier.open(_run)
