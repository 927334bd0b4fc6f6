"""Two tabs of the performance page: test results, and the operating point explorer."""

import pandas as pd
import streamlit as st

from melanoma import estimates as figures
from melanoma.charts import results as charts_results
from melanoma.charts.reports import groups as groups_chart
from melanoma.diagnoses import CODES, MERGED_CODES, merged
from melanoma.evaluation import outcomes
from melanoma.evaluation import tables as results
from melanoma.run import folder as runs
from pages.parts import session as opened
from pages.parts.widgets import chart, table
from pages.performance_tabs import reports


@st.cache_resource(max_entries=8, show_spinner="Reading the saved predictions …")
def answers(name: str, split: str, stamp_key: tuple) -> results.Answers | None:
    return results.answers(runs.find_run(name, runs.MODELS), split)


def pick(every: list[runs.Run]) -> runs.Run | None:
    """One run that has test predictions; says so where there is none."""
    tested = {run.name: run for run in every if run.predictions is not None}
    if not tested:
        st.info("No run has test predictions yet.", icon=":material/hourglass_empty:")
        st.markdown("`python -m melanoma evaluate models/NAME --data DATA` makes them once training has finished.")
        return None
    first = runs.DEFAULT_RUN if runs.DEFAULT_RUN in tested else next(iter(tested))
    names = [first, *[name for name in tested if name != first]]
    return tested[st.selectbox("Run", names, key="run", bind="query-params")]


def test_results(every: list[runs.Run]) -> None:
    run = pick(every)
    if run is None:
        return
    given = answers(run.name, "test", opened.stamp(run.folder))
    evaluation = run.evaluation or {}
    headline(evaluation)
    if run.calibration is None:
        st.warning("This run is not calibrated: what follows rests on its raw probabilities.")
    confusion(given)
    curves(given)
    if evaluation.get("reliability"):
        reliability(evaluation["reliability"])
    per_class(evaluation)
    per_group(evaluation)
    if run.calibration:
        st.header("Operating points", anchor=False)
        points = results.operating_points(run.calibration)
        table(
            results.figure_words(points), "Operating points with test sensitivity and specificity", "operating-points"
        )
        st.caption("Thresholds were chosen on validation photos; sensitivity and specificity are of test photos.")
    reports.sections(run)


def headline(evaluation: dict) -> None:
    """The figures that decide, each with its interval, and how to make them again."""
    stated = results.headline(evaluation)
    if not stated:
        st.info(
            "Headline figures have not been made for this run yet; the charts below are drawn from its predictions."
        )
        return
    with st.container(horizontal=True, key="headline"):
        for label, interval in stated[:5]:
            with st.container(border=True, width=208):
                st.metric(label, f"{interval.value:.{digits(interval)}f}")
                st.caption(f"{interval.words(digits(interval)).split(' ', 1)[1].strip('()')}, 95 % interval")
    rows = pd.DataFrame([{"figure": label, **vars(interval)} for label, interval in stated])
    with st.expander("All headline figures, and how to make them again"):
        table(rows, "Headline figures with 95 % intervals", "headline")
        st.markdown(f"{evaluation.get('photos', '?')} test photos of {evaluation.get('lesions', '?')} lesions.")
        st.markdown(f"Intervals: {evaluation.get('intervals', '')}.")
        st.code(evaluation.get("command", ""), language="bash")


def digits(interval: figures.Interval) -> int:
    return 2 if interval.value >= 0.1 else 3


def cell_clicked() -> None:
    """The clicked cell of the confusion matrix, into the two select boxes."""
    points = st.session_state[matrix_key()]["selection"]["points"]
    if points:
        st.session_state["cell-true"], st.session_state["cell-answer"] = points[0]["y"], points[0]["x"]


def cell_chosen() -> None:
    """By the select boxes: the matrix forgets its click, so that the same cell can be clicked again."""
    st.session_state["cell-round"] = st.session_state.get("cell-round", 0) + 1


def matrix_key() -> str:
    return f"chart-confusion-{st.session_state.get('cell-round', 0)}"


