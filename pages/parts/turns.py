"""A visitor's turn at the processor, and the place in line while others are before."""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from melanoma.serving.turns import TURNS, Turns


@contextmanager
def wait_for_turn(turns: Turns = TURNS) -> Iterator[None]:
    """Says the place in line while it lasts; one who leaves, or clicks elsewhere, gives it up.

    Raises TooBusyError, which is a RunError.
    """
    message = st.empty()

    def tell(place: int) -> None:
        before = "One answer is" if place == 1 else f"{place} answers are"
        # Where the visitor has left, Streamlit ends the script at this call.
        message.info(f"Others work at the same time: {before} made before yours.", icon=":material/hourglass_empty:")

    with turns.take(tell):
        message.empty()
        yield
