"""Forms that change what is stored of a patient, a lesion or a visit, held against the version that was opened."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import streamlit as st

from melanoma.casebook import Case, Casebook, Lesion, Patient, Visit, Writer
from melanoma.casebook.records import LINE, TEXT, Record
from melanoma.casebook.vocabulary import SEXES, SIDES, SITE_CODES, SITE_NAMES
from melanoma.documents.cases import count, name_field
from melanoma.documents.wording import escape_markdown
from pages.cases_tabs.deletion import ask_to_delete
from pages.parts.cases_view import CasesView, Edit, Question
from pages.parts.open_casebook import save
from pages.parts.session import WidgetValue

DELETED = "Somebody deleted this after you opened it. What you wrote is not saved. Copy it from here."
Field = Callable[[str, str], Any]  # draws a field of a form, by its label and key


def _write_line(label: str, key: str) -> None:
    st.text_input(label, key=key, max_chars=LINE)


def _write_text(label: str, key: str) -> None:
    st.text_area(label, key=key, max_chars=TEXT, height=90)


def _choose_date(label: str, key: str) -> None:
    st.date_input(label, key=key, format="YYYY-MM-DD")


def _choose_of(*options: Any, names: dict | None = None) -> Field:
    def choose(label: str, key: str) -> None:
        st.selectbox(label, options, format_func=lambda one: str((names or {}).get(one, one) or "not known"), key=key)

    return choose


def _write_year(label: str, key: str) -> None:
    st.number_input(label, 1880, 2100, key=key)


FIELDS: dict[type[Record], dict[str, Field]] = {
    Patient: {
        "reference": _write_line,
        "birth_year": _write_year,
        "sex": _choose_of("", *SEXES),
        "skin_type": _choose_of(None, *range(1, 7)),
        "note": _write_text,
    },
    Lesion: {
        "label": _write_line,
        "site": _choose_of(*SITE_CODES, names=SITE_NAMES),
        "side": _choose_of("", *SIDES),
        "note": _write_text,
    },
    Visit: {"date": _choose_date, "reason": _write_line, "follow_up_due": _choose_date, "note": _write_text},
}


def offer_edits(book: Casebook, view: CasesView, case: Case) -> None:
    """What may be changed of the patient and the lesion."""
    for facts in filter(None, (describe_patient(case.patient), case.lesion.note)):
        st.caption(escape_markdown(facts))
    with st.container(horizontal=True):
        for record, name in ((case.patient, "patient"), (case.lesion, "lesion")):
            _offer_edit(view, record, f"Edit {name}")
    for record in (case.patient, case.lesion):
        _show_form(book, view, record)


def describe_patient(patient: Patient) -> str:
    """What is known of a patient, in one line; empty for nothing."""
    known = [f"born {patient.birth_year}" if patient.birth_year else "", patient.sex]
    known += [f"skin type {patient.skin_type}" if patient.skin_type else "", patient.note]
    return ", ".join(filter(None, known))


def offer_visit_edits(book: Casebook, view: CasesView, case: Case, visit: Visit) -> None:
    """What may be changed of a visit, and its deletion."""
    with st.container(horizontal=True):
        _offer_edit(view, visit, "Edit visit")
        photos = sum(one.visit_id == visit.id for one in case.photos)
        ask_to_delete(
            book, view, visit, "visit", f"this visit with its readings, answers, reports and {count(photos, 'photo')}"
        )
    _show_form(book, view, visit)


def _offer_edit(view: CasesView, record: Record, label: str) -> None:
    st.button(
        label,
        on_click=lambda: setattr(view, "edit", Edit(record.id)),
        key=f"edit-{record.id}",
        icon=":material/edit:",
        type="tertiary",
        disabled=not view.reader,
    )


def _show_form(book: Casebook, view: CasesView, record: Record) -> None:
    """The form of a record that is being edited: it begins with what was stored when it was opened."""
    if view.edit is None or view.edit.record_id != record.id:
        return
    base = view.edit.base = view.edit.base or record
    widgets = name_widgets(base)
    with st.container(border=True, key=f"form-{base.id}"):
        for name, draw in FIELDS[type(base)].items():
            widgets[name].get()
            label = name_field(name)
            draw(label[0].upper() + label[1:], widgets[name].key)
        with st.container(horizontal=True):
            st.button(
                "Save", on_click=save_edit, args=(book, view, base, widgets), type="primary", key=f"save-{base.id}"
            )
            st.button("Cancel", on_click=lambda: setattr(view, "edit", None), key=f"cancel-{base.id}")


def name_widgets(base: Record) -> dict[str, WidgetValue[Any]]:
    """By field, what its widget holds: at first what is stored."""
    return {
        name: WidgetValue(f"edit-{base.id}-{base.version}-{name}", getattr(base, name)) for name in FIELDS[type(base)]
    }


def read_form(base: Record, widgets: dict[str, WidgetValue[Any]]) -> Record:
    """The record as the form has it. Raises Invalid."""
    values = {name: _strip(widget.get()) for name, widget in widgets.items()}
    if isinstance(base, Lesion) and (values["site"], values["side"]) != (base.site, base.side):
        values |= {"view": "", "x": None, "y": None}  # the place on the map was of the other site
    return replace(base, **values)


def keep_lost_edit(view: CasesView, case: Case | None) -> None:
    """Where what is being edited was deleted meanwhile, show what was written, so that nothing is lost.

    case: the one that is open; None where all of it was deleted.
    """
    records = (case.patient, case.lesion, *case.visits) if case else ()
    if view.edit is None or view.edit.base is None or view.edit.record_id in {record.id for record in records}:
        return
    base, view.edit = view.edit.base, None
    view.question = Question(base, read_form(base, name_widgets(base)), None, DELETED)
    st.rerun()


def save_edit(book: Casebook, view: CasesView, base: Record, widgets: dict[str, WidgetValue[Any]]) -> None:
    """Save what the form holds over the version that it began with."""

    def change(writer: Writer) -> None:
        writer.change(read_form(base, widgets))

    save(book, change, "The change is in the casebook.", base=base, then=lambda: setattr(view, "edit", None))


def _strip(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value
