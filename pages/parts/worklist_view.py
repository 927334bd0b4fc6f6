"""A visitor's worklist as it is on the page: which rows are shown in which order, selected, and opened in Analyze."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from melanoma.serving.judging import Worklist
    from melanoma.serving.worklist import WorklistRow

WORST_FIRST, BY_MELANOMA, BY_NAME, AS_THEY_CAME = "Worst first", "Melanoma probability", "File name", "As they came"
ORDERS = (WORST_FIRST, BY_MELANOMA, BY_NAME, AS_THEY_CAME)
GROWTH = 1.25  # by which a list grows until its rows are drawn anew while it runs: a table that moves cannot be used


@dataclass
class WorklistView:
    """rows: all, worst first, as they were last made; shown: those on the page, in its order; selected: their keys.

    drawn: numbers of the photos that are in `rows`; opened: key of the row that is open in Analyze; not_same: numbers
    of photos that the visitor says show different lesions; shots: photos that were taken with the camera.
    """

    worklist: Worklist | None = None
    rows: list[WorklistRow] = field(default_factory=list)
    shown: list[WorklistRow] = field(default_factory=list)
    selected: list[str] = field(default_factory=list)
    drawn: frozenset[int] = frozenset()
    opened: str | None = None
    standings: list[str] = field(default_factory=list)  # that are shown; empty: all
    hide_seen: bool = False
    order: str = WORST_FIRST
    operating_point: str | None = None
    not_same: set[tuple[int, ...]] = field(default_factory=set)
    shots: int = 0

    def refresh(self, operating_point: str | None) -> None:
        """Make the rows anew. While photos are still judged, only once there are markedly more of them."""
        from melanoma.serving.worklist import make_rows  # noqa: PLC0415 (late: with the first worklist)

        assert self.worklist is not None
        photos = self.worklist.photos
        if self.worklist.progress.is_running and not self.has_grown():
            photos = [photo for photo in photos if photo.number in self.drawn]
        self.operating_point = operating_point
        self.drawn = frozenset(photo.number for photo in photos)
        self.rows = make_rows(self.worklist.classifier, photos, self.worklist.lesions, operating_point)
        self.arrange()

    def has_grown(self) -> bool:
        """Whether there are markedly more photos than were drawn."""
        assert self.worklist is not None
        return self.worklist.progress.judged >= max(GROWTH * len(self.drawn), 1)

    def arrange(self) -> None:
        """Choose and order the rows that are shown; what is no longer there is no longer selected."""
        assert self.worklist is not None
        shown = [row for row in self.rows if not self.standings or row.standing in self.standings]
        if self.hide_seen:
            shown = [row for row in shown if not self.worklist.is_seen(row)]
        self.shown = sorted(shown, key=self._place) if self.order != WORST_FIRST else shown
        keys = {row.key for row in self.shown}
        self.selected = [key for key in self.selected if key in keys]

    def _place(self, row: WorklistRow) -> tuple:
        """Where a row stands in the chosen order; what could not be judged is first by melanoma probability."""
        if self.order == BY_MELANOMA:
            return (row.judged is not None, -row.judged.probability("MEL") if row.judged else 0.0)
        return (row.name.lower(),) if self.order == BY_NAME else (row.photos[0].number,)

    @property
    def selection(self) -> list[WorklistRow]:
        """The selected rows, in the order of the page."""
        return [row for row in self.shown if row.key in self.selected]

    def find(self, key: str | None) -> WorklistRow | None:
        """A row by its key, whether it is shown or not."""
        return next((row for row in self.rows if row.key == key), None)

    def step(self, by: int) -> None:
        """Select the row so many places on from the first selected one; the first row where none is."""
        if not self.shown:
            return
        places = [place for place, row in enumerate(self.shown) if row.key in self.selected]
        place = min(max(places[0] + by, 0), len(self.shown) - 1) if places else 0
        self.selected = [self.shown[place].key]

    def regroup(self) -> None:
        """Make the rows anew after photos were grouped, and select what now holds the selected photos."""
        chosen = {number for key in self.selected for number in key.split("+")}
        self.refresh(self.operating_point)
        self.selected = [row.key for row in self.shown if chosen & set(row.key.split("+"))]