@st.fragment
def confusion(given: results.Answers) -> None:
    st.header("Confusion matrix", anchor=False)
    with st.container(horizontal=True, gap="large"):
        classes = st.segmented_control(
            "Classes",
            ["nine", "seven (ISIC 2018)"],
            default="nine",
            required=True,
            key="classes",
            on_change=cell_chosen,
        )
        shown = st.segmented_control("Show", ["counts", "shares"], default="counts", required=True, key="shown")
    merge_classes = classes != "nine"
    codes = MERGED_CODES if merge_classes else CODES
    for key, first in (("cell-true", "MEL"), ("cell-answer", "NV")):
        code = st.session_state.get(key, first).split("+")[0]
        if st.session_state.get(key) not in codes:
            st.session_state[key] = merged(code) if merge_classes else code
    left, right = st.columns([3, 2], gap="large")
    with right:
        true = st.selectbox("Photos of", codes, key="cell-true", on_change=cell_chosen)
        top = st.selectbox("answered as", codes, key="cell-answer", on_change=cell_chosen)
        cell = results.photos_in_cell(given, true, top, merge_classes)
        st.caption(f"{len(cell)} test photos, the most certain first. A click on the matrix chooses, too.")
        table(cell, f"Test photos of {true} answered as {top}", "cell", height=260)
    with left:
        counts = results.confusion(given, merge_classes)
        shares = results.row_shares(counts)
        figure = charts_results.confusion(counts, shares, as_shares=shown == "shares", chosen=(true, top))
        data = counts.reset_index(names="true diagnosis")
        key = matrix_key().removeprefix("chart-")
        words = charts_results.confusion_words(shares)
        st.caption("Lighter: a larger share of the row, which is all photos of one true diagnosis.")
        chart(figure, words, data, key, file="confusion", on_select=cell_clicked, selection_mode="points")


def curves(given: results.Answers) -> None:
    st.header("ROC and precision-recall", anchor=False)
    scores = st.pills(
        "Against the rest", ["malignant", *CODES], selection_mode="multi", default=["malignant", "MEL"], key="scores",
        format_func=charts_results.score_name,
    )  # fmt: skip
    scores = [score for score in scores if given.positive(score).any()]
    if not scores:
        st.caption("Choose the malignant sum or a diagnosis.")
        return
    left, right = st.columns(2, gap="large")
    with left:
        found = {score: results.roc(given, score) for score in scores}
        chart(
            charts_results.roc(found),
            charts_results.curve_words(found, "Area under the ROC curve"),
            joined(found),
            "roc",
        )
    with right:
        found = {score: results.precision_recall(given, score) for score in scores}
        words = charts_results.curve_words(found, "Average precision")
        chart(charts_results.precision_recall(found), words, joined(found), "precision-recall")


def joined(found: dict[str, tuple[pd.DataFrame, float]]) -> pd.DataFrame:
    return pd.concat([points.assign(score=score) for score, (points, _) in found.items()], ignore_index=True)


def reliability(bins: dict) -> None:
    st.header("Calibration", anchor=False)
    before, after = pd.DataFrame(bins.get("before", [])), pd.DataFrame(bins.get("after", []))
    words = (
        "Stated probability of the likeliest diagnosis against the share that was right; on the diagonal, both agree."
    )
    data = pd.concat([before.assign(which="before"), after.assign(which="after")], ignore_index=True)
    left, right = st.columns([3, 2], gap="large", vertical_alignment="center")
    with left:
        chart(charts_results.reliability(before, after), words, data, "reliability")
    right.markdown(f"{words} Below it, the network is surer than it should be. Larger dots hold more photos.")


def per_class(evaluation: dict) -> None:
    rows = results.per_class(evaluation)
    if rows.empty:
        return
    st.header("By diagnosis", anchor=False)
    table(results.figure_words(rows), "Test figures by diagnosis", "per-class")
    if drawable := [c for c in rows.columns if f"{c} low" in rows]:
        chosen = st.segmented_control(
            "Figure", drawable, default=drawable[0], required=True, key="forest-class", label_visibility="collapsed"
        )
        words = f"{chosen} by diagnosis, with 95 % intervals; grey: fewer than {charts_results.SMALL} photos."
        figure = charts_results.forest(rows.dropna(subset=chosen), "diagnosis", chosen, "support")
        chart(figure, words, rows, "forest-class")
        st.caption(words)


