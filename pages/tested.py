"""Two tabs of the performance page: test results, and the operating point explorer."""

import pandas as pd
import streamlit as st

from melanoma import charts_results, figures, outcomes, results, runs
from melanoma.diagnoses import CODES
from pages import opened
from pages.panel import chart, table

REPORTS = {
    "robustness": ("Robustness", "The same test photos with clutter, blur, noise and other changes."),
    "unfamiliar": ("Unfamiliar photos", "Photos that show no skin lesion at all."),
    "faithfulness": (
        "Faithfulness of the heatmaps",
        "Whether the places that a map marks are those that the answer rests on.",
    ),
    "source_probe": (
        "Source probe",
        "How well the archive that a photo comes from can be read off the network's features.",
    ),
}


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
    if run.calibration:
        st.header("Operating points", anchor=False)
        points = results.operating_points(run.calibration)
        table(
            results.figure_words(points), "Operating points with test sensitivity and specificity", "operating-points"
        )
        st.caption("Thresholds were chosen on validation photos; sensitivity and specificity are of test photos.")
    for key, (title, text) in REPORTS.items():
        if evaluation.get(key):
            st.header(title, anchor=False)
            st.caption(text)
            table(results.flattened(evaluation[key]), title, key)


def headline(evaluation: dict) -> None:
    """The figures that decide, each with its interval, and how to make them again."""
    stated = results.headline(evaluation)
    if not stated:
        st.info(
            "Headline figures have not been made for this run yet; the charts below are drawn from its predictions."
        )
        return
    for column, (label, interval) in zip(st.columns(4), stated[:4], strict=False):
        with column.container(border=True):
            st.metric(label, f"{interval.value:.2f}")
            st.caption(f"{interval.low:.2f} to {interval.high:.2f}, 95 % interval")
    rows = pd.DataFrame([{"figure": label, **vars(interval)} for label, interval in stated])
    with st.expander("All headline figures, and how to make them again"):
        table(rows, "Headline figures with 95 % intervals", "headline")
        st.markdown(f"{evaluation.get('photos', '?')} test photos of {evaluation.get('lesions', '?')} lesions.")
        st.markdown(f"Intervals: {evaluation.get('intervals', '')}.")
        st.code(evaluation.get("command", ""), language="bash")


def confusion(given: results.Answers) -> None:
    st.header("Confusion matrix", anchor=False)
    with st.container(horizontal=True, gap="large"):
        classes = st.segmented_control(
            "Classes", ["nine", "seven (ISIC 2018)"], default="nine", required=True, key="classes"
        )
        shown = st.segmented_control("Show", ["counts", "shares"], default="counts", required=True, key="shown")
    merge_classes = classes != "nine"
    counts = results.confusion(given, merge_classes)
    shares = results.row_shares(counts)
    figure = charts_results.confusion(counts, shares, as_shares=shown == "shares")
    left, right = st.columns([3, 2], gap="large")
    with left:
        chart(figure, charts_results.confusion_words(shares), counts.reset_index(names="true diagnosis"), "confusion")
    with right:
        codes = list(counts.index)
        true = st.selectbox("Photos of", codes, index=codes.index("MEL"), key="cell-true")
        top = st.selectbox("answered as", codes, index=codes.index("NV"), key="cell-answer")
        cell = results.photos_in_cell(given, true, top, merge_classes)
        st.caption(f"{len(cell)} test photos, the most certain first.")
        table(cell, f"Test photos of {true} answered as {top}", "cell", height=260)


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
    for key, rows, label in (
        ("class", results.per_class(evaluation), "diagnosis"),
        ("source", results.figure_table(evaluation.get("per_source", {}), "source"), "source"),
    ):
        if rows.empty:
            continue
        st.header(f"By {label}", anchor=False)
        table(results.figure_words(rows), f"Test figures by {label}", f"per-{key}")
        drawable = [c for c in rows.columns if f"{c} low" in rows]
        if drawable:
            chosen = st.segmented_control(
                "Figure",
                drawable,
                default=drawable[0],
                required=True,
                key=f"forest-{key}",
                label_visibility="collapsed",
            )
            count = next((c for c in ("support", "photos") if c in rows), None)
            words = f"{chosen} by {label}, with 95 % intervals; grey: fewer than {charts_results.SMALL} photos."
            chart(charts_results.forest(rows.dropna(subset=chosen), label, chosen, count), words, rows, f"forest-{key}")
            st.caption(words)


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
