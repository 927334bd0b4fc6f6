"""What is wrong with a photo, said before any answer, and whether it is answered: the same on every page."""

import streamlit as st

from melanoma.photo import DOUBTFUL, UNUSABLE, Assessment, Photo
from pages.parts.session import WidgetValue, get_session


def may_answer(photo: Photo, assessment: Assessment) -> bool:
    """Say what is wrong with the photo. False where it is unusable, and the visitor has not asked for an answer.

    Asked on one page, it is asked on all.
    """
    reasons = " ".join(assessment.reasons)
    if assessment.quality == DOUBTFUL:
        st.warning(f"**Doubtful photo.** {reasons} Read the answer with care.", icon=":material/blur_on:")
    if assessment.quality != UNUSABLE:
        return True
    consents = get_session().answer_despite_quality
    if photo.sha256 not in consents:
        st.error(f"**No answer is given for this photo.** {reasons}", icon=":material/block:")
    else:
        st.error(f"**Unusable photo.** {reasons} The answer cannot be relied on.", icon=":material/block:")
    answer_despite: WidgetValue[bool] = WidgetValue(f"answer-despite-quality-{photo.sha256[:16]}", False)
    answer_despite.set(photo.sha256 in consents)
    st.checkbox(
        "Answer all the same", key=answer_despite.key, on_change=lambda: toggle(photo.sha256, answer_despite.get())
    )
    return photo.sha256 in consents


def toggle(sha256: str, wanted: bool) -> None:
    """Remember whether a photo is to be answered despite its quality."""
    consents = get_session().answer_despite_quality
    (consents.add if wanted else consents.discard)(sha256)
