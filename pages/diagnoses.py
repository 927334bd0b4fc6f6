"""A page a diagnosis: what it is, what the network is good and bad at with it, and what it is confused with."""

import streamlit as st

from melanoma.diagnoses import DIAGNOSES, Diagnosis
from melanoma.documents.diagnosis import (
    DESCRIPTIONS,
    FEW,
    HIGH,
    count_photos,
    list_abilities,
    summarise_abilities,
    tabulate_abilities,
    tabulate_mistakes,
)
from melanoma.documents.glossary import explain
from melanoma.documents.wording import KIND_NAMES, RESEARCH_USE
from melanoma.estimates import percent
from melanoma.evaluation.mistakes import list_missed, list_mistaken_for
from melanoma.run import Run, RunError
from pages.parts import address
from pages.parts.network_picker import choose_network
from pages.parts.widgets import write_table
from pages.performance_tabs.predictions import list_kinds, read_predictions

SHOWN = 4  # other diagnoses of a list of confusions


def choose_diagnosis() -> Diagnosis:
    """One of the nine, which the address names: `?diagnosis=melanoma`."""
    names = {diagnosis.name: diagnosis for diagnosis in DIAGNOSES}
    address.say_if_unknown("diagnosis", names, "diagnosis")
    return names[st.selectbox("Diagnosis", list(names), key="diagnosis", bind="query-params", width=420)]


def describe(diagnosis: Diagnosis) -> None:
    """What it is, and its codes."""
    mark = "◆ Counted as malignant" if diagnosis.malignant else "◇ Benign"
    st.header(diagnosis.name.capitalize(), anchor=False)
    st.markdown(f"{mark}. {DESCRIPTIONS[diagnosis.code]}")
    if codes := diagnosis.terminology.describe():
        st.caption(f"{codes}. A category of ICD-10 may hold other diagnoses too.")


def show_abilities(run: Run, code: str) -> None:
    """What the network is good and weak at, for each kind of photo that was tested."""
    terms = "sensitivity, specificity, AUC, prediction set, coverage, 95 % interval"
    st.header("What the network is good and bad at", anchor=False, help=explain(terms))
    columns = {}
    for kind in KIND_NAMES:
        evaluation = run.evaluation.of_kind(kind) if run.evaluation else None
        row = evaluation.per_class.get(code) if evaluation else None
        if evaluation is None or row is None:
            continue
        calibrated = run.calibration is not None and kind in run.calibration.kinds
        calibration = run.calibration.of_kind(kind) if run.calibration and calibrated else None
        columns[kind] = row.support, list_abilities(evaluation, calibration, code)
    if not columns:
        st.info("Results have not been made for this network yet.")
        return
    for kind, (_, abilities) in columns.items():
        if words := summarise_abilities(abilities, kind):
            st.markdown(words)
    write_table(tabulate_abilities(columns))
    st.caption(
        f"Of test photos, at the default operating point; in brackets: 95 % intervals. Good: the whole interval is at "
        f"{percent(HIGH)} or {HIGH:.2f}, or above. Weak: all of it is below. Not settled: it holds both, or there are "
        f"fewer than {FEW} photos."
    )


def show_confusions(run: Run, code: str) -> None:
    """What photos of it are taken for, and what is taken for it, for each kind of photo."""
    st.header("What it is confused with", anchor=False)
    for kind in list_kinds(run):
        predictions = read_predictions(run, "test", kind)
        left, right = st.columns(2, gap="large")
        for place, missed, mistakes in (
            (left, True, list_missed(predictions, code)),
            (right, False, list_mistaken_for(predictions, code)),
        ):
            with place:
                of = "Photos of it that are taken for something else" if missed else "Photos of something else"
                st.markdown(f"**{KIND_NAMES[kind].capitalize()}s.** {of}{'' if missed else ' that are taken for it'}")
                if mistakes:
                    write_table(tabulate_mistakes(mistakes[:SHOWN], missed=missed))
                else:
                    st.markdown("None.")
    st.caption(
        "By the likeliest diagnosis. Shares on the left: of all test photos of it. On the right: of all photos that "
        "are taken for it. In brackets: 95 % intervals, by bootstrap over lesions."
    )


st.title("Diagnoses", anchor=False)
st.caption(f"What each of the nine is, and how far to trust the network with it. {RESEARCH_USE}")
if run := choose_network():
    try:
        diagnosis = choose_diagnosis()
        describe(diagnosis)
        show_abilities(run, diagnosis.code)
        if run.predictions is not None:
            show_confusions(run, diagnosis.code)
        st.header("What it was learned from", anchor=False)
        write_table(count_photos(run, diagnosis.code))
        command = f" `{run.evaluation.command}` remakes these results." if run.evaluation else ""
        st.caption(f"Network {run.name}.{command}")
    except RunError as error:
        st.error(str(error), icon=":material/error:")
