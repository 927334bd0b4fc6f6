"""The casebook, opened once for all visitors, and what happens when something cannot be saved."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING

import streamlit as st

from pages.parts.cases_view import Question
from pages.parts.session import get_session
from pages.parts.sign_in import find_user

if TYPE_CHECKING:
    from melanoma.casebook import Casebook, Writer
    from melanoma.casebook.records import Record


SETTING = "MELANOMA_CASEBOOK"  # as in `casebook/database.py`, which brings SQLAlchemy; a test holds both together


def is_on() -> bool:
    """Whether the setting names a casebook. Loads nothing."""
    return bool(os.environ.get(SETTING, "").strip())


def find_casebook() -> Casebook | None:
    """The casebook that the setting names, as the visitor may use it; None where it is off.

    Raises CasebookError where it cannot be opened, or is not for this visitor.
    """
    from melanoma.casebook.database import read_setting  # noqa: PLC0415 (late: where it is off, nothing is loaded)

    place = read_setting()
    if place is None:
        return None
    book, user = _open_casebook(place), find_user()
    if user is None:
        return book
    from melanoma.casebook.access import UsedCasebook  # noqa: PLC0415
    from melanoma.casebook.audit_log import find_log  # noqa: PLC0415

    return UsedCasebook(book.database, user, find_log(place))


@st.cache_resource(max_entries=2, show_spinner="Opening the casebook …")
def _open_casebook(place: str) -> Casebook:
    from melanoma.casebook import open_casebook  # noqa: PLC0415

    return open_casebook(place)


def save(
    book: Casebook,
    work: Callable[[Writer], object],
    done: str,
    *,
    base: Record | None = None,
    then: Callable[[], object] | None = None,
) -> None:
    """Do this in one transaction, as the visitor, and keep what to say of it: `done`, or why nothing was saved.

    base: the record as the visitor opened it, where the work changes one: a conflict then becomes a question. then: is
    called where it was saved.
    """
    from melanoma.casebook import CasebookError, Conflict  # noqa: PLC0415

    view = get_session().cases
    try:
        with book.write(view.reader) as writer:
            work(writer)
    except Conflict as conflict:
        if base is None:
            view.failed = f"{conflict} Look at it again."
        else:
            view.question, view.edit = Question(base, conflict.mine, conflict.theirs, str(conflict)), None
    except CasebookError as error:
        view.failed = str(error)
    else:
        view.done = done
        view.saved += 1
        if then:
            then()
