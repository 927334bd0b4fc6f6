"""What a person thinks of a lesion: diagnosis, how sure, what to do next, and rules where wanted."""

from dataclasses import dataclass

import streamlit as st

from melanoma.casebook import Reading, ScoredRule
from melanoma.casebook.vocabulary import MANAGEMENTS, READ_DIAGNOSES
from melanoma.documents.cases import name_diagnosis
from pages.cases_tabs.criteria_form import ask_for_criteria
from pages.parts.session import WidgetValue


@dataclass(frozen=True)
class Opinion:
    """What was entered."""

    diagnosis: str
    confidence: int
    management: str
    criteria: tuple[ScoredRule, ...] = ()


def ask_opinion(key: str, before: Reading | None = None) -> Opinion | None:
    """The form; None while something is missing. before: the reading that it begins with."""
    diagnosis: WidgetValue[str | None] = WidgetValue(f"{key}-diagnosis", before.diagnosis if before else None)
    confidence: WidgetValue[int] = WidgetValue(f"{key}-confidence", before.confidence if before else 50)
    management: WidgetValue[str | None] = WidgetValue(f"{key}-management", before.management if before else None)
    for widget in (diagnosis, confidence, management):
        widget.get()
    left, middle, right = st.columns(3, gap="medium")
    with left:
        st.selectbox("Diagnosis", READ_DIAGNOSES, format_func=name_diagnosis, key=diagnosis.key, placeholder="Choose")
    with middle:
        st.slider("How sure", 0, 100, step=5, format="%d %%", key=confidence.key)
    with right:
        st.selectbox(
            "What next",
            list(MANAGEMENTS),
            format_func=MANAGEMENTS.__getitem__,
            key=management.key,
            placeholder="Choose",
        )
    criteria = ask_for_criteria(key)
    code, act = diagnosis.get(), management.get()
    if code is None or act is None:
        missing = " and ".join(
            word for word, value in (("the diagnosis", code), ("what to do next", act)) if value is None
        )
        st.caption(f"Still needed: {missing}.")
        return None
    return Opinion(code, confidence.get(), act, criteria)
