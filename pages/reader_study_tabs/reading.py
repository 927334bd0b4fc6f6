"""A tab of the Reader study page: join a study, or come back to it, and read one photo after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from melanoma.casebook.access import UsedCasebook
from melanoma.casebook.error import CasebookError
from melanoma.casebook.reader_study import FIRST, STUDY_DIAGNOSES, Study, StudyCase
from melanoma.casebook.reader_study_running import find_progress, find_reader, join_study, record_reading
from melanoma.casebook.vocabulary import OTHER, ROLES
from melanoma.charts.answer import describe_bars, draw_bars
from melanoma.diagnoses import CODES, NAMES
from melanoma.documents.decision import NAMES_OF_DECISIONS
from melanoma.documents.reader_study import describe_support
from melanoma.documents.wording import escape_markdown
from melanoma.photo import PhotoError
from melanoma.run import RunError
from pages.parts.session import WidgetValue, get_session
from pages.parts.turns import read_in_turn
from pages.parts.widgets import draw_figure

if TYPE_CHECKING:
    from melanoma.casebook import Casebook
    from melanoma.casebook.reader_study_running import Item, Progress
    from pages.parts.study_view import StudyView

YES, NO = "Yes", "No"
CODED = "No name is asked for. You get a code. Only its salted hash is stored."
LOGGED = (
    " The audit log names you, with the times of your answers and without your code. Who compares these times with the "
    "study's can tell which reader you are."
)
DIAGNOSIS_NAMES = {**NAMES, OTHER: "none of these nine"}


def show_reading(book: Casebook) -> None:
    """Who reads, then their next photo."""
    view = get_session().study
    if view.study is None or view.reader is None:
        choose_study(book, view)
        return
    progress = find_progress(book, view.study, view.reader)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{escape_markdown(view.study.name)}** · reader {view.reader.name[:6]}", width="content")
        st.button("Leave", on_click=view.leave, key="leave-study", icon=":material/logout:")
    if view.is_new:
        show_code(view)
    elif progress.item is None:
        show_end(progress)
    elif view.is_paused:
        show_pause(view, progress.item)
    else:
        show_item(book, view, progress.item, progress)


def choose_study(book: Casebook, view: StudyView) -> None:
    """Join as a new reader, or come back with a code."""
    studies = {study.name: study for study in book.find(Study)}
    if not studies:
        st.info("There is no study yet. Set one up in the next tab.")
        return
    name = st.selectbox("Study", list(studies), key="study-to-read", width=420)
    study = studies[name]
    left, right = st.columns(2, gap="large")
    with left, st.container(border=True):
        st.markdown("**New reader**")
        role = st.selectbox("You are a", list(ROLES), format_func=ROLES.__getitem__, key="reader-role")
        st.button("Join", on_click=join, args=(book, view, study, role), key="join", icon=":material/person_add:")
        st.caption(CODED + (LOGGED if isinstance(book, UsedCasebook) else ""))
    with right, st.container(border=True):
        st.markdown("**Come back**")
        code: WidgetValue[str] = WidgetValue("reader-code", "")
        st.text_input("Your code", key=code.key, max_chars=20, autocomplete="off")
        st.button(
            "Go on", on_click=lambda: come_back(book, view, study, code), key="come-back", icon=":material/login:"
        )


def join(book: Casebook, view: StudyView, study: Study, role: str) -> None:
    """Add a reader, who then sees their code."""
    try:
        view.reader, view.code = join_study(book, study, role)
        view.study, view.is_new = study, True
    except CasebookError as error:
        view.failed = str(error)


def come_back(book: Casebook, view: StudyView, study: Study, code: WidgetValue[str]) -> None:
    """Find the reader of the code."""
    try:
        view.reader, view.study, view.code = find_reader(book, study, code.get()), study, code.get()
        code.set("")
    except CasebookError as error:
        view.failed = str(error)


def show_code(view: StudyView) -> None:
    """The code of a new reader, once."""
    st.markdown("**Your code.** Write it down. It is shown once, and nobody can find it again for you.")
    st.code(view.code, language=None)
    st.markdown(
        "You read each photo twice: once alone and once with the network's answer. An answer cannot be changed. "
        "The time runs from the first sight of a photo to your answer, less pauses. Pause whenever you like."
    )
    st.button(
        "I have written it down: begin",
        on_click=lambda: setattr(view, "is_new", False),
        key="begin",
        type="primary",
        icon=":material/play_arrow:",
    )


def show_end(progress: Progress) -> None:
    """Nothing to read now."""
    if progress.waits_until is None:
        st.success(f"You have read all {progress.total} items. Thank you.", icon=":material/check:")
        return
    when = f"{progress.waits_until:%d %B %Y at %H:%M} UTC"
    st.info(f"The first session is done. The second one opens on {when}. Come back with your code.")


def show_pause(view: StudyView, item: Item) -> None:
    """No photo, and no time that counts."""

    def go_on() -> None:
        view.is_paused = False
        view.clock(name_item(item)).go_on()

    st.info("Paused. What you have answered is saved. You may close the window, and come back with your code.")
    st.button("Go on", on_click=go_on, key="go-on", type="primary", icon=":material/play_arrow:")


def name_item(item: Item) -> str:
    """Unlike any other of the reader's."""
    return f"{item.session}-{item.case.id}"