@st.fragment
def per_group(evaluation: dict) -> None:
    """By source, age group, sex and body site, as far as they were measured."""
    rows = results.per_group(evaluation)
    drawable = [c for c in rows.columns if f"{c} low" in rows]
    if not drawable:
        return
    st.header("By " + results.listed([by.lower() for by in rows["by"].unique()]), anchor=False)
    if not evaluation.get("per_age"):
        st.caption(
            "Age groups, sexes and body sites come from the public tables: "
            "`python -m melanoma evaluate RUN --data DATA` adds them."
        )
    chosen = st.selectbox("Figure", drawable, key="forest-group")
    whole = evaluation.get("figures", {}).get(chosen.replace(" ", "_"))
    figure = groups_chart(rows, chosen, whole["value"] if figures.is_figure(whole) else None)
    weakest = results.weakest(rows, chosen, charts_results.SMALL)
    st.markdown(weakest)
    note = (
        f"{chosen.capitalize()} with 95 % intervals; n: the photos that it is of, malignant ones for "
        f"sensitivity and benign ones for specificity; grey: fewer than {charts_results.SMALL}. "
        "Sensitivity and specificity are of malignant lesions at the default operating point. Groups differ in "
        "their mixture of diagnoses and sources as well, so a difference is not the work of age, sex or site alone."
    )
    words = "; ".join(results.group_words(rows, chosen)) + f". {note}"
    chart(figure, words, rows, "forest-groups")
    st.caption(note)
    with st.expander("All figures of every group"):
        shown = results.figure_words(rows)
        few = rows["photos"] < charts_results.SMALL
        table(
            shown, "Test figures by group", "per-group",
            drawn=shown.style.apply(lambda row: ["color: #808C94" if few[row.name] else ""] * len(row), axis=1),
        )  # fmt: skip


def explorer(every: list[runs.Run]) -> None:
    """Slide the threshold, or ask for a sensitivity; see what it means for 1,000 patients."""
    run = pick(every)
    if run is None:
        return
    stamp = opened.stamp(run.folder)
    given, validation = answers(run.name, "test", stamp), answers(run.name, "validation", stamp)
    left, right = st.columns([2, 3], gap="large")
    with left:
        score = st.segmented_control(
            "Score",
            list(figures.SCORES),
            default="malignant",
            required=True,
            key="score",
            format_func=charts_results.score_name,
        )
        threshold = choose_threshold(run, validation, score)
        prevalence = (
            st.slider("Of 100 photographed lesions, malignant", 1, 50, 5, key="prevalence", format="%d %%") / 100
        )
        sensitivity, specificity = results.rates(given, score, threshold)
        st.metric("Sensitivity on test photos", sensitivity.words())
        st.metric("Specificity on test photos", specificity.words())
        st.caption(
            f"Threshold {threshold:.3f} on the {charts_results.score_name(score)}. "
            "95 % intervals by resampling lesions."
        )
    thousand = outcomes.per_thousand(sensitivity, specificity, prevalence)
    groups = outcomes.whole_people(thousand)
    with right:
        words = charts_results.people_words(groups, prevalence)
        st.header(f"{outcomes.PATIENTS:,} such patients", anchor=False)
        st.markdown(words)
        chart(charts_results.people(groups), words, thousand.table(), "people")
    st.dataframe(thousand.table(), hide_index=True, alt="Patients of 1,000, with 95 % intervals")
    readers(given, score, (sensitivity, specificity))


def choose_threshold(run: runs.Run, validation: results.Answers, score: str) -> float:
    """From the run's operating points, an asked sensitivity, or a slider."""
    named = results.points_of(run.calibration or {}, score)
    ways = [*(["named"] if named else []), "sensitivity", "threshold"]
    labels = {"named": "Operating point", "sensitivity": "Asked sensitivity", "threshold": "Threshold"}
    way = st.segmented_control(
        "Threshold from", ways, default=ways[0], required=True, key="way", format_func=labels.get
    )
    if way == "named":
        name = st.selectbox("Operating point", list(named), key="named", format_func=figures.point_words)
        return named[name]
    if way == "sensitivity":
        asked = st.slider("Asked sensitivity", 50, 99, 95, key="asked", format="%d %%") / 100
        st.caption("The threshold is found on validation photos; on test photos it may reach a little more or less.")
        return results.threshold_for(validation, score, asked)
    return st.slider("Threshold", 0.0, 1.0, 0.2, 0.005, key="threshold", format="%.3f")


def readers(given: results.Answers, score: str, chosen: tuple) -> None:
    st.header("Beside published readers", anchor=False)
    st.warning(
        "These points come from other photos, other mixtures of lesions and other questions. "
        "Some are about melanoma alone, some about skin cancer. "
        "A curve above a point does not mean that the network reads better than those people.",
        icon=":material/warning:",
    )
    curve = {score: results.roc(given, score)}
    words = charts_results.curve_words(curve, "Area under the ROC curve")
    left, right = st.columns([3, 2], gap="large", vertical_alignment="center")
    with left:
        chart(charts_results.roc(curve, outcomes.READERS, chosen), words, curve[score][0], "roc-readers")
    with right:
        table(outcomes.readers_table(), "Published readers", "readers")
