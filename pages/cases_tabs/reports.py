"""The reports of a visit: made from its photos, stored, and downloaded as often as wanted."""

from __future__ import annotations

from functools import partial

import streamlit as st

from melanoma.casebook import Answer, Case, Casebook, Report, Visit, Writer
from melanoma.documents.case import TEXT, CaseDetails
from melanoma.documents.cases import describe_reading, name_place, write_time
from melanoma.documents.report import Report as AnswerReport
from melanoma.documents.report import ReportedPhoto
from melanoma.documents.report_pdf import as_pdf
from melanoma.run import Run
from melanoma.serving import answer_lesion
from pages.cases_tabs.visit_photos import VisitPhotos
from pages.parts.answer import answer_photo, predict_photo
from pages.parts.cases_view import CasesView
from pages.parts.open_casebook import save
from pages.parts.other_systems import offer_to_other_systems
from pages.parts.session import get_session


def show_reports(
    book: Casebook, view: CasesView, case: Case, visit: Visit, answer: Answer, photos: VisitPhotos, run: Run | None
) -> None:
    """Those that were made, and how to make one."""
    with st.container(horizontal=True, vertical_alignment="center", key=f"reports-{visit.id}"):
        for report in (one for one in case.reports if one.visit_id == visit.id):
            st.download_button(
                f"{report.format} of {write_time(report.made)}",
                partial(book.content, report.sha256),
                f"report-{report.sha256[:8]}.{report.format.lower()}",
                "application/pdf",
                on_click="ignore",
                key=f"report-{report.id}",
                icon=":material/download:",
            )
        if reason := why_no_report(answer, photos, run):
            st.caption(reason)
        elif st.button(
            "Make a report", key=f"make-report-{visit.id}", icon=":material/picture_as_pdf:", disabled=not view.reader
        ):
            assert run is not None
            content = as_pdf(compose_report(view, case, visit, answer, photos, run), get_session().paper)

            def keep(writer: Writer) -> None:
                sha256 = writer.keep(content)
                writer.add(Report(visit_id=visit.id, answer_id=answer.id, who=view.reader, format="PDF", sha256=sha256))

            save(book, keep, "The report is in the casebook. Download it at its visit.")
            st.rerun()
        if not reason and run is not None:
            ways = st.popover(
                "For other systems", icon=":material/share:", key=f"other-systems-{visit.id}", on_change="rerun"
            )
            if ways.open:  # only then is the answer computed again
                one = compose_report(view, case, visit, answer, photos, run, for_patient=True)
                with ways:
                    offer_one(one, visit)


def offer_one(report: AnswerReport, visit: Visit) -> None:
    """A report for other systems."""
    photo, paper = report.picture, get_session().paper
    names = (photo.name, photo.photo.sha256[:8])
    offer_to_other_systems(lambda: report, lambda: paper, report.case.reference, names, f"visit-{visit.id}")
    st.caption(
        "Who the patient is, is in them only as the patient's reference. The photo holds its pixels as they are. "
        "The casebook does not keep these files."
    )


def why_no_report(answer: Answer, photos: VisitPhotos, run: Run | None) -> str:
    """What is missing for a report of the stored answer; empty where it can be made."""
    if not photos.photos:
        return "A report needs the photos: open them again."
    if {photo.sha256 for photo in photos.photos} != set(answer.photos):
        return "These are not the photos of the answer. A report needs those."
    if run is None or run.sha256 != answer.run_sha256:
        return "Another network answers now than then. A report of this answer cannot be made any more."
    return ""


def compose_report(
    view: CasesView,
    case: Case,
    visit: Visit,
    answer: Answer,
    photos: VisitPhotos,
    run: Run,
    *,
    for_patient: bool = False,
) -> AnswerReport:
    """Of the answer that is stored, with what was read before and after it.

    for_patient: the case reference is the patient's alone, by which other systems find them.
    """
    file, photo = photos.files[0], photos.photos[0]
    point = answer.operating_point
    shown = answer_photo(file.name, photo, run, point)
    predictions = [predict_photo(one, run, point) for one in photos.photos]
    prediction = answer_lesion(shown.classifier, predictions, point)
    readings = [one for one in case.readings if one.visit_id == visit.id]
    findings = [
        f"{'After' if one.after_support else 'Before'} the network's answer: {describe_reading(one)}"
        for one in readings
    ]
    place, label = name_place(case.lesion), f"lesion {case.lesion.label}"
    return AnswerReport(
        photos=tuple(
            ReportedPhoto(one.name, pixels, own)
            for one, pixels, own in zip(photos.files, photos.photos, predictions, strict=True)
        ),
        prediction=prediction,
        prediction_set=shown.prediction_set,
        run=run,
        heatmap=shown.heatmaps[prediction.top],
        scale_peak=shown.scale_peak,
        case=CaseDetails(
            reference=case.patient.reference if for_patient else f"{case.patient.reference}, {label}",
            site=f"{place}, {label}" if for_patient else place,
            photographed=visit.date,
            findings="\n".join(findings)[:TEXT],
            name=view.reader,
        ),
        prevalence=get_session().prevalence,
    )
