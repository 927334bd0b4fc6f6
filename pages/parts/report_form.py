"""What a clinician may add to the report of the open photo: kept in memory, and forgotten when the photo is closed."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from melanoma.documents.case import LINE, PAPERS, TEXT, CaseDetails, Paper
from pages.parts.open_photos import OpenPhoto
from pages.parts.session import Session, WidgetValue, get_session

EARLIEST = datetime.date(1970, 1, 1)  # of a photo's date


@dataclass(frozen=True)
class ReportChoices:
    """What the form holds whenever it is asked, also outside a rerun, for one open photo and operating point."""

    session: Session
    owner: OpenPhoto

    @property
    def case(self) -> CaseDetails:
        """What the clinician has added so far."""
        return self.session.photos.cases.get(self.owner, CaseDetails())

    @property
    def paper(self) -> Paper:
        """Of the PDF."""
        return self.session.paper

    @property
    def prevalence(self) -> float:
        """Share of the lesions photographed in this clinic that are malignant."""
        return self.session.prevalence

    def add(self, field: str, value: Any) -> None:
        """Keep what was written in a field of the form, unless the photo was closed by the same click."""
        if self.owner not in self.session.photos.photos:
            return
        written = value.strip() if isinstance(value, str) else value
        case: Any = self.case  # mypy does not know which field it is
        self.session.photos.cases[self.owner] = replace(case, **{field: written})


def ask_for_details() -> ReportChoices:
    """The form, closed at first. Of photos of one lesion, the details belong to the first."""
    session = get_session()
    photos = session.photos
    owner = photos.photos[0] if photos.show_one_lesion else photos.current
    assert owner is not None
    choices = ReportChoices(session, owner)
    with st.expander("Details for the report", icon=":material/edit_note:"):
        st.caption("All optional. Kept in memory only, and forgotten when the photo is closed.")
        left, middle, right = st.columns(3, gap="medium")
        with left:
            _write_line("Case reference", "reference", choices)
        with middle:
            _write_line("Body site", "site", choices)
        with right:
            _choose_date(choices)
        left, right = st.columns(2, gap="medium")
        with left:
            _write_text("Own findings", "findings", choices)
        with right:
            _write_text("Own conclusion", "conclusion", choices)
        left, right = st.columns(2, gap="medium")
        with left:
            _write_line("Your name", "name", choices)
        with right:
            _choose_paper(session)
    return choices


def _open_field(field: str, choices: ReportChoices) -> WidgetValue:
    """The widget of a field, with what was written there before, also after another photo was on the page."""
    key = f"case-{field}-{choices.owner.sha256[:16]}-{choices.owner.name}"
    widget: WidgetValue = WidgetValue(key, getattr(choices.case, field))
    widget.get()
    return widget


def _write_line(label: str, field: str, choices: ReportChoices) -> None:
    widget = _open_field(field, choices)
    st.text_input(label, max_chars=LINE, key=widget.key, on_change=lambda: choices.add(field, widget.get()))


def _write_text(label: str, field: str, choices: ReportChoices) -> None:
    widget = _open_field(field, choices)
    st.text_area(label, max_chars=TEXT, key=widget.key, on_change=lambda: choices.add(field, widget.get()), height=110)


def _choose_date(choices: ReportChoices) -> None:
    widget = _open_field("photographed", choices)
    st.date_input(
        "Date of photo",
        min_value=EARLIEST,
        max_value=datetime.datetime.now(datetime.UTC).date() + datetime.timedelta(days=1),  # today, anywhere
        key=widget.key,
        format="YYYY-MM-DD",
        on_change=lambda: choices.add("photographed", widget.get()),
    )


def _choose_paper(session: Session) -> None:
    widget: WidgetValue[Paper] = WidgetValue("report-paper", session.paper)
    widget.set(session.paper)
    st.segmented_control(
        "Paper", PAPERS, required=True, key=widget.key, on_change=lambda: setattr(session, "paper", widget.get())
    )
