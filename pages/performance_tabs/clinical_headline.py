"""What a clinician asks first of a network: are melanomas referred, what is missed, what is referred for nothing."""

import streamlit as st

from melanoma.documents.glossary import explain
from melanoma.documents.wording import is_measured, write_share
from melanoma.estimates import Estimate
from melanoma.evaluation.outcomes import PATIENTS, estimate_outcomes
from melanoma.run import KindEvaluation, OperatingPoint, Run
from pages.parts.operating_point import choose_prevalence
from pages.parts.session import get_session


def show_clinical_headline(run: Run, own: KindEvaluation, kind: str) -> None:
    """Four cards at the default operating point; own: of the test photos of this kind."""
    point = run.calibration.of_kind(kind).default if run.calibration and kind in run.calibration.kinds else None
    melanoma = own.per_class.get("MEL")
    with st.container(horizontal=True, key="clinical-headline"):
        if melanoma and melanoma.referred:
            write_card(
                "Melanomas referred",
                write_share(melanoma.referred),
                f"of {melanoma.support} in the test photos",
                "sensitivity, operating point",
            )
        if own.headline.melanoma_sensitivity:
            words = "melanoma was the likeliest diagnosis"
            write_card(
                "Melanomas called melanoma", write_share(own.headline.melanoma_sensitivity), words, "sensitivity"
            )
        if point is not None:
            write_outcomes(point, get_session().prevalence)
    if point is not None:
        choose_prevalence()
    st.caption(
        "Referred and called melanoma are two questions. A melanoma whose likeliest diagnosis is nevus is still "
        "referred where its malignancy probability reaches the threshold. All at the default operating point; in "
        "brackets: 95 % intervals."
    )


def write_outcomes(point: OperatingPoint, prevalence: float) -> None:
    """Cancers missed and benign lesions seen, of 1,000 patients; those who are undecided are seen."""
    rates = point.abstention or point.test
    if not (is_measured(rates.sensitivity) and is_measured(rates.specificity)):
        return
    assert rates.sensitivity is not None  # is_measured
    assert rates.specificity is not None
    outcomes = estimate_outcomes(rates.sensitivity, rates.specificity, prevalence)
    cancers = f"called routine, of {PATIENTS * prevalence:.0f} malignant"
    benign = f"referred or undecided, of {PATIENTS * (1 - prevalence):.0f} benign"
    missed, seen = write_number(outcomes.malignant_routine), write_number(outcomes.benign_referred)
    write_card(f"Cancers missed of {PATIENTS:,}", missed, cancers, "sensitivity, prevalence")
    write_card(f"Benign seen of {PATIENTS:,}", seen, benign, "specificity, prevalence")


def write_number(patients: Estimate) -> str:
    """Patients with their interval: `0.7 (0.3–1.1)`, or whole ones from ten on."""
    return patients.text(0 if patients.value >= 10 else 1)


def write_card(title: str, written: str, words: str, terms: str) -> None:
    """An estimate with its interval and what it is of; terms: of the glossary, that the card explains on demand."""
    value, interval = written.split(" (")
    with st.container(border=True, width=268, height="stretch"):
        st.metric(title, value, help=explain(terms))
        st.caption(f"({interval} {words}")
