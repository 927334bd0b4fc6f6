"""Both answers beside each other, with what turning and re-framing the same photo would change."""

import streamlit as st

from melanoma.documents.decision import NAMES_OF_DECISIONS
from melanoma.documents.two_dates import describe_difference, describe_ranges, write_answer
from melanoma.documents.wording import describe_kind, escape_markdown, write_reason
from melanoma.photo import Photo
from melanoma.run import Run
from melanoma.serving import Prediction
from melanoma.serving.repeatability import Repeatability, measure_repeatability
from pages.parts.answer import predict_photo, read_open_photo
from pages.parts.assessment import may_answer
from pages.parts.decision import BADGES
from pages.parts.open_photos import OpenPhoto
from pages.parts.open_runs import open_classifier
from pages.parts.operating_point import current_operating_point
from pages.parts.session import get_session
from pages.parts.turns import wait_for_turn


def show_answers(earlier: OpenPhoto, later: OpenPhoto, run: Run) -> None:
    """A column a photo, and a sentence on whether the two differ by more than noise. Raises RunError."""
    point = current_operating_point(run)
    answers = []
    for column, when, photo in zip(st.columns(2, gap="medium"), ("Earlier", "Later"), (earlier, later), strict=True):
        with column.container(border=True, key=f"answer-{when.lower()}"):
            st.markdown(f"{when}: **{escape_markdown(photo.name)}**")
            answers.append(answer_one(read_open_photo(photo), run, point))
    st.markdown(describe_difference(*answers))
    st.caption(describe_ranges())


def answer_one(photo: Photo, run: Run, point: str) -> tuple[Prediction, Repeatability] | None:
    """State the decision on one photo; None where it is too bad to be answered."""
    prediction = predict_photo(photo, run, point)
    if not may_answer(photo, prediction.assessment):
        return None
    badge = BADGES[prediction.decision].format(NAMES_OF_DECISIONS[prediction.decision])
    st.markdown(f"{badge} {write_reason(prediction)}".replace(" %", "\u00a0%"))
    kind = prediction.kind.kind

    def measure() -> Repeatability:
        with wait_for_turn(), st.spinner("Turning and re-framing the photo …"):
            return measure_repeatability(open_classifier(run), photo, kind)

    views = get_session().keep(("views", photo.sha256, run.answer_sha256, kind), measure)
    for line in write_answer(prediction, views):
        st.markdown(line.replace(" %", "\u00a0%"))
    st.caption(describe_kind(prediction))
    return prediction, views