def show_item(book: Casebook, view: StudyView, item: Item, progress: Progress) -> None:
    """The photo, the network's answer where there is support, and the form."""
    kind = " · practice, does not count" if item.case.practice else ""
    how = "with the network's answer" if item.supported else "alone"
    st.markdown(
        f"Photo **{item.place} of {item.total}**, session {item.session} of 2 · **{how}**{kind} · "
        f"{progress.done} of {progress.total} answered"
    )
    left, right = st.columns([6, 5], gap="large")
    with left:
        try:
            photo = get_session().keep(
                ("photo", item.case.sha256), lambda: read_in_turn(book.content(item.case.sha256))
            )
        except (PhotoError, RunError) as error:  # too many people wait
            st.error(str(error), icon=":material/error:")
            return
        st.image(photo.pixels, width="stretch", alt="The photo to read")
        if item.supported:
            show_support(item.case, name_item(item))
    with right:
        ask(book, view, item)
    view.clock(name_item(item))  # from here on: the photo is drawn


def show_support(case: StudyCase, key: str) -> None:
    """The network's answer, as it was when the study was set up."""
    shares = dict(zip(CODES, case.probabilities, strict=True))
    with st.container(border=True):
        st.markdown(f"**The network: {NAMES_OF_DECISIONS[case.decision]}**")  # type: ignore[index]
        st.caption(describe_support(case))
        draw_figure(draw_bars(shares), describe_bars(shares), f"support-{key}", bare=True)


def ask(book: Casebook, view: StudyView, item: Item) -> None:
    """Diagnosis, what to do, how sure; answered once."""
    key = name_item(item)
    diagnosis: WidgetValue[str | None] = WidgetValue(f"diagnosis-{key}", None)
    refers: WidgetValue[str | None] = WidgetValue(f"refers-{key}", None)
    confidence: WidgetValue[int] = WidgetValue(f"confidence-{key}", 50)

    def answer() -> None:
        said, wanted = diagnosis.get(), refers.get()
        if said is None or wanted is None or view.study is None or view.reader is None:
            view.failed = "Choose a diagnosis, and say whether you would act. Then answer."
            return
        seconds = view.clock(key).read()
        values = {"diagnosis": said, "refers": wanted == YES, "confidence": confidence.get(), "seconds": seconds}
        try:
            record_reading(book, view.study, view.reader, item, code=view.code, **values)  # type: ignore[arg-type]
        except CasebookError as error:
            view.failed = str(error)

    def pause() -> None:
        view.clock(key).stop()
        view.is_paused = True

    for value in (diagnosis, refers, confidence):
        value.get()
    with st.form(f"read-{key}", border=False):
        st.radio("Diagnosis", STUDY_DIAGNOSES, key=diagnosis.key, format_func=DIAGNOSIS_NAMES.__getitem__)
        st.radio("Would you excise, biopsy or refer it?", [YES, NO], key=refers.key, horizontal=True)
        st.slider("How sure are you of the diagnosis?", 0, 100, step=5, key=confidence.key, format="%d %%")
        st.form_submit_button("Answer, and go on", on_click=answer, type="primary", icon=":material/arrow_forward:")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button("Pause", on_click=pause, key="pause", icon=":material/pause:")
        st.caption("An answer cannot be changed." if item.session != FIRST or not item.case.practice else "Practice.")
