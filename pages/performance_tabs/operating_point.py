"""A tab of the Performance page: slide a threshold, and see what it means for 1,000 patients."""

import pandas as pd
import streamlit as st

from melanoma.charts import results as result_charts
from melanoma.charts.patients import describe_patients, patient_dots
from melanoma.documents.glossary import explain
from melanoma.documents.wording import describe_abstention
from melanoma.estimates import Estimate, percent
from melanoma.evaluation.abstention import describe_abstention_curve, trace_abstention
from melanoma.evaluation.outcomes import (
    PATIENTS,
    READERS,
    count_patients,
    estimate_outcomes,
    tabulate_outcomes,
    tabulate_readers,
)
from melanoma.evaluation.saved_predictions import (
    SavedPredictions,
    estimate_rates,
    find_target_threshold,
    trace_roc,
)
from melanoma.evaluation.tables import list_thresholds
from melanoma.run import MALIGNANT, Run, operating_point_name, score_name
from pages.parts.open_runs import stamp_run
from pages.parts.operating_point import choose_prevalence
from pages.parts.widgets import draw_chart, draw_table
from pages.performance_tabs.predictions import choose_kind_of_results, choose_tested_run, read_predictions

NAMED, TARGET, THRESHOLD = "Operating point", "Target sensitivity", "Threshold"


def explore_operating_point(runs: list[Run]) -> None:
    """Sensitivity and specificity of a threshold, in patients, and beside published readers."""
    run = choose_tested_run(runs)
    if run is None:
        return
    kind = choose_kind_of_results(run)
    predictions = read_predictions(run, "test", kind)
    left, right = st.columns([2, 3], gap="large")
    with left:
        score = st.segmented_control(
            "Score", [MALIGNANT, "MEL"], default=MALIGNANT, required=True, key="score", format_func=score_name
        )
        threshold = choose_threshold(run, score, kind)
        prevalence = choose_prevalence()
        sensitivity, specificity = estimate_rates(predictions, score, threshold)
        show_rate("Sensitivity on test photos", sensitivity)
        show_rate("Specificity on test photos", specificity)
        st.caption(f"Threshold {percent(threshold)} on the {score_name(score)}.")
    outcomes = estimate_outcomes(sensitivity, specificity, prevalence)
    counts, table = count_patients(outcomes), tabulate_outcomes(outcomes)
    with right:
        words = describe_patients(counts, prevalence)
        st.header(f"{PATIENTS:,} such patients", anchor=False)
        st.markdown(words)
        draw_chart(patient_dots(counts), words, table, "patients")
    st.dataframe(table, hide_index=True, alt="Patients of 1,000, with 95 % intervals")
    show_abstention(run, predictions, kind, score, threshold)
    show_readers(predictions, score, (sensitivity, specificity))


@st.cache_data(max_entries=64, show_spinner=False)
def _trace_abstention(
    name: str, stamp: str, kind: str, score: str, threshold: float, _predictions: SavedPredictions
) -> pd.DataFrame:
    return trace_abstention(_predictions, score, threshold)


def show_abstention(run: Run, predictions: SavedPredictions, kind: str, score: str, threshold: float) -> None:
    """What leaving photos just below the threshold undecided would spare."""
    st.header("Leaving photos undecided", anchor=False)
    points = _trace_abstention(run.name, stamp_run(run.folder), kind, score, threshold, predictions)
    words = describe_abstention_curve(points)
    sentences = f"Undecided photos are those just below the threshold: have them seen. {words}"
    st.markdown(sentences.replace(" %", "\u00a0%"))
    calibration = run.calibration.of_kind(kind) if run.calibration and kind in run.calibration.kinds else None
    named = calibration.operating_points.values() if calibration else ()
    abstention = next((point.abstention for point in named if point.threshold == threshold), None)
    decided = 1 - abstention.undecided.value if abstention and abstention.undecided else None
    draw_chart(result_charts.abstention_curve(points, decided), words, points, "abstention")
    if abstention is not None:
        st.caption(f"Dotted: this operating point. {describe_abstention(abstention, threshold)}")


def show_rate(label: str, rate: Estimate) -> None:
    """A share with its interval below it."""
    value, interval = rate.percent().split(" (")
    st.metric(label, value, help=explain(label))
    st.caption(f"{interval.rstrip(')')}, 95 % interval")


def choose_threshold(run: Run, score: str, kind: str) -> float:
    """From the run's operating points, a target sensitivity, or a slider."""
    calibration = run.calibration
    named = list_thresholds(calibration.of_kind(kind), score) if calibration and kind in calibration.kinds else {}
    ways = [*([NAMED] if named else []), TARGET, THRESHOLD]
    way = st.segmented_control("Threshold from", ways, default=ways[0], required=True, key="threshold-from")
    if way == NAMED:
        name = st.selectbox(NAMED, list(named), key="named", format_func=operating_point_name)
        return named[name]
    if way == TARGET:
        target = st.slider(TARGET, 50, 99, 95, key="target-sensitivity", format="%d %%") / 100
        st.caption("The threshold is found on validation photos. On test photos it may reach a little more or less.")
        return find_target_threshold(read_predictions(run, "validation", kind), score, target)
    return st.slider(THRESHOLD, 0, 100, 20, key="threshold", format="%d %%") / 100


def show_readers(predictions: SavedPredictions, score: str, rates: tuple[Estimate, Estimate]) -> None:
    """The ROC curve with what readers reached elsewhere."""
    st.header("Beside published readers", anchor=False)
    st.warning(
        "These points come from other photos, other mixtures of lesions and other questions. "
        "Some are about melanoma alone, some about skin cancer. "
        "A curve above a point does not mean that the network reads better than those people.",
        icon=":material/warning:",
    )
    curve = result_charts.Curve(score, *trace_roc(predictions, score))
    words = result_charts.describe_curves([curve], "Area under the ROC curve")
    draw_chart(result_charts.roc([curve], READERS, rates), words, curve.points, "roc-readers")
    draw_table(tabulate_readers(), "Published readers", "readers", shares=["sensitivity", "specificity"])
