"""The reports at the end of the test results: robustness, unlike photos, heatmaps, sources."""

from collections.abc import Callable

import pandas as pd
import streamlit as st

from melanoma.charts.reports import dots
from melanoma.documents import findings as report_tables
from melanoma.documents import findings_heatmaps as report_heatmaps
from melanoma.documents import wording
from melanoma.evaluation import tables as results
from melanoma.run import folder as runs
from pages.parts.widgets import chart, table


def sections(run: runs.Run) -> None:
    """Those of the reports that this run has."""
    evaluation = run.evaluation or {}
    drawn: dict[str, tuple[str, Callable[[dict], None]]] = {
        "robustness": ("Robustness", robustness),
        "unfamiliar": ("Photos unlike the training photos", unfamiliar),
        "faithfulness": ("Faithfulness of the heatmaps", faithfulness),
        "source_probe": ("Source probe", source_probe),
    }
    for key, (title, section) in drawn.items():
        if report := evaluation.get(key):
            st.header(title, anchor=False)
            if key == "faithfulness" and run.taught_places:
                st.info(wording.TAUGHT_PLACES, icon=":material/school:")
            section(report)
            with st.expander("All measured figures"):
                table(results.flattened(report), f"{title}: all measured figures", f"{key}-figures")
                if report.get("command"):
                    st.code(report["command"], language="bash")


def told(sentences: list[str]) -> None:
    if sentences:
        st.markdown("\n".join(f"- {sentence}" for sentence in sentences))


def drawing(rows: pd.DataFrame, title: str, sentences: list[str], name: str, **more) -> None:
    """A chart of dots, if there is anything to draw; its words are the sentences and every value."""
    if rows.empty:
        return
    words = " ".join([*sentences, f"{title}:", report_tables.row_words(rows)])
    chart(dots(rows, title, **more), words, rows, name)


@st.fragment
def robustness(report: dict) -> None:
    sentences = report_tables.robustness_sentences(report)
    told(sentences)
    changes = report_tables.CHANGES
    change = st.segmented_control(
        "What changes", list(changes), default="decision", required=True, key="robustness-change",
        format_func=changes.get,
    )  # fmt: skip
    title = f"share of photos: {changes[change]}"
    drawing(report_tables.robustness(report, change), title, sentences, "robustness", percent=True)
    st.caption(
        f"{report.get('photos', '?')} test photos, decisions at the high-sensitivity point, 95 % intervals. "
        "Artefacts are real cut-outs that training never showed; each lies beside two changes of the same size "
        "without meaning. Warmer and cooler: red and blue 10 % up and down."
    )


def unfamiliar(report: dict) -> None:
    sentences = report_tables.unfamiliar_sentences(report)
    told(sentences)
    drawing(report_tables.unfamiliar(report), "share, or probability", sentences, "unfamiliar", percent=True)
    st.caption(
        "The network alone, without the check of photo quality that stands before it in the app. Blur, colours and "
        "framing were changed on the lesion photos themselves; only the everyday photos show no skin."
    )


def faithfulness(report: dict) -> None:
    sentences = report_heatmaps.sentences(report)
    told(sentences)
    every = report_heatmaps.by_method(report)
    on_lesion = every["group"].isin(report_heatmaps.ON_LESION)
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader("Does it lie on the lesion?", anchor=False)
        drawing(every[on_lesion].reset_index(drop=True), "value", sentences, "faithfulness")
        method = report_heatmaps.default_method(report)
        rows = report_heatmaps.by_answer(report, method)
        if len(rows):
            st.subheader(f"{report_heatmaps.method_name(method)}, right and wrong answers", anchor=False)
            drawing(rows, "value", [], "faithfulness-answers")
    with right:
        st.subheader("Does the answer rest on it?", anchor=False)
        drawing(every[~on_lesion].reset_index(drop=True), "value", sentences, "faithfulness-use")
    st.caption(report_heatmaps.EXPLAINED)


def source_probe(report: dict) -> None:
    sentences = report_tables.source_sentences(report)
    told(sentences)
    chance = report.get("chance", 0.5)
    rows = report_tables.source_probe(report)
    drawing(rows, "AUC", sentences, "source-probe", reference=chance, span=(0.4, 1))
    st.caption(
        f"{chance:g} (dotted) would mean that nothing of the camera was kept. The nearer to 1, the less a figure "
        "measured in one archive says about photos from elsewhere. What a clinician is told rests on the nine answers."
    )
