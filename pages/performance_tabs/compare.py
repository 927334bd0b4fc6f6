"""A tab of the performance page: two runs on the test photos that both answered."""

import streamlit as st

from melanoma.evaluation import comparison
from melanoma.run import folder as runs
from melanoma.run import history as histories
from pages.parts import session as opened
from pages.parts.widgets import table
from pages.performance_tabs.test_results import answers


@st.cache_resource(max_entries=8, show_spinner="Drawing lesions again and again for both runs …")
def compare(first: str, second: str, stamp_keys: tuple) -> tuple[comparison.Pair, list[comparison.Difference]]:
    given = (answers(name, "test", stamp) for name, stamp in zip((first, second), stamp_keys, strict=True))
    pair = comparison.pair(*given)
    thresholds = (comparison.own_threshold(runs.find_run(name, runs.MODELS)) for name in (first, second))
    return pair, comparison.differences(pair) + comparison.decisions(pair, *thresholds)


def pick_two(every: list[runs.Run]) -> tuple[runs.Run, runs.Run] | None:
    """Two runs that have test predictions; says so where there are none."""
    tested = {run.name: run for run in every if run.predictions is not None}
    if len(tested) < 2:
        st.info("A comparison needs two runs with test predictions.", icon=":material/compare_arrows:")
        st.markdown("`python -m melanoma evaluate models/NAME --data DATA` makes them once training has finished.")
        return None
    default = tested.get(runs.DEFAULT_RUN)
    # The default first, then what it was made of: what the last step changed is seen at once.
    family = [name for name in (default.name, *histories.made_of(default.facts)) if name in tested] if default else []
    names = family + sorted(set(tested) - set(family))
    left, right = st.columns(2, gap="large")
    first = left.selectbox("First run", names, key="first", bind="query-params")
    second = right.selectbox("Second run", names, index=1, key="second", bind="query-params")
    if first == second:
        st.info("Choose two different runs.")
        return None
    return tested[first], tested[second]


def compared(every: list[runs.Run]) -> None:
    chosen = pick_two(every)
    if chosen is None:
        return
    names = (chosen[0].name, chosen[1].name)
    for run in chosen:
        if run.facts.get("protocol") == "leaky":
            st.warning(f"{run.name} was split at random: it may have trained on photos of these lesions.")
        if run.calibration is None:
            st.caption(f":material/info: **{run.name}** is not calibrated: its raw probabilities are compared.")
    try:
        pair, found = compare(*names, tuple(opened.stamp(run.folder) for run in chosen))
    except comparison.ComparisonError as error:
        st.info(str(error), icon=":material/compare_arrows:")
        return
    photos, lesions = len(pair.first.image_ids), len(set(pair.first.lesions))
    left_out = f"{pair.alone[0]:,} that only {names[0]} tested, {pair.alone[1]:,} that only {names[1]} did"
    relabelled = f", {pair.relabelled:,} to which the runs give different true diagnoses" if pair.relabelled else ""
    st.markdown(f"Compared on {photos:,} test photos of {lesions:,} lesions. Left out: {left_out}{relabelled}.")
    st.header(f"{names[1]} minus {names[0]}", anchor=False)
    for difference in found:
        st.markdown(f"- {comparison.difference_words(difference, names)}")
    table(comparison.difference_table(found, names), "Figures of both runs with their difference", "differences")
    st.caption(
        "95 % intervals by paired bootstrap: each draw takes the same lesions for both runs. Sensitivity and "
        "specificity for malignant lesions, each run at its own default operating point."
    )
    st.header("Top diagnosis", anchor=False)
    st.markdown(comparison.mcnemar_words(comparison.mcnemar(pair), names))
    apart = comparison.disagreements(pair, names)
    st.header("Photos on which they disagree", anchor=False)
    st.caption(f"{len(apart):,} of {photos:,} test photos, the furthest apart first.")
    table(apart, "Test photos whose top diagnosis differs between the runs", "disagreements")
