"""What stays open between reruns: runs, classifiers, explainers; each reopened when its files change."""

from pathlib import Path

import streamlit as st

from melanoma import runs


def stamp(folder: Path) -> tuple:
    """Changes whenever a file of the folder does."""
    found = []
    for path in sorted(folder.iterdir()):
        try:
            found.append((path.name, path.stat().st_mtime_ns, path.stat().st_size))
        except FileNotFoundError:  # a training run has just replaced it
            continue
    return tuple(found)


@st.cache_resource(max_entries=64, show_spinner=False)
def open_run(folder: Path, stamp_key: tuple) -> runs.Run:
    return runs.open_run(folder)


def all_runs() -> tuple[list[runs.Run], dict[str, str]]:
    """Runs by name, and for each folder that does not open, why."""
    opened, refused = [], {}
    folders = sorted(path for path in runs.MODELS.glob("*") if path.is_dir() and not path.name.startswith("."))
    for folder in folders:
        try:
            opened.append(open_run(folder, stamp(folder)))
        except runs.RunError as error:
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
    from melanoma.classifier import Classifier  # noqa: PLC0415 (late: it may bring TensorFlow)

    return Classifier.open(runs.find_run(name, runs.MODELS))


@st.cache_resource(max_entries=2, show_spinner="Preparing heatmaps … this network needs some seconds the first time")
def explainer(name: str, sha256: str):
    from melanoma.explanation import Explainer  # noqa: PLC0415

    return Explainer.open(runs.find_run(name, runs.MODELS))
