"""The decision about the open photo, as Analyze and Explain state it: one network, one operating point, one warning."""

import streamlit as st

from melanoma.documents.wording import describe_diagnoses, write_headline
from melanoma.run import Run
from pages.parts.answer import Answer, answer_photo, read_open_photo
from pages.parts.assessment import may_answer
from pages.parts.open_photos import OpenPhoto
from pages.parts.operating_point import choose_operating_point


def show_decision(open_photo: OpenPhoto, run: Run) -> Answer | None:
    """Headline, likeliest diagnosis and prediction set; None where the photo is too bad to be answered.

    Raises RunError.
    """
    photo, assessment = read_open_photo(open_photo)
    if not may_answer(photo, assessment):
        st.image(photo.pixels, "What was read", width=320, alt="The photo as it was read")
        return None
    head, choice = st.columns([3, 2], gap="small", vertical_alignment="bottom")
    with choice:
        operating_point = choose_operating_point(run)
    answer = answer_photo(open_photo.name, photo, run, operating_point)
    # No line begins with a per cent sign.
    head.header(write_headline(answer.prediction).replace(" %", "\u00a0%"), anchor=False)
    st.markdown(describe_diagnoses(answer.prediction, answer.prediction_set))
    return answer
