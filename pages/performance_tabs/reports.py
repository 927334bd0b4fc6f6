"""The reports at the end of the test results: robustness, out-of-distribution photos, heatmaps, sources."""

import pandas as pd
import streamlit as st

from melanoma.charts.reports import dot_plot
from melanoma.documents import findings, findings_faithfulness
from melanoma.documents.wording import LESION_ATTENTION
from melanoma.evaluation.tables import flatten
from melanoma.run import Evaluation, Run
from melanoma.run.evaluation import OutOfDistribution, Robustness, SourceProbe
from melanoma.run.faithfulness import Faithfulness
from pages.parts.widgets import draw_chart, draw_table, write_list
from pages.performance_tabs.section import Section

FAITHFULNESS = "Faithfulness of the heatmaps"


def list_clinical_reports(run: Run, evaluation: Evaluation) -> list[Section]:
    """Those that were made on clinical photos."""
    faithfulness = evaluation.clinical_faithfulness
    if faithfulness is None:
        return []

    def show() -> None:
        show_faithfulness(run, faithfulness)
        st.caption("No public source has lesion masks of clinical photos: where these maps lie is not measured.")

    return [Section(FAITHFULNESS, show)]


def list_reports(run: Run, evaluation: Evaluation) -> list[Section]:
    """Those that were made on dermoscopic photos."""
    sections = []
    if robustness := evaluation.robustness:
        sections.append(Section("Robustness", lambda: show_robustness(robustness)))
    if others := evaluation.out_of_distribution:
        sections.append(Section("Out-of-distribution photos", lambda: show_out_of_distribution(others)))
    if faithfulness := evaluation.faithfulness:
        sections.append(Section(FAITHFULNESS, lambda: show_faithfulness(run, faithfulness)))
    if probe := evaluation.source_probe:
        sections.append(Section("Source probe", lambda: show_source_probe(probe)))
    return sections


def show_all_estimates(report: Robustness | OutOfDistribution | Faithfulness | SourceProbe, name: str) -> None:
    """Every estimate of a report, and the command that made it."""
    with st.expander("All estimates"):
        draw_table(flatten(report), f"All estimates: {name.replace('-', ' ')}", f"{name}-estimates")
        if isinstance(report, Faithfulness):
            st.code(report.command, language="bash", wrap_lines=True)


def draw_dots(
    rows: pd.DataFrame,
    title: str,
    sentences: list[str],
    name: str,
    *,
    shares: bool = False,
    reference: float | None = None,
    span: tuple[float, float] | None = None,
) -> None:
    """A chart of dots, if there is anything to draw. Its words are the sentences and every value."""
    if rows.empty:
        return
    words = " ".join([*sentences, f"{title}:", findings.describe_rows(rows, shares=shares)])
    draw_chart(dot_plot(rows, title, percent=shares, reference=reference, span=span), words, rows, name)


def show_robustness(report: Robustness) -> None:
    """What changes the answer though the lesion stays the same."""
    sentences = findings.describe_robustness(report)
    write_list(sentences)
    change = st.segmented_control(
        "What changes",
        list(findings.CHANGES),
        default="decision",
        required=True,
        key="robustness-change",
        format_func=lambda change: findings.CHANGES[change],
    )
    title = f"share of photos: {findings.CHANGES[change]}"
    draw_dots(findings.tabulate_robustness(report, change), title, sentences, "robustness", shares=True)
    st.caption(
        f"{report.photos:,} test photos, decisions at the high sensitivity point, 95 % intervals. "
        "Artefacts are real cut-outs that training never showed. Beside each lie two changes of the same size "
        "without meaning. Warmer and cooler: red and blue 10 % up and down."
    )
    show_all_estimates(report, "robustness")


def show_out_of_distribution(report: OutOfDistribution) -> None:
    """Whether the network is less sure where it should be."""
    sentences = findings.describe_out_of_distribution(report)
    write_list(sentences)
    rows = findings.tabulate_out_of_distribution(report)
    draw_dots(rows, "share, or probability", sentences, "out-of-distribution", shares=True)
    st.caption(
        "The network alone, without the check of photo quality that stands before it in the app. Blur, colours and "
        "framing were changed on the lesion photos themselves. Only the everyday photos show no skin."
    )
    show_all_estimates(report, "out-of-distribution")


def show_faithfulness(run: Run, report: Faithfulness) -> None:
    """Where the maps lie, if that was measured, and whether the answer rests on those places."""
    if run.is_lesion_attentive:
        st.info(LESION_ATTENTION, icon=":material/center_focus_weak:")
    sentences = findings_faithfulness.describe_faithfulness(report)
    write_list(sentences)
    rows = findings_faithfulness.tabulate_methods(report)
    on_lesion = rows["group"].isin(findings_faithfulness.ON_LESION)
    columns = st.columns(2 if on_lesion.any() else 1, gap="large")
    if on_lesion.any():
        with columns[0]:
            show_localisation(report, rows[on_lesion], sentences)
    with columns[-1]:
        st.subheader("Does the answer rest on it?")
        draw_dots(rows[~on_lesion].reset_index(drop=True), "value", sentences, "faithfulness-use")
    st.caption(findings_faithfulness.EXPLANATION)
    show_all_estimates(report, "faithfulness")


def show_localisation(report: Faithfulness, rows: pd.DataFrame, sentences: list[str]) -> None:
    """Where the maps lie; of the default method also for right and wrong answers."""
    st.subheader("Does it lie on the lesion?")
    draw_dots(rows.reset_index(drop=True), "value", sentences, "faithfulness")
    method = findings_faithfulness.find_default_method(report)
    if method and len(answers := findings_faithfulness.tabulate_answers(report, method)):
        st.subheader(f"{findings_faithfulness.name_method(method)}, right and wrong answers")
        draw_dots(answers, "value", [], "faithfulness-answers")


def show_source_probe(report: SourceProbe) -> None:
    """How much the network knows of where a photo comes from."""
    sentences = findings.describe_source_probe(report)
    write_list(sentences)
    rows = findings.tabulate_source_probe(report)
    draw_dots(rows, "AUC", sentences, "source-probe", reference=report.chance, span=(0.4, 1))
    st.caption(
        f"{report.chance:g} (dotted) would mean that nothing of the camera was kept. The nearer to 1, the less an "
        "estimate of one source says about photos from elsewhere. What a clinician reads rests on the nine answers."
    )
    show_all_estimates(report, "source-probe")
