"""What is kept for one visitor between reruns and across pages. Nothing else reads or writes Streamlit's state."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import streamlit as st
from streamlit.runtime.uploaded_file_manager import DeletedFile

from melanoma.documents.case import Paper
from melanoma.photo import Photo
from pages.parts.cases_view import CasesView
from pages.parts.open_photos import OpenPhotos
from pages.parts.photo_pair import PhotoPair
from pages.parts.study_view import StudyView
from pages.parts.worklist_view import WorklistView

if TYPE_CHECKING:
    from melanoma.audit.audit import Audit
    from melanoma.run.imported_logs import ImportedLog

KEY = "session"
RESULTS = 240  # of what was computed for one visitor: predictions, maps, experiments
PHOTOS = 16  # of these the decoded photos, which are far larger
Value = TypeVar("Value")


@dataclass
class Session:
    """One visitor's open photos and choices."""

    photos: OpenPhotos = field(default_factory=OpenPhotos)
    worklist: WorklistView = field(default_factory=WorklistView)
    cases: CasesView = field(default_factory=CasesView)
    study: StudyView = field(default_factory=StudyView)
    pair: PhotoPair = field(default_factory=PhotoPair)  # of open photos, on the page of two dates
    answer_despite_quality: set[str] = field(default_factory=set)  # SHA-256 of photos; asked for on any page
    kinds: dict[str, str] = field(default_factory=dict)  # by SHA-256 of a photo: the kind that the visitor stated
    network: str | None = None  # name of the run that answers
    operating_point: str | None = None  # name; None: the network's default
    prevalence: float = 0.05  # share of the lesions photographed in this clinic that are malignant
    paper: Paper = "A4"  # of reports
    run: str | None = None  # name of the run whose results are read
    overlaid_runs: tuple[str, ...] | None = None  # names, on the training tab; None: before any choice
    imported_logs: list[ImportedLog] = field(default_factory=list)
    refused_logs: list[str] = field(default_factory=list)  # why, of files of the last import
    audit: Audit | None = None  # of a folder of the visitor's own
    has_read_note: bool = False  # on what the program is for
    forgotten: bool = False  # whether photos were open before the page was loaded anew
    last_click: float = 0.0  # by the monotonic clock, where sign-in is set up
    uploads: int = 0  # so far: every upload gets an empty uploader
    opened: int = 0  # how often photos were opened on Analyze or Explain
    focused: int = 0  # the same, when the focus was last moved to the answer
    cell_clicks: int = 0  # on the confusion matrix: a new number makes a matrix without a selection
    results: dict[Hashable, Any] = field(default_factory=dict)  # what `keep` returned last

    def take_upload(self, key: str) -> bool:
        """Whether what the uploader of this key holds is new; its successor then gets another key.

        A click amid the rerun after an upload has Streamlit report the same upload once more.
        """
        if not key.endswith(f"-{self.uploads}"):
            return False
        self.uploads += 1
        return True

    def keep(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """What `make` gave for this key before, else what it gives now.

        The key names everything that the result depends on: what is computed, and the SHA-256 of photo and answer.
        """
        result = self.results.pop(key) if key in self.results else make()
        self.results[key] = result  # at the end: the first is the one that was not used for longest
        self._forget()
        return result

    def _forget(self) -> None:
        """What was not used for longest, beyond PHOTOS and RESULTS."""
        photos = [key for key, result in self.results.items() if isinstance(result, Photo)]
        for key in photos[: max(len(photos) - PHOTOS, 0)]:
            del self.results[key]
        while len(self.results) > RESULTS:
            del self.results[next(iter(self.results))]


def get_session() -> Session:
    """The visitor's, made at the first rerun."""
    return st.session_state.setdefault(KEY, Session())


def forget_session() -> None:
    """All that is kept for the visitor, what stands in widgets too."""
    st.session_state.clear()


@dataclass(frozen=True)
class WidgetValue(Generic[Value]):
    """The value of a widget that the program sets as well as the visitor, by the widget's key."""

    key: str
    default: Value

    def get(self) -> Value:
        """What the widget holds, or will hold when it is drawn.

        After the server was started anew, a browser still names the files that it gave to the one before.
        """
        value = st.session_state.setdefault(self.key, self.default)
        if isinstance(value, DeletedFile):
            return self.default
        if isinstance(value, list):
            return [one for one in value if not isinstance(one, DeletedFile)]  # type: ignore[return-value]
        return value

    def set(self, value: Value) -> None:
        """Before the widget is drawn in this rerun, or in a callback."""
        st.session_state[self.key] = value
