"""As which kind a photo is read: as the network sees it, or as the visitor says."""

import streamlit as st

from melanoma.photo import Photo
from melanoma.run import Run
from melanoma.serving import Prediction
from melanoma.sources import CLINICAL, DERMOSCOPIC
from pages.parts.session import WidgetValue, get_session

NAMES = {DERMOSCOPIC: "dermoscopic", CLINICAL: "clinical close-up"}


def choose_kind(photo: Photo, prediction: Prediction, run: Run) -> None:
    """A choice where the run answers several kinds; prediction: of this photo, whose kind is the one chosen now."""
    calibration, kinds = run.calibration, get_session().kinds
    if calibration is None or len(calibration.kinds) == 1:
        return
    widget: WidgetValue[str] = WidgetValue(f"kind-{photo.sha256[:16]}", prediction.kind.kind)
    widget.set(prediction.kind.kind)
    st.segmented_control(
        "Read as",
        list(calibration.kinds),
        required=True,
        format_func=NAMES.__getitem__,
        key=widget.key,
        on_change=lambda: kinds.__setitem__(photo.sha256, widget.get()),
        help="A dermoscopic photo and a clinical close-up have thresholds of their own.",
    )
