"""What stays open between reruns: runs, classifiers, explainers; each reopened when its files change."""

from pathlib import Path

import streamlit as st

from melanoma.run import folder as runs
from melanoma.run import imported_logs as logs


def stamp(folder: Path) -> tuple:
    """Changes whenever a file of the folder does."""
    return tuple(found for path in sorted(folder.iterdir()) if (found := file_stamp(path)))


def file_stamp(path: Path) -> tuple | None:
    """Changes whenever the file does; None for one that a training run has just replaced."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return str(path), status.st_mtime_ns, status.st_size


@st.cache_resource(max_entries=256, show_spinner=False)
def open_run(folder: Path, stamp_key: tuple) -> runs.Run:
    return runs.open_run(folder)


@st.cache_resource(max_entries=64, show_spinner=False)
def open_log(folder: Path, stamp_key: tuple) -> logs.ForeignLog:
    return logs.open_folder(folder)


def folders() -> list[Path]:
    """Below the folder of runs."""
    return sorted(path for path in runs.MODELS.glob("*") if path.is_dir() and not path.name.startswith("."))


def all_runs() -> tuple[list[runs.Run], dict[str, str]]:
    """Runs by name, and for each folder that does not open, why."""
    opened, refused = [], {}
    for folder in folders():
        try:
            opened.append(open_run(folder, stamp(folder)))
        except runs.RunError as error:
            if not logs.files(folder):
                refused[folder.name] = str(error)
    return opened, refused


def foreign_logs() -> tuple[list[logs.ForeignLog], dict[str, str]]:
    """Logs from elsewhere in folders that are no runs, by name; and for each that cannot be read, why."""
    opened, refused = [], {}
    for folder in folders():
        found = [] if (folder / "run.json").exists() else logs.files(folder)
        if found:
            try:
                opened.append(open_log(folder, tuple(file_stamp(path) for path in found)))
            except logs.LogError as error:
                refused[folder.name] = str(error)
    return opened, refused


def usable_runs() -> tuple[list[runs.Run], dict[str, str]]:
    """Runs that can be asked, the default first, and for each of the others, why not."""
    opened, refused = all_runs()
    usable = []
    for run in opened:
        if run.network_path is None:
            refused[run.name] = f"{run.name} keeps figures only, no network."
        elif run.state == "training":
            refused[run.name] = f"{run.name} is still training."
        elif run.calibration is None:
            refused[run.name] = (
                f"{run.name} is not calibrated yet: run `python -m melanoma evaluate models/{run.name}`."
            )
        else:
            usable.append(run)
    return sorted(usable, key=lambda run: run.name != runs.DEFAULT_RUN), refused


@st.cache_resource(max_entries=3, show_spinner="Opening the network … the first time takes some seconds")
def classifier(name: str, sha256: str, stamp_key: tuple):
    from melanoma.serving.classifier import Classifier  # noqa: PLC0415 (late: it may bring TensorFlow)

    return Classifier.open(runs.find_run(name, runs.MODELS))


@st.cache_resource(max_entries=2, show_spinner="Preparing heatmaps … this network needs some seconds the first time")
def explainer(name: str, sha256: str):
    from melanoma.explain.heatmaps import Explainer  # noqa: PLC0415

    return Explainer.open(runs.find_run(name, runs.MODELS))
