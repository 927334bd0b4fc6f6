"""A part of a case: one visit, from its photos over the own reading to the answer, the revision and the report."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from melanoma.casebook import Answer, Case, Casebook, Reading, StoredPhoto, Visit, Writer
from melanoma.casebook.records import now
from melanoma.documents.cases import describe_reading
from melanoma.documents.wording import escape_markdown
from melanoma.run import Run
from pages.cases_tabs.reading_form import Opinion, ask_opinion
from pages.cases_tabs.reports import show_reports
from pages.cases_tabs.stored_answer import show_answer
from pages.cases_tabs.visit_photos import VisitPhotos, show_photos, take_photos
from pages.parts.cases_view import CasesView
from pages.parts.open_casebook import save
from pages.parts.session import WidgetValue, get_session


def show_visit(book: Casebook, case: Case, visit: Visit, run: Run | None) -> None:
    """Photos on the left, what was and is thought of them on the right."""
    view = get_session().cases
    answers = [one for one in case.answers if one.visit_id == visit.id]
    readings = [one for one in case.readings if one.visit_id == visit.id]
    if visit.note:
        st.caption(escape_markdown(visit.note))
    left, right = st.columns([2, 3], gap="large")
    with left:
        photos = show_photos(book, case, visit, run)
        if not photos.photos:
            take_photos(view, visit, is_answered=bool(answers))
    with right:
        for reading in readings:
            when = "After the network's answer" if reading.after_support else "Before the network's answer"
            st.markdown(f"**{when}.** {escape_markdown(describe_reading(reading))}")
            for rule in reading.criteria:
                st.caption(f"{rule.rule}: {rule.score:g}")
        if answers:
            show_answer(book, view, answers[-1])
            go_on(book, view, visit, answers[-1], readings)
        elif photos.photos:
            begin(book, view, visit, photos, readings)
    if answers:
        show_reports(book, view, case, visit, answers[-1], photos, run)


def begin(book: Casebook, view: CasesView, visit: Visit, photos: VisitPhotos, readings: Sequence[Reading]) -> None:
    """The own reading, and the answer: after it, or before it where the visitor does not want to read first."""
    keep: WidgetValue[bool] = WidgetValue(f"keep-photos-{visit.id}", False)
    opinion, answers = None, photos.prediction is not None
    after = not view.reads_first and answers
    if readings:
        st.caption("The reading is saved. The answer is not yet.")
    else:
        if after:
            show_answer(None, view, photos.make_answer(visit.id))
        st.markdown("**Your reading, with the answer above**" if after else "**Your reading**")
        opinion = ask_opinion(f"reading-{visit.id}")
    st.checkbox("Keep the photos in the casebook", key=keep.key, help="Else only their SHA-256 is kept.")
    labels = {
        (True, False): "Save my reading, show the probabilities",
        (True, True): "Save my reading and the answer",
        (False, False): "Save my reading",
    }
    st.button(
        "Show the probabilities" if readings else labels[answers, after],
        on_click=save_first,
        args=(book, view, visit, photos, opinion, after, keep),
        key=f"save-reading-{visit.id}",
        type="primary",
        icon=":material/save:",
        disabled=not view.reader or (opinion is None and not readings) or bool(readings and not answers),
    )


def save_first(
    book: Casebook,
    view: CasesView,
    visit: Visit,
    photos: VisitPhotos,
    opinion: Opinion | None,
    after: bool,
    keep: WidgetValue[bool],
) -> None:
    """The reading and the answer in one transaction; the photos with them where they are to be kept."""

    def write(writer: Writer) -> None:
        before = None if after else opinion
        if before:
            writer.add(make_reading(view, visit, before))
        answer = writer.add(photos.make_answer(visit.id)) if photos.prediction is not None else None
        if after and opinion and answer:
            writer.add(make_reading(view, visit, opinion, answer))
        if keep.get():
            for file, photo, kind in photos.list_kinds():
                sha256 = writer.keep(file.data)
                writer.add(StoredPhoto(visit_id=visit.id, sha256=sha256, format=photo.format, kind=kind))

    save(book, write, "Your reading is in the casebook." if opinion else "The answer is in the casebook.")


def make_reading(
    view: CasesView, visit: Visit, opinion: Opinion, answer: Answer | None = None, revises: Reading | None = None
) -> Reading:
    """answer: that was seen before, None for none; the time counts from when the photos were opened."""
    opened = view.visit(visit.id).opened
    return Reading(
        visit_id=visit.id,
        reader=view.reader,
        role=view.role,
        **vars(opinion),
        after_support=answer is not None,
        answer_id=answer.id if answer else None,
        revises=revises.id if revises else None,
        seconds=(now() - opened).total_seconds() if opened and revises is None else None,
    )


def go_on(book: Casebook, view: CasesView, visit: Visit, answer: Answer, readings: Sequence[Reading]) -> None:
    """Keep or revise what was read before the answer; or a first reading after it."""
    opened, last = view.visit(visit.id), readings[-1] if readings else None
    if last is None or opened.revises:
        st.markdown("**Your reading, with the answer above**")
        opinion = ask_opinion(f"revision-{visit.id}-{len(readings)}", last)
        st.button(
            "Save my reading",
            on_click=save_after,
            args=(book, view, visit, opinion, answer, last),
            key=f"save-revision-{visit.id}",
            type="primary",
            icon=":material/save:",
            disabled=not view.reader or opinion is None,
        )
        return
    with st.container(horizontal=True):
        if not last.after_support:
            same = Opinion(last.diagnosis, last.confidence, last.management, last.criteria)
            st.button(
                "Keep my reading",
                on_click=save_after,
                args=(book, view, visit, same, answer, last),
                key=f"keep-reading-{visit.id}",
                icon=":material/check:",
                disabled=not view.reader,
            )
        st.button(
            "Revise it",
            on_click=lambda: setattr(opened, "revises", True),
            key=f"revise-{visit.id}",
            icon=":material/edit:",
        )


def save_after(
    book: Casebook, view: CasesView, visit: Visit, opinion: Opinion, answer: Answer, last: Reading | None
) -> None:
    """One more reading, made with the answer in sight."""

    def write(writer: Writer) -> None:
        writer.add(make_reading(view, visit, opinion, answer, last))

    opened = view.visit(visit.id)
    save(book, write, "Your reading is in the casebook.", then=lambda: setattr(opened, "revises", False))
