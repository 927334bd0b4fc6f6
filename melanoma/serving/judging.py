"""A visitor's worklist: photos that wait and are judged in the background, the lesions that they show, what is kept.

The threads belong to the worklist: they hold it by a weak reference, judge what waits, and end. When the visitor's
session ends, nobody holds the worklist any more, and they end with the photo that they are at.
"""

from __future__ import annotations

import hashlib
import logging
import time
import weakref
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from threading import Condition, Thread

from melanoma.photo.limits import PhotoError
from melanoma.serving.classifier import Classifier
from melanoma.serving.dropped_files import DroppedPhoto, make_unique, open_drop, pass_on
from melanoma.serving.reading import Reader
from melanoma.serving.worklist import JudgedPhoto, WorklistRow, judge_photo, make_row, make_rows, rank_rows

MOST = 2000  # photos of a worklist
MOST_WAITING = 1024**3  # bytes of files that wait
KEPT = 256 * 1024**2  # bytes of files that are kept after they were judged, to be opened again
THREADS = 3  # photos in work at once: while one is in the network, the others are read and decoded

TOO_MANY = f"A worklist holds {MOST:,} photos. What came after them was left out: start another list for it."
WAITING_FULL = (
    f"More than {MOST_WAITING // 1024**3} GB of photos wait already: drop this one again when the others are done."
)
NOT_KEPT = "The file is no longer kept: drop it again."
FAULT = "This photo could not be answered because of a fault in the program: report it, and look at the photo yourself."


@dataclass(frozen=True)
class WaitingPhoto:
    """A file that is not judged yet, its number, and the kind of photo that the visitor stated."""

    number: int
    file: DroppedPhoto
    kind: str | None = None


@dataclass(frozen=True)
class Progress:
    """How far a worklist is.

    waiting: photos, of which so many are in work, which goes on when the list is stopped; repeated: files that were
    on the list already; seconds_left: None before the first is done.
    """

    judged: int
    waiting: int
    in_work: int
    repeated: int
    is_stopped: bool
    seconds_left: float | None

    @property
    def is_running(self) -> bool:
        """Whether rows still come."""
        return self.in_work > 0 or (self.waiting > 0 and not self.is_stopped)


