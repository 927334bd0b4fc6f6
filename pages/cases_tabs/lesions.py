"""A part of the Cases page: search, the list of lesions, and a new one."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict

import streamlit as st

from melanoma.casebook import Casebook, FoundLesion, Lesion, Patient, Search, Writer
from melanoma.casebook.records import LINE
from melanoma.casebook.searching import PAGE
from melanoma.casebook.vocabulary import DECISIONS, OUTCOME_DIAGNOSES, SITE_CODES, SITE_NAMES
from melanoma.charts.body_map import Place
from melanoma.documents.cases import DIAGNOSIS_NAMES, name_lesion, tabulate_lesions
from melanoma.documents.decision import NAMES_OF_DECISIONS
from melanoma.documents.wording import escape_markdown
from pages.cases_tabs.place_picker import choose_place
from pages.parts import address
from pages.parts.cases_view import CasesView
from pages.parts.open_casebook import save
from pages.parts.session import WidgetValue, get_session

OPEN, SETTLED = "open", "known"
TAB, FIRST = "tab", "Cases"  # in the address, and the tab that needs no place there
SEARCH: WidgetValue[str] = WidgetValue("case-search", "")
PAGE_NUMBER: WidgetValue[int] = WidgetValue("case-page", 1)


def show_lesions(book: Casebook) -> None:
    """Search, what it finds, and the form for a new lesion."""
    view = get_session().cases
    wanted = ask_what()
    number = PAGE_NUMBER.get()
    found = book.search(wanted, offset=(number - 1) * PAGE)
    if not found.total:
        filtered = wanted != Search()
        st.info("No lesion is found. Search for less." if filtered else "The casebook is empty. Add a lesion below.")
    else:
        show_table(view, found.lesions, found.total)
        pages = -(-found.total // PAGE)
        if pages > 1:
            st.number_input("Page", 1, pages, key=PAGE_NUMBER.key, width=120)
    part = st.expander(
        "New lesion",
        icon=":material/add:",
        expanded=not found.total and wanted == Search(),
        key="new-lesion",
        on_change="rerun",
    )
    if part.open:
        with part:
            ask_for_lesion(book, view)


def ask_what() -> Search:
    """What is searched for."""

    def begin_anew() -> None:
        PAGE_NUMBER.set(1)

    with st.container(horizontal=True, vertical_alignment="bottom"):
        reference = st.text_input(
            "Search by patient's reference",
            key=SEARCH.key,
            on_change=begin_anew,
            width=260,
            placeholder="A part of it",
            max_chars=LINE,
        )
        with st.popover("More", icon=":material/tune:"):
            site = st.selectbox(
                "Body site", SITE_CODES, None, SITE_NAMES.__getitem__, key="search-site", on_change=begin_anew
            )
            diagnosis = st.selectbox(
                "Diagnosis, read or settled",
                OUTCOME_DIAGNOSES,
                None,
                DIAGNOSIS_NAMES.__getitem__,
                key="search-diagnosis",
                on_change=begin_anew,
            )
            decision = st.selectbox(
                "Network's decision",
                DECISIONS,
                None,
                lambda decision: NAMES_OF_DECISIONS[decision],
                key="search-decision",
                on_change=begin_anew,
            )
            outcome = st.segmented_control("Outcome", [OPEN, SETTLED], key="search-outcome", on_change=begin_anew)
            since = st.date_input("Seen since", None, key="search-since", format="YYYY-MM-DD", on_change=begin_anew)
            until = st.date_input("Seen until", None, key="search-until", format="YYYY-MM-DD", on_change=begin_anew)
    return Search(
        reference=reference.strip(),
        site=site or "",
        diagnosis=diagnosis or "",
        decision=decision or "",
        since=since,
        until=until,
        is_open=None if outcome is None else outcome == OPEN,
    )


def show_table(view: CasesView, found: tuple[FoundLesion, ...], total: int) -> None:
    """A row a lesion; a row that is selected opens. The list below it says the same for a keyboard."""
    ids = [one.lesion.id for one in found]
    table: WidgetValue[dict] = WidgetValue(f"cases-{view.clicks}", {})
    chosen: WidgetValue[str | None] = WidgetValue(f"open-case-{view.clicks}", None)

    def open_row() -> None:
        rows = table.get()["selection"]["rows"]
        if rows and rows[0] < len(ids):
            go_to_case(view, ids[rows[0]], ids)

    names = {one.lesion.id: name_lesion(one.patient, one.lesion) for one in found}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            f"Open a case: {total:,} found",
            ids,
            None,
            names.__getitem__,
            key=chosen.key,
            on_change=lambda: go_to_case(view, chosen.get(), ids),
            placeholder="Choose, or select a row",
            width=420,
        )
    st.dataframe(
        tabulate_lesions(found),
        hide_index=True,
        key=table.key,
        on_select=open_row,
        selection_mode="single-row",
        alt="Lesions, those seen last first",
    )


def go_to_case(view: CasesView, lesion_id: str | None, ids: Collection[str]) -> None:
    """Open one of the cases on the first tab; the lists and tables that led there begin anew.

    What is none of `ids` is passed over: Streamlit knows an option by its words, and gives these where it has others.
    """
    if lesion_id in ids:
        view.clicks += 1
        view.open_case(lesion_id)
        address.write(TAB, FIRST, FIRST)


def ask_for_lesion(book: Casebook, view: CasesView, patient: Patient | None = None) -> None:
    """The form for a new lesion, of a patient who may be new too; patient: whose it is, where that is known."""
    key = f"new-lesion-{view.clicks}-{patient.id if patient else ''}"
    left, right = st.columns([2, 3], gap="large")
    with left:
        if patient is None:
            reference = st.text_input("Patient's reference", key=f"{key}-reference", max_chars=LINE).strip()
            st.caption("The clinic's own. A patient who is in the casebook already gets one more lesion.")
        else:
            reference = patient.reference
        label = st.text_input(
            "Lesion's label", key=f"{key}-label", max_chars=LINE, help="What tells it from the patient's other lesions."
        ).strip()
        others = book.find(Lesion, patient_id=patient.id) if patient else ()
        place = choose_place(view, key, right, others)
        note = st.text_area("Note", key=f"{key}-note", height=80)
        missing = [name for name, value in (("reference", reference), ("label", label), ("site", place)) if not value]
        st.button(
            "Add the lesion",
            on_click=add_lesion,
            args=(book, view, reference, label, place, note),
            key=f"{key}-add",
            type="primary",
            icon=":material/add:",
            disabled=bool(missing) or not view.reader,
        )
        if missing:
            st.caption(f"Still needed: {', '.join(missing)}.")


def add_lesion(book: Casebook, view: CasesView, reference: str, label: str, place: Place, note: str) -> None:
    """Add it and open its case; the patient is added too where nobody has this reference."""
    made: list[Lesion] = []

    def add(writer: Writer) -> None:
        known = book.find(Patient, reference=reference)
        patient = known[0] if known else writer.add(Patient(reference=reference))
        made.append(writer.add(Lesion(patient_id=patient.id, label=label, note=note.strip(), **asdict(place))))

    done = f"Lesion {escape_markdown(label)} of patient {escape_markdown(reference)} is in the casebook."
    save(book, add, done, then=lambda: go_to_case(view, made[0].id, [made[0].id]))
