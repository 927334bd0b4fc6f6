"""A tab of the Performance page: a run on its test photos, as a whole, by diagnosis and by group."""

import pandas as pd
import streamlit as st

from melanoma.charts import results as result_charts
from melanoma.charts.reports import group_dots
from melanoma.diagnoses import CODES, NAMES
from melanoma.documents.glossary import explain
from melanoma.estimates import enumerate_words
from melanoma.evaluation.kind_tables import describe_pairs, tabulate_gate, tabulate_pairs, tabulate_recognition
from melanoma.evaluation.saved_predictions import SavedPredictions, trace_precision_recall, trace_roc
from melanoma.evaluation.tables import (
    describe_calibration,
    describe_groups,
    describe_weakest,
    estimate_columns,
    list_headline,
    tabulate_classes,
    tabulate_groups,
    tabulate_operating_points,
    whole_estimate,
    write_estimate,
    write_estimates,
)
from melanoma.run import MALIGNANT, Evaluation, KindCalibration, KindEvaluation, Run, score_name
from melanoma.run.evaluation import Gate, KindRecognition, PairEvaluation
from melanoma.sources import DERMOSCOPIC
from pages.parts.widgets import draw_chart, draw_table
from pages.performance_tabs.clinical_headline import show_clinical_headline
from pages.performance_tabs.confusion import show_confusion
from pages.performance_tabs.predictions import choose_kind_of_results, choose_tested_run, read_predictions
from pages.performance_tabs.reports import list_clinical_reports, list_reports
from pages.performance_tabs.section import Section, offer_all, show_section

HEADLINE = "All headline estimates, and how to make them again"
# Streamlit cuts off a label that is longer than its card.
CARDS = """<style>
:is(.st-key-headline, .st-key-clinical-headline) [data-testid=stMetricLabel] * {white-space: normal;}
@media (max-width: 640px) {  /* two beside each other on a telephone */
    :is(.st-key-headline, .st-key-clinical-headline) > * {flex-basis: calc(50% - 0.5rem) !important;}
}
</style>"""
IN_SIGHT = 5  # headline estimates beside each other
PAIR_TERMS = "balanced accuracy, AUC, sensitivity, specificity, calibration error"
CURVE_TERMS = "AUC, average precision, sensitivity, specificity"
POINT_TERMS = "operating point, sensitivity, specificity"


def show_test_results(runs: list[Run]) -> None:
    """Everything that was measured on the test photos of one run: headline first, the rest in sections to open."""
    run = choose_tested_run(runs)
    if run is None:
        return
    kind = choose_kind_of_results(run)
    predictions, evaluation = read_predictions(run, "test", kind), run.evaluation
    own = evaluation.of_kind(kind) if evaluation else None
    if evaluation is None or own is None:
        st.info("Headline results have not been made for this run yet. The charts below show its predictions.")
    else:
        show_clinical_headline(run, own, kind)
        show_headline(own)
    if run.calibration is None:
        st.warning("This run is not calibrated: what follows rests on its raw probabilities.")
    sections = list_sections(run, evaluation, kind, predictions)
    offer_all(sections)
    for section in sections:
        show_section(section)


def list_sections(run: Run, evaluation: Evaluation | None, kind: str, predictions: SavedPredictions) -> list[Section]:
    """The sections that this run has, from top to bottom."""
    own = evaluation.of_kind(kind) if evaluation else None
    sections = []
    if evaluation is not None and own is not None:
        sections.append(Section(HEADLINE, lambda: show_all_headline(own, evaluation)))
    if evaluation is not None:
        sections += list_photo_sections(evaluation)
    sections.append(Section("Confusion matrix", lambda: show_confusion(predictions)))
    sections.append(Section("ROC and precision-recall", lambda: show_curves(predictions), CURVE_TERMS))
    if own is not None:
        sections += list_estimate_sections(own)
    if run.calibration is not None and kind in run.calibration.kinds:
        points = run.calibration.of_kind(kind)
        sections.append(Section("Operating points", lambda: show_operating_points(points), POINT_TERMS))
    if evaluation is not None:
        sections += (list_reports if kind == DERMOSCOPIC else list_clinical_reports)(run, evaluation)
    return sections