class Worklist:
    """Safe to use from several threads.

    notes: sentences about what was dropped last, for the visitor; seen: numbers of the photos marked as seen; kept:
    bytes of files that can be opened again. reader: the visitor whose it is.
    """

    def __init__(self, classifier: Classifier, *, kept: int = KEPT, reader: Reader | None = None):
        self.classifier = classifier
        self.reader = reader or Reader()
        self.notes: tuple[str, ...] = ()
        self.seen: frozenset[int] = frozenset()
        self._most_kept = kept
        self._changed = Condition()  # also the lock around all that follows
        self._photos: dict[int, JudgedPhoto] = {}
        self._files: dict[int, bytes] = {}  # of judged photos, by number
        self._lesions: dict[int, str] = {}  # by number
        self._waiting: deque[WaitingPhoto] = deque()
        self._in_work: list[WaitingPhoto] = []
        self._numbers = self._threads = self._groups = self._repeated = 0
        self._is_stopped = False
        self._begun, self._done = 0.0, 0  # when the photos that wait were first in work, and how many are done since

    # What comes in

    def add(self, files: Sequence[tuple[str, bytes]]) -> None:
        """Names and contents: of photos, of ZIPs of photos, and of CSVs that say which show the same lesion."""
        drop = open_drop(files, set(self.lesions.values()))
        with self._changed:
            room = MOST - len(self._photos) - len(self._waiting) - len(self._in_work)
            self._repeated = 0
            self.notes = (*drop.notes, TOO_MANY) if len(drop.photos) > room else drop.notes
            size = sum(one.file.size for one in self._waiting)
            for photo in drop.photos[: max(room, 0)]:
                size += self._add_photo(photo, MOST_WAITING - size)
            self.resume()

    def _add_photo(self, photo: DroppedPhoto, room: int) -> int:
        """Have a photo wait, if there is room for so many bytes; the bytes that it takes."""
        self._numbers += 1
        if photo.lesion is not None:
            self._lesions[self._numbers] = photo.lesion
        if photo.size > room:
            self._photos[self._numbers] = JudgedPhoto(self._numbers, photo.name, problem=WAITING_FULL)
            return 0
        self._waiting.append(WaitingPhoto(self._numbers, photo))
        return photo.size

    # What happens in the background

    def stop(self) -> None:
        """Judge no more for now; what is judged stays."""
        with self._changed:
            self._is_stopped = True

    def resume(self) -> None:
        """Judge what waits."""
        with self._changed:
            self._is_stopped = False
            self._begun, self._done = time.monotonic(), 0
            for _ in range(min(THREADS, len(self._waiting)) - self._threads):
                self._threads += 1
                Thread(target=judge_waiting, args=(weakref.ref(self),), name="worklist", daemon=True).start()

    def leave_out(self) -> None:
        """Forget the photos that wait."""
        with self._changed:
            self._waiting.clear()

    def judge_next(self) -> bool:
        """Judge one photo that waits. False where none does, or the list is stopped: the thread is then done."""
        with self._changed:
            if self._is_stopped or not self._waiting:
                self._threads -= 1
                self._changed.notify_all()
                return False
            waiting, classifier = self._waiting.popleft(), self.classifier
            self._in_work.append(waiting)
        content, photo = judge(classifier, waiting, self._is_listed, self.reader)
        with self._changed:
            self._in_work.remove(waiting)
            self._done += 1
            if classifier is not self.classifier:  # another network was chosen meanwhile
                self._waiting.append(waiting)
            elif photo is None or self._is_listed(photo.number, photo.name, photo.sha256):
                self._repeated += 1
            else:
                self._photos[photo.number] = photo
                self._keep(photo, content)
            self._changed.notify_all()
        return True

    def _is_listed(self, number: int, name: str, sha256: str) -> bool:
        """Whether the same file is on the list under the same name and another number."""
        with self._changed:
            return bool(sha256) and any(
                (one.name, one.sha256) == (name, sha256) and one.number != number for one in self._photos.values()
            )

    def _keep(self, photo: JudgedPhoto, content: bytes) -> None:
        """Keep the file, if the photo can be opened; beyond the bound, those that stand last in the list go."""
        if photo.prediction is None:
            return
        self._files[photo.number] = content
        if self.kept_bytes <= self._most_kept:
            return
        single = rank_rows(make_row(self.classifier, [self._photos[number]]) for number in self._files)
        while self.kept_bytes > self._most_kept:
            del self._files[single.pop().photos[0].number]

    def wait(self, timeout: float | None = None) -> bool:
        """Until nothing is in work. False where that takes longer than so many seconds."""
        with self._changed:
            return self._changed.wait_for(lambda: self._threads == 0, timeout)

    def wait_for_first(self, timeout: float) -> bool:
        """Until a photo is judged, or none will be. False where that takes longer than so many seconds."""
        with self._changed:
            return self._changed.wait_for(lambda: bool(self._photos) or self._threads == 0, timeout)

    # What there is

    @property
    def kept_bytes(self) -> int:
        """Of files that can be opened again."""
        with self._changed:
            return sum(map(len, self._files.values()))

    @property
    def progress(self) -> Progress:
        """How far it is."""
        with self._changed:
            in_work = len(self._in_work)
            waiting = len(self._waiting) + in_work
            left = (time.monotonic() - self._begun) / self._done * waiting if self._done else None
            is_stopped = self._is_stopped and waiting > 0
            return Progress(len(self._photos), waiting, in_work, self._repeated, is_stopped, left)

    @property
    def photos(self) -> list[JudgedPhoto]:
        """Those that are judged, as they came."""
        with self._changed:
            return [self._photos[number] for number in sorted(self._photos)]

    @property
    def lesions(self) -> dict[int, str]:
        """Number of a photo -> name of the lesion that it was grouped into."""
        with self._changed:
            return dict(self._lesions)

    def make_rows(self, operating_point: str | None = None) -> list[WorklistRow]:
        """As `worklist.make_rows`."""
        return make_rows(self.classifier, self.photos, self.lesions, operating_point)

    def file_of(self, photo: JudgedPhoto) -> bytes | None:
        """The bytes of a photo's file, None where they are no longer kept."""
        with self._changed:
            return self._files.get(photo.number)

    # What the visitor does

    def group(self, rows: Iterable[WorklistRow]) -> str:
        """The photos of these rows show one lesion: the name that it gets."""
        with self._changed:
            self._groups += 1
            name = make_unique(f"Lesion {self._groups}", set(self._lesions.values()))
            self._lesions |= {photo.number: name for row in rows for photo in row.photos}
            return name

    def ungroup(self, row: WorklistRow) -> None:
        """Each photo of the row is a lesion by itself."""
        with self._changed:
            for photo in row.photos:
                self._lesions.pop(photo.number, None)

    def is_seen(self, row: WorklistRow) -> bool:
        """Whether every photo of a row was marked as seen."""
        return all(photo.number in self.seen for photo in row.photos)

    def mark_seen(self, row: WorklistRow, seen: bool = True) -> None:
        """Mark the photos of a row as seen, or take the mark back."""
        numbers = {photo.number for photo in row.photos}
        self.seen = self.seen | numbers if seen else self.seen - numbers

    def remove(self, rows: Iterable[WorklistRow]) -> None:
        """Take rows out of the list, and forget their files."""
        with self._changed:
            for number in [photo.number for row in rows for photo in row.photos]:
                for kept in (self._photos, self._files, self._lesions):
                    kept.pop(number, None)

    def state_kind(self, photo: JudgedPhoto, kind: str | None) -> None:
        """Judge a photo as the kind that the visitor states, None: as the network sees it, if its file is kept."""
        if (content := self.file_of(photo)) is not None and kind != photo.kind:
            judged = judge_photo(self.classifier, photo.number, photo.name, content, kind, self.reader)
            with self._changed:
                self._photos[photo.number] = judged

    def judge_again(self, classifier: Classifier) -> None:
        """Answer all photos with another network. One whose file is no longer kept has no answer then, and says so."""
        with self._changed:
            self.classifier = classifier
            for photo in self.photos:
                content = self._files.get(photo.number)
                if content is not None:
                    del self._photos[photo.number]
                    file = DroppedPhoto(photo.name, partial(pass_on, content), len(content))
                    self._waiting.append(WaitingPhoto(photo.number, file, photo.kind))
                elif photo.prediction is not None:
                    self._photos[photo.number] = replace(photo, prediction=None, problem=NOT_KEPT)
            self.resume()


def judge_waiting(worklist: weakref.ref[Worklist]) -> None:
    """What a thread does: judge one photo after another while somebody holds the worklist."""
    while (held := worklist()) is not None and held.judge_next():
        del held


def judge(
    classifier: Classifier, waiting: WaitingPhoto, is_listed: Callable[[int, str, str], bool], reader: Reader
) -> tuple[bytes, JudgedPhoto | None]:
    """The file's bytes, and what the network says about it; None for one that is on the list already.

    One bad file never stops the rest.
    """
    name = waiting.file.name
    try:
        content = waiting.file.read()
    except PhotoError as error:
        return b"", JudgedPhoto(waiting.number, name, problem=str(error))
    if is_listed(waiting.number, name, hashlib.sha256(content).hexdigest()):
        return b"", None
    try:
        return content, judge_photo(classifier, waiting.number, name, content, waiting.kind, reader)
    except Exception as error:  # a fault of ours must neither lose a photo silently nor stop the others
        logging.getLogger(__name__).error("a photo of a worklist was not answered: %s", type(error).__name__)
        return b"", JudgedPhoto(waiting.number, name, problem=FAULT)
