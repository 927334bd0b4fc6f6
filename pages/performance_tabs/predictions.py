"""What several tabs of the Performance page share: a run with saved predictions, and these predictions."""

import streamlit as st

from melanoma.evaluation.saved_predictions import SavedPredictions, load_predictions
from melanoma.run import Run
from melanoma.sources import DERMOSCOPIC, KINDS
from pages.parts.kind_of_photo import NAMES
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


def choose_kind_of_results(run: Run) -> str:
    """The kind of test photos whose results are read: a choice where the run was tested on several."""
    kinds = list_kinds(run)
    if len(kinds) == 1:
        return kinds[0]
    return st.segmented_control(
        "Test photos", kinds, default=kinds[0], required=True, key="kind-of-results", format_func=NAMES.__getitem__
    )


def list_kinds(run: Run) -> list[str]:
    """Kinds of photo that a run has test predictions on, dermoscopic first."""
    predictions = run.predictions
    if predictions is None or "kind" not in predictions:
        return [DERMOSCOPIC]
    return [kind for kind in KINDS if kind in set(predictions["kind"])] or [DERMOSCOPIC]


def read_predictions(run: Run, split: str, kind: str = DERMOSCOPIC) -> SavedPredictions:
    """The saved predictions of a run that has them. Raises RunError where its split was changed."""
    return _read_predictions(run.name, split, kind, stamp_run(run.folder), run)


@st.cache_resource(max_entries=8, show_spinner="Reading the saved predictions …")
def _read_predictions(name: str, split: str, kind: str, stamp: str, _run: Run) -> SavedPredictions:
    predictions = load_predictions(_run, split, kind)
    assert predictions is not None  # choose_tested_run offers no other
    return predictions
