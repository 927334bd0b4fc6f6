"""What is kept for one visitor between reruns and across pages. Nothing else reads or writes Streamlit's state."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import streamlit as st

from melanoma.documents.case import Paper
from pages.parts.open_photos import OpenPhotos

if TYPE_CHECKING:
    from melanoma.audit.audit import Audit
    from melanoma.run.imported_logs import ImportedLog

KEY = "session"
RESULTS = 40  # of what was computed for one visitor: photos, predictions, maps, experiments
Value = TypeVar("Value")


@dataclass
class Session:
    """One visitor's open photos and choices."""

    photos: OpenPhotos = field(default_factory=OpenPhotos)
    answer_despite_quality: set[str] = field(default_factory=set)  # SHA-256 of photos; asked for on any page
    kinds: dict[str, str] = field(default_factory=dict)  # by SHA-256 of a photo: the kind that the visitor stated
    network: str | None = None  # name of the run that answers
    operating_point: str | None = None  # name; None: the network's default
    prevalence: str | None = None  # as the calibration names it, for predictive values; None: before any choice
    paper: Paper = "A4"  # of reports
    run: str | None = None  # name of the run whose results are read
    overlaid_runs: tuple[str, ...] | None = None  # names, on the training tab; None: before any choice
    imported_logs: dict[str, ImportedLog | str] = field(default_factory=dict)  # by file id: the log, or why not
    audit: Audit | None = None  # of a folder of the visitor's own
    uploads: int = 0  # so far: every upload gets an empty uploader
    cell_clicks: int = 0  # on the confusion matrix: a new number makes a matrix without a selection
    results: dict[Hashable, Any] = field(default_factory=dict)  # the last RESULTS that `keep` returned

    def keep(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """What `make` gave for this key before, else what it gives now.

        The key names everything that the result depends on: what is computed, and the SHA-256 of photo and answer.
        """
        result = self.results.pop(key) if key in self.results else make()
        self.results[key] = result  # at the end: the first is the one that was not used for longest
        while len(self.results) > RESULTS:
            del self.results[next(iter(self.results))]
        return result


def get_session() -> Session:
    """The visitor's, made at the first rerun."""
    return st.session_state.setdefault(KEY, Session())


@dataclass(frozen=True)
class WidgetValue(Generic[Value]):
    """The value of a widget that the program sets as well as the visitor, by the widget's key."""

    key: str
    default: Value

    def get(self) -> Value:
        """What the widget holds, or will hold when it is drawn."""
        return st.session_state.setdefault(self.key, self.default)

    def set(self, value: Value) -> None:
        """Before the widget is drawn in this rerun, or in a callback."""
        st.session_state[self.key] = value