def list_photo_sections(evaluation: Evaluation) -> list[Section]:
    """What was measured on photos of every kind."""
    pairs, kinds, gate = evaluation.pairs, evaluation.kinds, evaluation.gate
    sections = []
    if pairs is not None:
        sections.append(Section("One photo or two", lambda: show_pairs(pairs), PAIR_TERMS))
    if kinds is not None:
        sections.append(Section("Kind of photo", lambda: show_recognition(kinds)))
    if gate is not None:
        sections.append(Section("Before the answer", lambda: show_gate(gate)))
    return sections


def list_estimate_sections(own: KindEvaluation) -> list[Section]:
    """Estimates of one kind of photo: calibration, diagnoses and groups, as far as they were measured."""
    sections = []
    if own.reliability.after:
        sections.append(Section("Calibration", lambda: show_reliability(own), "calibration, calibration error"))
    if own.per_class:
        sections.append(Section("By diagnosis", lambda: show_diagnoses(own), "sensitivity, specificity, AUC"))
    if estimate_columns(tabulate_groups(own)):
        sections.append(Section("By group", lambda: show_groups(own), "sensitivity, specificity"))
    return sections


def show_pairs(pairs: PairEvaluation) -> None:
    """What a photo of each kind gives over one alone."""
    st.markdown(describe_pairs(pairs))
    draw_table(tabulate_pairs(pairs), "Test results with a dermoscopic photo, a clinical one, and both", "pairs")


def show_recognition(kinds: KindRecognition) -> None:
    """Whether dermoscopic photos, clinical close-ups and photos without a lesion are told apart."""
    draw_table(tabulate_recognition(kinds), "Kinds of test photos, and what they were taken for", "kinds")
    st.caption("A photo that is taken for no lesion gets no answer, unless you ask for it. It is never routine.")


def show_gate(gate: Gate) -> None:
    """What is said of test photos before they are answered."""
    draw_table(tabulate_gate(gate), "What is said of test photos before they are answered", "gate")
    st.caption(
        "Refused: the photo gets no answer, unless you ask for it. Flagged: the answer says what is wrong with it, "
        "rightly or wrongly. Neither is ever routine. Everyday photos show no lesion. In brackets: 95 % intervals."
    )
    st.code(gate.command, language="bash", wrap_lines=True)


def show_headline(own: KindEvaluation) -> None:
    """The estimates that decide, each with its interval; own: of one kind of photo."""
    st.html(CARDS)
    with st.container(horizontal=True, key="headline"):
        for name, estimate in list_headline(own.headline)[:IN_SIGHT]:
            value, interval = write_estimate(name, estimate).split(" (")
            with st.container(border=True, width=211, height="stretch"):
                st.metric(name, value, help=explain(name))
                st.caption(f"{interval.rstrip(')')}, 95 % interval")


def show_all_headline(own: KindEvaluation, evaluation: Evaluation) -> None:
    """Every headline estimate, and how to make them again."""
    rows = pd.DataFrame([{"estimate": name, **vars(estimate)} for name, estimate in list_headline(own.headline)])
    draw_table(rows, "Headline estimates with 95 % intervals", "headline-estimates")
    st.markdown(f"{own.photos:,} test photos of {own.lesions:,} lesions.")
    st.markdown(f"Intervals: {evaluation.intervals}.")
    st.code(evaluation.command, language="bash", wrap_lines=True)


