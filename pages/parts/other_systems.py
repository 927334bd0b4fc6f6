"""A report for a picture archive and for an information system, from Analyze and from a visit of a case."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from melanoma.documents.case import Paper
    from melanoma.documents.report import Report


def offer_to_other_systems(
    compose: Callable[[], Report], paper: Callable[[], Paper], reference: str, photo: tuple[str, str], key: str
) -> None:
    """DICOM and FHIR, each made when it is asked for. compose, paper: are called at the click, outside of the script.

    reference: of the case, as it would stand there; photo: its file's name, and what to call it without one; key:
    begins those of the buttons.
    """
    from melanoma.documents.file_names import name_report  # noqa: PLC0415 (late: with the first answer)
    from melanoma.documents.report_dicom import why_not_dicom  # noqa: PLC0415

    reason = why_not_dicom(reference)
    ways: tuple[tuple[str, str, str, Callable[[], str | bytes]], ...] = (
        ("DICOM, the report", "pdf.dcm", "application/dicom", lambda: write_dicom_pdf(compose(), paper())),
        ("DICOM, the photo", "photo.dcm", "application/dicom", lambda: write_dicom_photo(compose())),
        ("FHIR R4, the report", "fhir.json", "application/fhir+json", lambda: write_fhir(compose())),
    )
    name, fallback = photo
    for label, suffix, mime, make in ways:
        st.download_button(
            label,
            make,
            name_report(name, suffix, fallback=fallback),
            mime,
            on_click="ignore",
            icon=":material/download:",
            key=f"{key}-{suffix}",
            width="stretch",
            disabled=bool(reason) and suffix.endswith("dcm"),
        )
    if reason:
        st.warning(reason)


def write_dicom_pdf(report: Report, paper: Paper) -> bytes:
    from melanoma.documents.report_dicom import as_dicom_pdf  # noqa: PLC0415

    return as_dicom_pdf(report, paper)


def write_dicom_photo(report: Report) -> bytes:
    from melanoma.documents.report_dicom import as_dicom_photo  # noqa: PLC0415

    return as_dicom_photo(report)


def write_fhir(report: Report) -> str:
    from melanoma.documents.report_fhir import as_fhir  # noqa: PLC0415

    return as_fhir(report)
