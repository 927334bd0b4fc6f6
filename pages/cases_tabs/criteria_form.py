"""The 7-point checklist and the ABCD rule as forms: computed from what is entered here, and from nothing else."""

import streamlit as st

from melanoma.casebook import ScoredRule
from melanoma.casebook.criteria import (
    AXES,
    COLOURS,
    MAJOR,
    MINOR,
    SEGMENTS,
    STRUCTURES,
    AbcdRule,
    SevenPoints,
)


def ask_for_criteria(key: str) -> tuple[ScoredRule, ...]:
    """The rules that were filled in; none where neither was asked for."""
    seven = ask_seven_points(key) if st.toggle("7-point checklist", key=f"{key}-seven") else None
    abcd = ask_abcd(key) if st.toggle("ABCD rule", key=f"{key}-abcd") else None
    return tuple(rule.score_rule() for rule in (seven, abcd) if rule)


def ask_seven_points(key: str) -> SevenPoints:
    """What is ticked, with its points."""
    major = st.pills("Major, 2 points each", MAJOR, selection_mode="multi", wrap=True, key=f"{key}-major")
    minor = st.pills("Minor, 1 point each", MINOR, selection_mode="multi", wrap=True, key=f"{key}-minor")
    seen = SevenPoints((*major, *minor))
    st.caption(seen.describe())
    return seen


def ask_abcd(key: str) -> AbcdRule | None:
    """What is entered, with its score; None while no colour or no structure is."""
    asymmetry = st.segmented_control(
        "Asymmetry: axes", range(AXES + 1), default=0, required=True, key=f"{key}-asymmetry"
    )
    border = st.slider("Border: segments that end abruptly", 0, SEGMENTS, 0, key=f"{key}-border")
    colours = st.pills("Colours", COLOURS, selection_mode="multi", wrap=True, key=f"{key}-colours")
    structures = st.pills("Structures", STRUCTURES, selection_mode="multi", wrap=True, key=f"{key}-structures")
    if not (colours and structures):
        st.caption("Choose at least one colour and one structure. Until then the rule is not kept.")
        return None
    seen = AbcdRule(asymmetry, border, tuple(colours), tuple(structures))
    st.caption(seen.describe())
    return seen
