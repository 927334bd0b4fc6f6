"""The decision about the open photo, as Analyze and Explain state it: one network, one operating point, one warning."""

import streamlit as st

from melanoma.documents.decision import NAMES_OF_DECISIONS, advise, describe_band, describe_photo
from melanoma.documents.glossary import explain
from melanoma.documents.wording import (
    CLINICAL_CAUTION,
    RESEARCH_USE,
    describe_diagnoses,
    describe_kind,
    tabulate_lesion,
    write_reason,
)
from melanoma.run import Run
from melanoma.serving import Decision
from melanoma.sources import CLINICAL
from pages.parts.answer import Answer, answer_photo, join_photos, predict_photo, read_open_photo
from pages.parts.assessment import may_answer
from pages.parts.focus import focus_once
from pages.parts.kind_of_photo import choose_kind
from pages.parts.open_photos import OpenPhoto
from pages.parts.operating_point import choose_operating_point, choose_prevalence, current_operating_point
from pages.parts.session import get_session
from pages.parts.widgets import write_table

# Told apart by word, icon and weight, and not by colours that say good or bad.
BADGES: dict[Decision, str] = {
    "refer": ":primary-badge[:material/person_search: {}]",
    "undecided": ":violet-badge[:material/help: {}]",
    "routine": ":gray-badge[:material/event_repeat: {}]",
}
FRAMES: dict[Decision, str] = {"refer": "10px solid", "undecided": "10px double", "routine": "4px dotted"}
STYLE = """<style>
.st-key-decision {{border-left: {line} currentColor !important;}}
.st-key-decision h2:focus-visible {{outline: 2px solid currentColor; outline-offset: 2px; border-radius: 4px;}}
.st-key-decision h2 .stMarkdownBadge {{font-size: inherit !important; margin-right: 0.3em;}}
</style>"""


def show_decision(open_photo: OpenPhoto, run: Run) -> Answer | None:
    """Headline, likeliest diagnosis and prediction set; None where the photo is too bad to be answered.

    Raises RunError.
    """
    photos, photo = get_session().photos, read_open_photo(open_photo)
    seen = predict_photo(photo, run, current_operating_point(run))
    if not may_answer(photo, seen.assessment):
        st.image(photo.pixels, "What was read", width=320, alt="The photo as it was read")
        choose_kind(photo, seen, run)
        focus_once("[data-testid=stAlertContainer]")
        return None
    frame = st.container(border=True, key="decision")
    with st.container(horizontal=True, key="choices"):
        operating_point = choose_operating_point(run)
        choose_kind(photo, seen, run)
        choose_prevalence()
    answer = answer_photo(open_photo.name, photo, run, operating_point)
    if photos.show_one_lesion:
        answer = join_photos(answer, photos.photos, operating_point)
    with frame:
        state_decision(answer)
    focus_once(".st-key-decision h2")
    return answer


def state_decision(answer: Answer) -> None:
    """What a reader in a hurry must see: decision, numbers, what to do, what it could be, and how far to trust it."""
    prediction = answer.prediction
    badge = BADGES[prediction.decision].format(NAMES_OF_DECISIONS[prediction.decision])
    st.html(STYLE.format(line=FRAMES[prediction.decision]))
    # No line begins with a per cent sign.
    st.header(f"{badge} {write_reason(prediction)}".replace(" %", "\u00a0%"), anchor=False)
    st.markdown(f"**{advise(prediction)}**")
    st.markdown(describe_diagnoses(prediction, answer.prediction_set))
    own = answer.run.evaluation.of_kind(prediction.kind.kind) if answer.run.evaluation else None
    if band := describe_band(prediction, own, get_session().prevalence):
        st.markdown(band, help=explain("positive predictive value, likelihood ratio, prevalence, 95 % interval"))
    if answer.lesion:
        st.markdown(describe_kind(prediction))
        write_table(tabulate_lesion(answer.lesion))
    else:
        clinical = (CLINICAL_CAUTION,) if prediction.kind.kind == CLINICAL else ()
        for caution in (*clinical, *prediction.assessment.cautions):
            st.markdown(f":material/info: {caution}")
        st.caption(describe_photo(answer.photo, prediction))
    st.caption(f"**{RESEARCH_USE}**")
