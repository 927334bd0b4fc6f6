"""Similar cases, below an answer: lesions with a known outcome that the same network answered alike."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st

from melanoma.run import Run
from melanoma.sources import CLINICAL, DERMOSCOPIC
from pages.parts.local_visitor import runs_locally
from pages.parts.open_casebook import is_on

OWN, FOLDER = "Casebook", "A folder"


@dataclass(frozen=True)
class Seen:
    """What similar cases are looked for: nine probabilities, (9,), of one network for one kind of photo.

    itself: id of the lesion, or SHA-256 of the photo, which is not its own neighbour.
    """

    probabilities: np.ndarray
    run: Run
    kind: str
    itself: str


def offer_similar_cases(seen: Seen) -> None:
    """A closed part of the page; nothing where there can be no library."""
    sources = [OWN] * is_on() + [FOLDER] * runs_locally()
    if not sources or seen.kind not in (DERMOSCOPIC, CLINICAL):  # nobody measured a lesion with photos of both
        return
    key = f"similar-{seen.itself[:16]}"
    part = st.expander("Similar cases with a known outcome", icon=":material/grid_view:", key=key, on_change="rerun")
    if not part.open:
        return
    from pages.parts.nearest_lesions import show_from_book, show_from_folder  # noqa: PLC0415 (late: it brings SciPy)

    with part:
        source = st.segmented_control("Library", sources, default=sources[0], required=True, key="library")
        (show_from_book if source == OWN else show_from_folder)(seen)
