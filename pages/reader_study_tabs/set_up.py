"""A tab of the Reader study page: photos, their reference diagnoses, and the study's choices."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import streamlit as st

from melanoma.casebook.access import CLINICIAN, UsedCasebook
from melanoma.casebook.error import CasebookError, Invalid
from melanoma.casebook.reader_study import LONGEST_WASHOUT
from melanoma.casebook.reader_study_running import StudyPhoto, read_references, set_up_study
from melanoma.casebook.records import LINE
from melanoma.documents.reader_study import DESIGN
from melanoma.documents.wording import escape_markdown
from melanoma.photo import PhotoError
from melanoma.run import Run
from melanoma.serving import Classifier
from melanoma.serving.turns import TURNS
from pages.parts.network_picker import choose_network
from pages.parts.open_runs import open_classifier
from pages.parts.photo_picker import LARGEST, TYPES
from pages.parts.session import WidgetValue, get_session
from pages.parts.widgets import write_list

if TYPE_CHECKING:
    from melanoma.casebook import Casebook
    from pages.parts.study_view import StudyView

MOST = 300  # photos
STEP = 5  # photos between two moves of the progress bar
STORE = "Store these photos in the casebook"


def show_set_up(book: Casebook) -> None:
    """The form; after it, the code of who set the study up."""
    if isinstance(book, UsedCasebook) and not book.user.may_act_as(CLINICIAN):
        st.info("Setting a study up is for clinicians and administrators. You can take part in the tab Read.")
        return
    view, run = get_session().study, choose_network()
    if run is None:
        return
    if view.owner_code:
        show_owner_code(view)
    with st.expander("How the study is laid out", icon=":material/info:"):
        write_list(list(DESIGN))
    key = f"study-{view.uploads}"
    files: WidgetValue[Sequence] = WidgetValue(f"{key}-photos", [])
    table: WidgetValue = WidgetValue(f"{key}-table", None)
    left, right = st.columns(2, gap="large")
    with left:
        name = st.text_input("Name of the study", key=f"{key}-name", max_chars=LINE)
        days = st.number_input(
            "Days between the two sessions",
            0,
            LONGEST_WASHOUT,
            28,
            key=f"{key}-washout",
            help="So long a reader waits before they see the same photos again. Shorter, and they may remember them.",
        )
        stores = st.checkbox(STORE, key=f"{key}-store")
        st.caption("Readers need them there. They go when the study is deleted.")
    with right:
        st.file_uploader(
            f"Photos, up to {MOST}", TYPES, accept_multiple_files=True, key=files.key, max_upload_size=LARGEST
        )
        st.file_uploader("Reference diagnoses, a CSV", ["csv"], key=table.key, max_upload_size=LARGEST)
        st.caption(
            "Columns: file, diagnosis (one of the nine), and perhaps practice (yes for items that do not count)."
        )
    if st.button(
        "Set the study up",
        key="set-up",
        type="primary",
        icon=":material/play_arrow:",
        disabled=not (name.strip() and stores and files.get() and table.get()),
    ):
        set_up(book, view, run, name, days, files.get(), table.get())
        st.rerun()
    st.caption(f"{run.name} gives the support, to all readers the same. File names are not stored.")


def show_owner_code(view: StudyView) -> None:
    """The code of who set a study up, until they say that they have it."""
    with st.container(border=True):
        st.markdown("**Your code for the analysis.** Write it down. It is shown once. Only its salted hash is stored.")
        st.code(view.owner_code, language=None)
        st.button("I have written it down", on_click=lambda: setattr(view, "owner_code", ""), key="owner-code-seen")


def set_up(book: Casebook, view: StudyView, run: Run, name: str, days: int, files: Sequence, table) -> None:
    """Ask the network about every photo, and store the study."""
    bar = st.progress(0.0, "Reading photos …")

    def show(done: int) -> None:
        if done % STEP == 0:
            bar.progress(done / len(files), f"Photo {done} of {len(files)}")

    try:
        classifier, contents = open_classifier(run), [(file.name, file.getvalue()) for file in files]
        photos = read_study_photos(classifier, contents, table.getvalue(), show)
        study, view.owner_code = set_up_study(book, name, photos, washout_days=days)
    except CasebookError as error:
        view.failed = str(error)
        return
    finally:
        bar.empty()
    view.uploads += 1
    view.done = f"{escape_markdown(study.name)} is set up with {len(photos)} photos. Readers can join."


def read_study_photos(
    classifier: Classifier, files: list[tuple[str, bytes]], table: bytes, show: Callable[[int], None]
) -> list[StudyPhoto]:
    """Each photo with its reference and the network's answer; `show` is told how many are done.

    Raises Invalid where files and table do not match.
    """
    references = read_references(table)
    names = [name for name, _ in files]
    for unmatched, where in ((set(names) - set(references), "table"), (set(references) - set(names), "photos")):
        if unmatched:
            raise Invalid(f"{sorted(unmatched)[0]} is not among the {where}. Each photo needs one line of the table.")
    if len(files) > MOST or len(set(names)) < len(names):
        raise Invalid(f"Give each photo once, and at most {MOST}.")
    photos = []
    for done, (name, content) in enumerate(files):
        show(done)
        try:
            photo = get_session().reader.read(content, always=True)
            with TURNS.take(always=True):  # between two photos others have theirs
                prediction = classifier.predict(photo)
        except PhotoError as error:
            raise Invalid(f"{name}: {error}") from error
        photos.append(StudyPhoto(content, photo.format, references[name], prediction))
    return photos
