"""What a clinician adds to a report, and the paper it is for: in memory only, and never seen by the network."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Literal, get_args

Paper = Literal["A4", "Letter"]
PAPERS: tuple[Paper, ...] = get_args(Paper)
LINE, TEXT = 80, 2000  # characters that a form takes for a line and for a text


@dataclass(frozen=True)
class CaseDetails:
    """Reference of the case, body site, date of the photo, own findings and conclusion, name. Each may be empty."""

    reference: str = ""
    site: str = ""
    photographed: datetime.date | None = None
    findings: str = ""
    conclusion: str = ""
    name: str = ""

    @property
    def date(self) -> str:
        """Of the photo, as no reader takes a month for a day: 3 November 2026; empty where it is not known."""
        day = self.photographed
        return f"{day.day} {day:%B %Y}" if day else ""
