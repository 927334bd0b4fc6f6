"""The decision about the open photo, as Analyze and Explain state it: one network, one operating point, one warning."""

import streamlit as st

from melanoma.documents.wording import describe_diagnoses, describe_kind, tabulate_lesion, write_headline
from melanoma.run import Run
from pages.parts.answer import Answer, answer_photo, join_photos, predict_photo, read_open_photo
from pages.parts.assessment import may_answer
from pages.parts.kind_of_photo import choose_kind
from pages.parts.open_photos import OpenPhoto
from pages.parts.operating_point import choose_operating_point, current_operating_point
from pages.parts.session import get_session
from pages.parts.widgets import write_table


def show_decision(open_photo: OpenPhoto, run: Run) -> Answer | None:
    """Headline, likeliest diagnosis and prediction set; None where the photo is too bad to be answered.

    Raises RunError.
    """
    photos, photo = get_session().photos, read_open_photo(open_photo)
    seen = predict_photo(photo, run, current_operating_point(run))
    if not may_answer(photo, seen.assessment):
        st.image(photo.pixels, "What was read", width=320, alt="The photo as it was read")
        choose_kind(photo, seen, run)
        return None
    head, choice = st.columns([3, 2], gap="small", vertical_alignment="bottom")
    with choice:
        operating_point = choose_operating_point(run)
        choose_kind(photo, seen, run)
    answer = answer_photo(open_photo.name, photo, run, operating_point)
    if photos.show_one_lesion:
        answer = join_photos(answer, photos.photos, operating_point)
    # No line begins with a per cent sign.
    head.header(write_headline(answer.prediction).replace(" %", "\u00a0%"), anchor=False)
    st.markdown(describe_diagnoses(answer.prediction, answer.prediction_set))
    st.markdown(describe_kind(answer.prediction))
    if answer.lesion:
        write_table(tabulate_lesion(answer.lesion))
    return answer
