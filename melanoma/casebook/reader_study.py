"""A reader study as the casebook holds it: the study, its cases, its readers, and what each of them said.

Crossed design: in the first session a reader reads half of the cases with support and the others alone, and in the
second session the other way round. For every second reader the halves are exchanged.
"""

from __future__ import annotations

import datetime
import hashlib
import math
import secrets
from dataclasses import dataclass, field

from melanoma.casebook import vocabulary as words
from melanoma.casebook.error import Invalid
from melanoma.casebook.records import Record, check_line, check_range, check_sha256, check_word, now
from melanoma.diagnoses import CODES

FIRST, SECOND = SESSIONS = (1, 2)
STUDY_DIAGNOSES = (*CODES, words.OTHER)  # what a reader may answer; `other`: none of the nine
LONGEST_WASHOUT = 365  # days


@dataclass(frozen=True, kw_only=True)
class Study(Record):
    """name: unique; salt, owner: 32 and 64 hex digits, the owner's code hashed with the salt, see `hash_code`.

    washout_days: from a reader's last answer of the first session to the second; run, run_sha256, operating_point: what
    gave the support, to all readers the same.
    """

    name: str
    made: datetime.datetime = field(default_factory=now)
    salt: str
    owner: str
    washout_days: int
    run: str
    run_sha256: str
    operating_point: str

    def __post_init__(self) -> None:
        check_line("The study's name", self.name, needed=True)
        check_range("The washout", self.washout_days, 0, LONGEST_WASHOUT)
        check_sha256(self.owner)
        check_sha256(self.run_sha256)

    def is_own(self, reader: StudyReader, code: str) -> bool:
        """Whether this is the code of that reader of the study."""
        return reader.study_id == self.id and secrets.compare_digest(hash_code(code, self.salt), reader.reader)


@dataclass(frozen=True, kw_only=True)
class StudyCase(Record):
    """One photo of a study, with its reference diagnosis, and what the network said to it.

    number: from 1; practice: whether it does not count; early: whether readers of half 0 have support in the first
    session; probabilities: nine in the order of CODES; decision, threshold: as of `serving.Prediction`.
    """

    study_id: str
    number: int
    sha256: str
    format: str
    truth: str
    practice: bool
    early: bool
    probabilities: tuple[float, ...]
    malignancy: float
    decision: str
    threshold: float

    def __post_init__(self) -> None:
        check_sha256(self.sha256)
        check_word("The reference diagnosis", self.truth, CODES)
        check_word("The decision", self.decision, words.DECISIONS)
        if len(self.probabilities) != len(CODES):
            raise Invalid("An answer has nine probabilities.")


@dataclass(frozen=True, kw_only=True)
class StudyReader(Record):
    """Somebody who reads. reader: 64 hex digits, their code hashed with the study's salt; half: 0 or 1."""

    study_id: str
    reader: str
    role: str
    half: int
    joined: datetime.datetime = field(default_factory=now)

    def __post_init__(self) -> None:
        check_sha256(self.reader)
        check_word("The role", self.role, words.ROLES)
        check_range("The half", self.half, 0, 1)

    @property
    def name(self) -> str:
        """What tables and the history call the reader."""
        return self.reader[:12]


@dataclass(frozen=True, kw_only=True)
class StudyReading(Record):
    """One answer of a reader to a case. It is never changed, and there is one for each way to read.

    place: in the reader's order of the session, from 1; refers: whether they would excise, biopsy or refer the lesion;
    confidence: of 100; seconds: from the first sight of the photo to the answer, less pauses; a
    reader who closes the window and comes back starts anew.
    """

    reader_id: str
    case_id: str
    session: int
    place: int
    supported: bool
    diagnosis: str
    refers: bool
    confidence: int
    seconds: float
    made: datetime.datetime = field(default_factory=now)

    def __post_init__(self) -> None:
        check_word("The diagnosis", self.diagnosis, STUDY_DIAGNOSES)
        check_range("The confidence", self.confidence, 0, 100)
        check_range("The time", self.seconds, 0, math.inf)


def hash_code(code: str, salt: str) -> str:
    """64 hex digits of a code as a person types it (any case, with or without hyphens). scrypt: RFC 7914."""
    plain = "".join(letter for letter in code.upper() if letter.isalnum())
    return hashlib.scrypt(plain.encode(), salt=bytes.fromhex(salt), n=2**14, r=8, p=1, dklen=32).hex()
