"""What a clinician may add to the report of the open photo: kept in memory, and forgotten when the photo is closed."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from melanoma.documents.case import LINE, PAPERS, TEXT, CaseDetails, Paper
from melanoma.estimates import percent
from melanoma.run import OperatingPoint
from pages.parts.open_photos import OpenPhoto
from pages.parts.session import Session, WidgetValue, get_session

EARLIEST = datetime.date(1970, 1, 1)  # of a photo's date


@dataclass(frozen=True)
class ReportChoices:
    """What the form holds whenever it is asked, also outside a rerun, for one open photo and operating point."""

    session: Session
    owner: OpenPhoto
    prevalences: tuple[str, ...]

    @property
    def case(self) -> CaseDetails:
        """What the clinician has added so far."""
        return self.session.photos.cases.get(self.owner, CaseDetails())

    @property
    def paper(self) -> Paper:
        """Of the PDF."""
        return self.session.paper

    @property
    def prevalence(self) -> str | None:
        """The chosen one, else that in the middle; None where the run has no predictive values."""
        if self.session.prevalence in self.prevalences:
            return self.session.prevalence
        return self.prevalences[len(self.prevalences) // 2] if self.prevalences else None

    def add(self, field: str, value: Any) -> None:
        """Keep what was written in a field of the form, unless the photo was closed by the same click."""
        if self.owner not in self.session.photos.photos:
            return
        written = value.strip() if isinstance(value, str) else value
        case: Any = self.case  # mypy does not know which field it is
        self.session.photos.cases[self.owner] = replace(case, **{field: written})


def ask_for_details(point: OperatingPoint) -> ReportChoices:
    """The form, closed at first. Of photos of one lesion, the details belong to the first."""
    session = get_session()
    photos = session.photos
    owner = photos.photos[0] if photos.show_one_lesion else photos.current
    assert owner is not None
    choices = ReportChoices(session, owner, point.test.prevalences)
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
        left, middle, right = st.columns(3, gap="medium")
        with left:
            _write_line("Your name", "name", choices)
        with middle:
            _choose_prevalence(choices)
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


def _choose_prevalence(choices: ReportChoices) -> None:
    """Where the run has predictive values."""
    if not choices.prevalences:
        return
    widget: WidgetValue[str | None] = WidgetValue("report-prevalence", choices.prevalence)
    widget.set(choices.prevalence)
    st.segmented_control(
        "Prevalence",
        choices.prevalences,
        required=True,
        format_func=lambda prevalence: percent(float(prevalence)),
        key=widget.key,
        on_change=lambda: setattr(choices.session, "prevalence", widget.get()),
        help="Share of malignant lesions among those that you photograph. Predictive values depend on it.",
    )


def _choose_paper(session: Session) -> None:
    widget: WidgetValue[Paper] = WidgetValue("report-paper", session.paper)
    widget.set(session.paper)
    st.segmented_control(
        "Paper", PAPERS, required=True, key=widget.key, on_change=lambda: setattr(session, "paper", widget.get())
    )
