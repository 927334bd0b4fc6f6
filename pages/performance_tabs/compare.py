"""A tab of the Performance page: two runs on the test photos that both answered."""

import streamlit as st

from melanoma.evaluation.comparison import (
    ComparisonError,
    Difference,
    Pair,
    default_threshold,
    describe_difference,
    describe_mcnemar,
    estimate_decisions,
    estimate_differences,
    list_disagreements,
    pair_predictions,
    run_mcnemar,
    tabulate_differences,
)
from melanoma.run import DEFAULT_RUN, Run
from melanoma.run.history import ingredients
from pages.parts.open_runs import stamp_run
from pages.parts.widgets import draw_table, write_list
from pages.performance_tabs.predictions import explain_no_predictions, read_predictions


def compare(runs: list[Run]) -> None:
    """Differences with their intervals, McNemar's test, and where the two disagree."""
    chosen = choose_two(runs)
    if chosen is None:
        return
    names = (chosen[0].name, chosen[1].name)
    for run in chosen:
        warn(run)
    try:
        pair, differences = estimate_both(chosen)
    except ComparisonError as error:
        st.info(str(error), icon=":material/compare_arrows:")
        return
    st.markdown(describe_pair(pair, names))
    st.header(f"{names[1]} minus {names[0]}", anchor=False)
    write_list([describe_difference(difference, names) for difference in differences])
    draw_table(tabulate_differences(differences, names), "Both runs with their difference", "differences")
    st.caption(
        "95 % intervals by paired bootstrap: each draw takes the same lesions for both runs. Sensitivity and "
        "specificity for malignant lesions, each run at its own default operating point."
    )
    st.header("Top diagnosis", anchor=False)
    st.markdown(describe_mcnemar(run_mcnemar(pair), names))
    disagreements = list_disagreements(pair, names)
    st.header("Photos on which they disagree", anchor=False)
    st.caption(f"{len(disagreements):,} of {len(pair.first.image_ids):,} test photos, the furthest apart first.")
    draw_table(disagreements, "Test photos whose top diagnosis differs between the runs", "disagreements")


def choose_two(runs: list[Run]) -> tuple[Run, Run] | None:
    """Two runs that have test predictions; says so where there are none."""
    tested = {run.name: run for run in runs if run.predictions is not None}
    if len(tested) < 2:
        explain_no_predictions("A comparison needs two runs with test predictions.")
        return None
    # The default first, then what it was made of, then the newest: what the last step changed is seen at once.
    default = tested.get(DEFAULT_RUN)
    family = [name for name in (default.name, *ingredients(default.facts)) if name in tested] if default else []
    others = sorted(set(tested) - set(family), key=lambda name: tested[name].facts.started, reverse=True)
    names = family + others
    left, right = st.columns(2, gap="large")
    first = left.selectbox("First run", names, key="first", bind="query-params")
    second = right.selectbox("Second run", names, index=1, key="second", bind="query-params")
    if first == second:
        st.info("Choose two different runs.")
        return None
    return tested[first], tested[second]


def warn(run: Run) -> None:
    """What makes a run hard to compare."""
    if run.facts.protocol == "leaky":
        st.warning(f"{run.name} was split at random: it may have trained on photos of these lesions.")
    if run.calibration is None:
        st.caption(f":material/info: **{run.name}** is not calibrated: its raw probabilities are compared.")


def estimate_both(runs: tuple[Run, Run]) -> tuple[Pair, list[Difference]]:
    """The photos that both answered, and each statistic's difference. Raises ComparisonError."""
    first, second = runs
    return _estimate_both((first.name, second.name), (stamp_run(first.folder), stamp_run(second.folder)), runs)


@st.cache_resource(max_entries=8, show_spinner="Computing confidence intervals …")
def _estimate_both(names: tuple[str, str], stamps: tuple, _runs: tuple[Run, Run]) -> tuple[Pair, list[Difference]]:
    first, second = _runs
    pair = pair_predictions(read_predictions(first, "test"), read_predictions(second, "test"))
    thresholds = default_threshold(first.calibration), default_threshold(second.calibration)
    return pair, estimate_differences(pair) + estimate_decisions(pair, *thresholds)


def describe_pair(pair: Pair, names: tuple[str, str]) -> str:
    """How many photos were compared, and which were left out."""
    photos, lesions = len(pair.first.image_ids), len(set(pair.first.lesions))
    left_out = [f"{pair.alone[0]:,} that only {names[0]} tested", f"{pair.alone[1]:,} that only {names[1]} tested"]
    if pair.relabelled:
        left_out.append(f"{pair.relabelled:,} whose true diagnosis differs between the runs")
    return f"Compared on {photos:,} test photos of {lesions:,} lesions. Left out: {', '.join(left_out)}."
