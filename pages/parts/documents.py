"""The answer to take away, from Analyze: the one place on screen that offers it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from pages.parts.answer import Answer
from pages.parts.other_systems import offer_to_other_systems
from pages.parts.report_form import ReportChoices, ask_for_details

if TYPE_CHECKING:
    from melanoma.documents.report import Report


def offer_documents(answer: Answer, code: str) -> None:
    """The answer as PDF, CSV and JSON, each made when it is asked for; code: of the diagnosis whose map is printed."""
    from melanoma.documents import answer as rows  # noqa: PLC0415 (late: with the first answer)
    from melanoma.documents.file_names import name_report  # noqa: PLC0415

    choices = ask_for_details()
    photos = answer.lesion or ((answer.name, answer.photo, answer.prediction),)
    ways: tuple[tuple[str, str, Callable[[], str | bytes]], ...] = (
        ("PDF", "application/pdf", lambda: write_pdf(answer, code, choices)),
        ("CSV", "text/csv", lambda: rows.as_csv(photos, answer.prediction if answer.lesion else None)),
        ("JSON", "application/json", lambda: write_json(answer, code, choices)),
    )
    with st.container(horizontal=True):
        for label, mime, make in ways:
            st.download_button(
                label,
                make,
                name_report(photos[0][0], label.lower(), others=len(photos) - 1, fallback=answer.photo.sha256[:8]),
                mime,
                on_click="ignore",
                icon=":material/download:",
                key=f"document-{label.lower()}",
            )
        with st.popover("For other systems", icon=":material/share:"):
            photo = (answer.name, answer.photo.sha256[:8])
            compose = partial(compose_report, answer, code, choices)
            offer_to_other_systems(compose, lambda: choices.paper, choices.case.reference, photo, "document")
            st.caption(
                "Who the patient is, is in them only as the case reference above. "
                "The photo holds its pixels as they are."
            )


def write_pdf(answer: Answer, code: str, choices: ReportChoices) -> bytes:
    from melanoma.documents.report_pdf import as_pdf  # noqa: PLC0415

    return as_pdf(compose_report(answer, code, choices), choices.paper)


def write_json(answer: Answer, code: str, choices: ReportChoices) -> str:
    from melanoma.documents.report_json import as_json  # noqa: PLC0415

    return as_json(compose_report(answer, code, choices))


def compose_report(answer: Answer, code: str, choices: ReportChoices) -> Report:
    """The report as it is asked for: with what stands in the form at the click, not when the button was drawn."""
    from melanoma.documents.report import Report, ReportedPhoto  # noqa: PLC0415

    shown = (answer.name, answer.photo.sha256)
    photos = tuple(ReportedPhoto(*photo) for photo in answer.lesion)
    return Report(
        photos=photos or (ReportedPhoto(answer.name, answer.photo, answer.prediction),),
        pictured=next((i for i, one in enumerate(photos) if (one.name, one.photo.sha256) == shown), 0),
        prediction=answer.prediction,
        prediction_set=answer.prediction_set,
        run=answer.run,
        heatmap=answer.heatmaps[code],
        scale_peak=answer.scale_peak,
        case=choices.case,
        prevalence=choices.prevalence,
    )
