"""What several tabs of the Performance page share: a run with saved predictions, and these predictions."""

import streamlit as st

from melanoma.evaluation.saved_predictions import SavedPredictions, load_predictions
from melanoma.run import Run
from pages.parts.network_picker import choose_run
from pages.parts.open_runs import stamp_run


def choose_tested_run(runs: list[Run]) -> Run | None:
    """One run that has predictions on test photos; says what to do where there is none."""
    tested = [run for run in runs if run.predictions is not None]
    if not tested:
        explain_no_predictions("No run has test predictions yet.")
        return None
    return choose_run(tested)


def explain_no_predictions(what: str) -> None:
    """What is missing, and the command that makes it."""
    st.info(what, icon=":material/hourglass_empty:")
    st.markdown("`python -m melanoma evaluate RUN --data DATA` makes them once training has finished.")


def read_predictions(run: Run, split: str) -> SavedPredictions:
    """The saved predictions of a run that has them. Raises RunError where its split was changed."""
    return _read_predictions(run.name, split, stamp_run(run.folder), run)


@st.cache_resource(max_entries=8, show_spinner="Reading the saved predictions …")
def _read_predictions(name: str, split: str, stamp: tuple, _run: Run) -> SavedPredictions:
    predictions = load_predictions(_run, split)
    assert predictions is not None  # choose_tested_run offers no other
    return predictions
