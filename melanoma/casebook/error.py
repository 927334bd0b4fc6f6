"""What can go wrong with a casebook. Each message is one plain sentence or two: what was wrong, what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from melanoma.casebook.records import Change, Record


class CasebookError(ValueError):
    """The casebook cannot do this; the message is for the user."""


class CannotOpen(CasebookError):
    """The casebook is not where the setting says, is none, or cannot be used."""


class TooNew(CannotOpen):
    """A newer version of the app has changed the casebook's tables."""


class Busy(CasebookError):
    """Somebody else is saving, and took too long. Nothing was saved."""


class Full(CasebookError):
    """There is no room left. Nothing was saved."""


class Unreachable(CasebookError):
    """The file has moved, or the database server does not answer. Nothing was saved, unless `casebook.book` says so."""


class Invalid(CasebookError):
    """A record that the casebook does not take, such as a second patient of the same reference."""


class Missing(CasebookError):
    """There is no such record, or no longer."""


class Conflict(CasebookError):
    """Somebody else has changed or deleted the record since it was read. Nothing was saved.

    mine: what was to be saved; theirs: what is stored now, None where it was deleted; changes: what was done since
    `mine` was read, oldest first. To save `mine` nonetheless: `replace(mine, version=theirs.version)`.
    """

    def __init__(self, mine: Record, theirs: Record | None, changes: tuple[Change, ...]) -> None:
        self.mine, self.theirs, self.changes = mine, theirs, changes
        done = "deleted" if theirs is None else "changed"
        who = f" by {changes[-1].who}" if changes else ""
        when = f" on {changes[-1].at:%d %B %Y at %H:%M} UTC" if changes else ""
        super().__init__(f"This was {done}{who}{when}, after you opened it. Nothing was saved.")
