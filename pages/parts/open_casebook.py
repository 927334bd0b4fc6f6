"""The casebook, opened once for all visitors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from melanoma.casebook import Casebook


def find_casebook() -> Casebook | None:
    """The casebook that the setting names; None where it is off. Raises CasebookError where it cannot be opened."""
    from melanoma.casebook.database import read_setting  # noqa: PLC0415 (late: it brings SQLAlchemy)

    place = read_setting()
    return None if place is None else _open_casebook(place)


@st.cache_resource(max_entries=2, show_spinner="Opening the casebook …")
def _open_casebook(place: str) -> Casebook:
    from melanoma.casebook import open_casebook  # noqa: PLC0415

    return open_casebook(place)
