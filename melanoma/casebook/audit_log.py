"""Who saw and changed what: a file that only grows, without a word about a patient or a photo.

Each line names the SHA-256 of the one before it, so that a line that was changed or taken out is found. Whoever can
write the file can also write all of it anew: keep copies elsewhere, or send its lines on.
"""

from __future__ import annotations

import csv
import hashlib
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import IO

import msgspec

from melanoma.casebook.error import CannotOpen, CasebookError
from melanoma.serving.cells import plain_cell

SETTING = "MELANOMA_AUDIT_LOG"  # names the file
FILE = "audit.jsonl"  # in the casebook's folder, where nothing else is named
FIRST = "0" * 64  # what the first line names
LONGEST = 4096  # bytes of a line
COLUMNS = ("at", "who", "role", "did", "what", "id")


@dataclass(frozen=True)
class Use:
    """One line. at: UTC; what: a type of record; id: the record's, or a photo's SHA-256; before: see FIRST."""

    at: str
    who: str
    role: str
    did: str
    what: str
    id: str
    before: str


@dataclass(frozen=True)
class AuditLog:
    """In a file, made with its first line. Safe to share between threads, and on Linux and macOS between processes."""

    path: Path
    lock = Lock()  # one for all: a file may be opened twice

    def add(self, who: str, role: str, did: str, what: str, id_: str = "") -> None:
        """Append a line, on the disk when this returns. Raises CasebookError where it cannot be written."""
        try:
            with self.lock, self.path.open("ab+") as file:
                lock_file(file)
                at = datetime.now(UTC).isoformat(timespec="milliseconds")
                line = msgspec.json.encode(Use(at, who, role, did, what, id_, hash_last_line(file)))
                file.write(line + b"\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise CasebookError(
                "The audit log cannot be written, so nothing was done. Ask who runs the server."
            ) from error

    def read(self) -> Iterator[Use]:
        """All lines, oldest first. Raises CasebookError at one that was changed, or that follows one taken out."""
        before = FIRST
        with self.path.open("rb") as file:
            for number, line in enumerate(file, 1):
                try:
                    use = msgspec.json.decode(line, type=Use)
                except msgspec.DecodeError as error:
                    raise CasebookError(f"Line {number} of the audit log cannot be read.") from error
                if use.before != before:
                    raise CasebookError(f"The audit log was changed at or before line {number}.")
                before = hashlib.sha256(line.rstrip(b"\n")).hexdigest()
                yield use

    def export(self, file: IO[str]) -> int:
        """Write all lines as CSV; how many there are. Raises CasebookError as `read` does."""
        rows = csv.writer(file)
        rows.writerow(COLUMNS)
        uses = [[plain_cell(str(getattr(use, column))) for column in COLUMNS] for use in self.read()]
        rows.writerows(uses)
        return len(uses)


def find_log(place: str) -> AuditLog:
    """The log of the casebook at a place: the file that SETTING names, else one in the casebook's own folder.

    Raises CannotOpen for a database without the setting.
    """
    if named := os.environ.get(SETTING):
        return AuditLog(Path(named))
    if "://" in place:
        raise CannotOpen(f"The casebook needs an audit log. Set {SETTING} to a file.")
    return AuditLog(Path(place).expanduser() / FILE)


def hash_last_line(file: IO[bytes]) -> str:
    """SHA-256 of the last line of a file that ends in a line feed; FIRST where there is none."""
    size = file.seek(0, os.SEEK_END)
    if size == 0:
        return FIRST
    file.seek(max(size - LONGEST, 0))
    return hashlib.sha256(file.read().rstrip(b"\n").rsplit(b"\n", 1)[-1]).hexdigest()


def lock_file(file: IO[bytes]) -> None:
    """Until it is closed; not on Windows."""
    if sys.platform != "win32":
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX)