def show_curves(predictions: SavedPredictions) -> None:
    """ROC and precision-recall of chosen scores."""
    scores = st.pills(
        "Against the rest",
        [MALIGNANT, *CODES],
        selection_mode="multi",
        default=[MALIGNANT, "MEL"],
        key="scores",
        format_func=lambda score: NAMES.get(score) or score_name(score),
    )
    scores = [score for score in scores if predictions.positive(score).any()]
    if not scores:
        st.caption("Choose the malignancy probability or a diagnosis.")
        return
    left, right = st.columns(2, gap="large")
    with left:
        curves = [result_charts.Curve(score, *trace_roc(predictions, score)) for score in scores]
        words = result_charts.describe_curves(curves, "Area under the ROC curve")
        draw_chart(result_charts.roc(curves), words, result_charts.tabulate_curves(curves), "roc")
    with right:
        curves = [result_charts.Curve(score, *trace_precision_recall(predictions, score)) for score in scores]
        words = result_charts.describe_curves(curves, "Average precision")
        data = result_charts.tabulate_curves(curves)
        draw_chart(result_charts.precision_recall(curves), words, data, "precision-recall")


def show_reliability(evaluation: KindEvaluation) -> None:
    """Whether stated probabilities come true."""
    words = result_charts.describe_reliability(evaluation.reliability)
    data = result_charts.tabulate_reliability(evaluation.reliability)
    left, right = st.columns([3, 2], gap="large", vertical_alignment="center")
    with left:
        draw_chart(result_charts.reliability_diagram(evaluation.reliability), words, data, "reliability")
    right.markdown(
        "Stated probability of the likeliest diagnosis against the share that was right. On the diagonal, both agree. "
        f"Below it, the network is surer than it should be. Larger dots hold more photos. {words} "
        f"{describe_calibration(evaluation.headline)}"
    )


def show_diagnoses(evaluation: KindEvaluation) -> None:
    """Estimates by diagnosis, and one of them as a chart."""
    rows = tabulate_classes(evaluation)
    draw_table(write_estimates(rows), "Test results by diagnosis", "per-class")
    columns = estimate_columns(rows)
    if not columns:
        return
    column = st.segmented_control(
        "Estimate", columns, default=columns[0], required=True, key="forest-class", label_visibility="collapsed"
    )
    words = f"{column} by diagnosis, with 95 % intervals; grey: fewer than {result_charts.SMALL} photos."
    figure = result_charts.forest_plot(rows.dropna(subset=column), "diagnosis", column, "support")
    draw_chart(figure, words, rows, "forest-class")
    st.caption(f"{words[0].upper()}{words[1:]}")


def show_groups(evaluation: KindEvaluation) -> None:
    """By source, age group, sex and body site, as far as they were measured."""
    rows = tabulate_groups(evaluation)
    columns = estimate_columns(rows)
    st.caption(f"By {enumerate_words([by.lower() for by in rows['by'].unique()])}.")
    if not evaluation.per_age:
        st.caption(
            "Age groups, sexes and body sites come from the public tables: "
            "`python -m melanoma evaluate RUN --data DATA` adds them."
        )
    column = st.selectbox("Estimate", columns, key="forest-group")
    st.markdown(describe_weakest(rows, column, result_charts.SMALL))
    note = (
        f"{column[0].upper()}{column[1:]} with 95 % intervals. n: the photos that it is of, malignant ones for "
        f"sensitivity and benign ones for specificity. Grey: fewer than {result_charts.SMALL}. Both are of malignant "
        "lesions at the default operating point. Groups also differ in their mixture of diagnoses and sources: a "
        "difference is not the work of age, sex or site alone."
    )
    words = f"{'; '.join(describe_groups(rows, column))}. {note}"
    figure = group_dots(rows, column, whole_estimate(evaluation, column))
    draw_chart(figure, words, rows, "forest-groups")
    st.caption(note)
    with st.expander("All estimates of every group"):
        written, few = write_estimates(rows), rows["photos"] < result_charts.SMALL
        grey = written.style.apply(lambda row: ["color: #808C94" if few[row.name] else ""] * len(row), axis=1)
        draw_table(written, "Test results by group", "per-group", styled=grey)


def show_operating_points(calibration: KindCalibration) -> None:
    """Thresholds with what they have meant on test photos."""
    points = write_estimates(tabulate_operating_points(calibration))
    draw_table(points, "Operating points with test sensitivity and specificity", "operating-points")
    st.caption("Thresholds were chosen on validation photos. Sensitivity and specificity are of test photos.")
