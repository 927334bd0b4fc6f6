"""The answer to take away, from Analyze: the one place on screen that offers it."""

import streamlit as st

from pages.parts.answer import Answer


def offer_documents(answer: Answer, code: str) -> None:
    """The answer as PDF, CSV and JSON, each made when it is asked for."""
    from melanoma.documents import answer as documents  # noqa: PLC0415 (late: with the first answer)

    name, photo, prediction = answer.name, answer.photo, answer.prediction
    photos, lesion = answer.lesion or ((name, photo, prediction),), prediction if answer.lesion else None
    heatmap, peak = answer.heatmaps[code], answer.scale_peak
    with st.container(horizontal=True):
        for label, mime, make in (
            (
                "PDF",
                "application/pdf",
                lambda: documents.as_pdf(
                    name, photo, prediction, answer.prediction_set, heatmap=heatmap, scale_peak=peak
                ),
            ),
            ("CSV", "text/csv", lambda: documents.as_csv(photos, lesion)),
            ("JSON", "application/json", lambda: documents.as_json(photos, lesion)),
        ):
            st.download_button(
                label,
                make,
                f"report-{photo.sha256[:8]}.{label.lower()}",
                mime,
                on_click="ignore",
                icon=":material/download:",
                key=f"document-{label.lower()}",
            )
