"""A diagnosis to choose from the nine, the likeliest first, each with its probability."""

from collections.abc import Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from melanoma.documents.wording import write_option
from pages.parts.answer import Answer


def choose_diagnosis(
    answer: Answer, label: str, key: str, *, codes: Sequence[str] | None = None, place: DeltaGenerator | None = None
) -> str:
    """Code of the diagnosis. codes: to choose from, by default all; place: where the list stands, by default here.

    The choice begins anew with every photo.
    """
    return (place or st).selectbox(
        label,
        codes or answer.prediction.ranked,
        format_func=lambda code: write_option(code, answer.prediction),
        key=f"{key}-{answer.key}",
    )
