"""A visitor's turn at the processor, and the place in line while others are before."""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from melanoma.photo import Photo
from melanoma.serving.turns import TURNS, Turns
from pages.parts.session import get_session


@contextmanager
def wait_for_turn(turns: Turns = TURNS) -> Iterator[None]:
    """Says the place in line while it lasts; one who leaves, or clicks elsewhere, gives it up.

    Raises TooBusyError, which is a RunError.
    """
    message = st.empty()
    with turns.take(lambda place: show_place(message, "answer is" if place == 1 else "answers are", "made", place)):
        message.empty()
        yield


def read_in_turn(data: bytes) -> Photo:
    """The photo in the bytes of a file that the visitor opened; says the place in line while others' are read.

    Raises PhotoError, or TooBusyError, which is a RunError.
    """
    message = st.empty()
    with st.spinner("Reading the photo …"):
        photo = get_session().reader.read(
            data, lambda place: show_place(message, "photo is" if place == 1 else "photos are", "read", place)
        )
    message.empty()
    return photo


def show_place(message: DeltaGenerator, what: str, done: str, place: int) -> None:
    """Say how many are before this visitor. Where the visitor has left, Streamlit ends the script at this call."""
    number = "one" if place == 1 else str(place)
    message.info(
        f"Others work at the same time: {number} {what} {done} before yours.", icon=":material/hourglass_empty:"
    )
