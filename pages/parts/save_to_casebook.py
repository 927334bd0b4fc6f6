"""From Analyze into the casebook: the answer on the page becomes one of a visit. Only where that is on."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

import streamlit as st

from melanoma.casebook import Casebook, CasebookError, Lesion, Patient, StoredPhoto, Visit, Writer
from melanoma.casebook.answers import make_answer
from melanoma.casebook.records import LINE
from melanoma.casebook.vocabulary import SIDES, SITE_CODES, SITE_NAMES
from melanoma.documents.cases import name_place
from pages.parts.answer import Answer
from pages.parts.cases_view import CasesView
from pages.parts.open_casebook import find_casebook, save
from pages.parts.reader_id import ask_reader
from pages.parts.session import get_session


@dataclass(frozen=True)
class Target:
    """Where the answer goes: a lesion that is known, or a new one of a patient who may be new too."""

    reference: str
    lesion: Lesion | None
    label: str = ""
    site: str | None = None
    side: str = ""

    @property
    def is_complete(self) -> bool:
        """Whether nothing is missing."""
        return bool(self.reference) and (self.lesion is not None or bool(self.label and self.site))


def offer_casebook(answer: Answer) -> None:
    """A button whose form names patient and lesion; nothing where the casebook is off."""
    view = get_session().cases
    try:
        if book := find_casebook():
            key = f"casebook-{answer.key}-{view.saved}"
            with st.popover("Save to the casebook", icon=":material/folder_shared:", key=key):
                ask_where(book, view, answer)
    except CasebookError as error:
        st.caption(f":material/error: {error}")
    if view.failed:
        st.error(view.failed, icon=":material/error:")
    elif view.done:
        st.success(view.done, icon=":material/check:")
        st.page_link("pages/cases.py", label="Open the case", icon=":material/folder_shared:")
    view.done = view.failed = ""


def ask_where(book: Casebook, view: CasesView, answer: Answer) -> None:
    """Who saves, whose lesion it is, and whether the photos are kept."""
    ask_reader(view, "analyze-reader")
    target = ask_target(book, answer)
    keep = st.checkbox("Keep the photos in the casebook", key=f"casebook-keep-{answer.key}")
    st.button(
        "Save",
        on_click=save_answer,
        args=(book, view, answer, target, keep),
        key=f"casebook-save-{answer.key}",
        type="primary",
        icon=":material/save:",
        disabled=not view.reader or not target.is_complete,
    )


def ask_target(book: Casebook, answer: Answer) -> Target:
    """The patient's reference; then one of the patient's lesions, or a new one."""
    key = f"casebook-{answer.key}"
    reference = st.text_input("Patient's reference", key=f"{key}-reference", max_chars=LINE).strip()
    patients = book.find(Patient, reference=reference) if reference else ()
    lesions = book.find(Lesion, patient_id=patients[0].id) if patients else ()
    lesion = None
    if lesions:
        lesion = st.selectbox(
            "Lesion",
            [*lesions, None],
            format_func=lambda one: f"{one.label}, {name_place(one)}" if one else "a new one",
            key=f"{key}-lesion",
        )
    if lesion is not None:
        return Target(reference, lesion)
    label = st.text_input("Lesion's label", key=f"{key}-label", max_chars=LINE).strip()
    site = st.selectbox("Body site", SITE_CODES, None, SITE_NAMES.__getitem__, key=f"{key}-site", placeholder="Choose")
    side = st.segmented_control("Side of the body", SIDES, key=f"{key}-side")
    return Target(reference, None, label, site, side or "")


def save_answer(book: Casebook, view: CasesView, answer: Answer, target: Target, keep: bool) -> None:
    """Patient and lesion where they are new, today's visit, the answer, and the photos where they are to be kept."""
    photos = answer.lesion or ((answer.name, answer.photo, answer.prediction),)
    files = {photo.sha256: photo.data for photo in get_session().photos.photos}
    made: list[str] = []

    def write(writer: Writer) -> None:
        lesion = target.lesion or add_lesion(book, writer, target)
        made.append(lesion.id)
        today = datetime.datetime.now(datetime.UTC).date()
        visits = [visit for visit in book.find(Visit, lesion_id=lesion.id) if visit.date == today]
        visit = visits[-1] if visits else writer.add(Visit(lesion_id=lesion.id, date=today))
        writer.add(make_answer(visit.id, answer.prediction, [photo for _, photo, _ in photos]))
        for _, photo, prediction in photos if keep else ():
            sha256 = writer.keep(files[photo.sha256])
            writer.add(StoredPhoto(visit_id=visit.id, sha256=sha256, format=photo.format, kind=prediction.kind_name))

    save(book, write, "The answer is in the casebook.", then=lambda: view.open_case(made[0]))


def add_lesion(book: Casebook, writer: Writer, target: Target) -> Lesion:
    """The patient is added too where nobody has this reference."""
    assert target.site is not None
    known = book.find(Patient, reference=target.reference)
    patient = known[0] if known else writer.add(Patient(reference=target.reference))
    return writer.add(Lesion(patient_id=patient.id, label=target.label, site=target.site, side=target.side))
