"""The casebook, opened once for all visitors, and what happens when something cannot be saved."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import streamlit as st

from pages.parts.cases_view import Question
from pages.parts.session import get_session

if TYPE_CHECKING:
    from melanoma.casebook import Casebook, Writer
    from melanoma.casebook.records import Record


def find_casebook() -> Casebook | None:
    """The casebook that the setting names; None where it is off. Raises CasebookError where it cannot be opened."""
    from melanoma.casebook.database import read_setting  # noqa: PLC0415 (late: it brings SQLAlchemy)

    place = read_setting()
    return None if place is None else _open_casebook(place)


@st.cache_resource(max_entries=2, show_spinner="Opening the casebook …")
def _open_casebook(place: str) -> Casebook:
    from melanoma.casebook import open_casebook  # noqa: PLC0415

    return open_casebook(place)


def save(book: Casebook, work: Callable[[Writer], None], done: str = "", *, base: Record | None = None) -> bool:
    """Do this in one transaction, as the visitor, and keep what to say of it. False where nothing was saved.

    base: the record as the visitor opened it, where the work changes one: a conflict then becomes a question.
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
        return False
    except CasebookError as error:
        view.failed = str(error)
        return False
    view.done = done
    return True
