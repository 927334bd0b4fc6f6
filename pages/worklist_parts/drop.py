"""How photos come onto the worklist, how far it is, and how it is stopped."""

from collections.abc import Sequence

import streamlit as st

from melanoma.photo.archives import MAX_ARCHIVE, MAX_ENTRIES
from melanoma.run import Run, RunError
from melanoma.serving.judging import KEPT, MOST, Worklist
from pages.parts.open_runs import open_classifier
from pages.parts.photo_picker import TYPES
from pages.parts.session import WidgetValue, get_session
from pages.parts.worklist_view import WorklistView
from pages.worklist_parts.camera import take_shots

MB = 1024**2
# Photos. Streamlit's uploader draws its whole list of files anew for each file that is added and each that has arrived:
# four times as many take over ten times as long. melanoma/bench/README.md has the figures.
AT_ONCE = 200
WHAT_IS_KEPT = (
    "Photos stay in memory and are never stored. Of each, the list keeps a thumbnail, the answer and the file. "
    f"Beyond {KEPT // MB} MB of files, those lowest in the list are let go, and must be dropped again to be "
    f"opened. A list holds {MOST:,} photos. More than {AT_ONCE} files arrive slowly one by one: drop them as a ZIP, "
    "which arrives at once. For whole archives, the command “python -m melanoma score” reads folders of any size."
)


def take_files(run: Run) -> None:
    """A field for photos, ZIPs and a table of lesions."""
    session = get_session()
    begun = session.worklist.worklist is not None
    with st.expander("More photos" if begun else "Photos", expanded=not begun, icon=":material/add_photo_alternate:"):
        upload: WidgetValue[Sequence] = WidgetValue(f"worklist-files-{session.uploads}", [])
        st.file_uploader(
            f"Photos of skin lesions, up to {AT_ONCE} at once, or a ZIP of up to {MAX_ENTRIES:,}",
            [*TYPES, "zip", "csv"],
            accept_multiple_files=True,
            key=upload.key,
            on_change=lambda: take_uploads(upload, run),
            max_upload_size=MAX_ARCHIVE // MB,
        )
        st.caption(
            "A CSV with the columns “file” and “lesion”, beside the photos or in the ZIP, says which of them show the "
            "same lesion."
        )
        st.caption(WHAT_IS_KEPT)
        if begun:
            st.button("Close the list", on_click=close_list, key="close-worklist", icon=":material/close:")
    # By itself, so that it stays open while the first photo begins the list.
    with st.expander("Photos with a phone, one after the other", icon=":material/photo_camera:"):
        st.caption("The phone's own camera opens, in full resolution. On a computer this asks for a file.")
        take_shots(lambda suffix, content: add_shot(suffix, content, run))


def add_shot(suffix: str, content: bytes, run: Run) -> None:
    """Put a photo that was just taken onto the list; suffix: of its file's name."""
    view = get_session().worklist
    view.shots += 1
    add_files([(f"Photo {view.shots}.{suffix}", content)], run)


def take_uploads(upload: WidgetValue[Sequence], run: Run) -> None:
    """Put what has just been uploaded onto the list, and empty the uploader."""
    session = get_session()
    files = [(file.name, file.getvalue()) for file in upload.get()]
    if files and session.take_upload(upload.key):
        add_files(files, run)


def add_files(files: Sequence[tuple[str, bytes]], run: Run) -> None:
    """Put files onto the list, which is begun with the first."""
    session = get_session()
    if session.worklist.worklist is None:
        try:
            session.worklist.worklist = Worklist(open_classifier(run), reader=session.reader)
        except RunError:  # the page opens it as well, and says what is wrong
            return
    session.worklist.worklist.add(files)


def close_list() -> None:
    """Forget the list and its photos."""
    session = get_session()
    if session.worklist.worklist is not None:
        session.worklist.worklist.stop()
        session.worklist.worklist.leave_out()
    session.worklist = WorklistView()


def introduce() -> None:
    """The page before the first photo."""
    for column, (icon, title, text) in zip(
        st.columns(3, gap="medium"),
        [
            ("sort", "Worst first", "Refer, undecided, what could not be judged, then routine."),
            ("join_inner", "One row a lesion", "Photos of the same lesion are grouped, and answered as one."),
            ("download", "To take away", "CSV, JSON, and one PDF of the rows that you select."),
        ],
        strict=True,
    ):
        with column.container(border=True):
            st.markdown(f":material/{icon}: **{title}**")
            st.caption(text)
    st.caption("Drop the photos of a morning above. Once all have arrived, the first rows come while others are read.")


def show_progress(view: WorklistView) -> None:
    """How many are done and how long the others will take; stop, go on, or leave the others out."""
    worklist = view.worklist
    assert worklist is not None
    progress = worklist.progress
    if progress.waiting:
        total = progress.judged + progress.waiting
        words = f"{progress.judged} of {total} photos answered"
        if progress.is_stopped:
            words += f". Stopped, {progress.waiting} wait."
        elif progress.seconds_left is not None:
            words += f", {write_duration(progress.seconds_left)} left"
        with st.container(horizontal=True, vertical_alignment="center", key="worklist-progress"):
            st.progress(progress.judged / total, words)
            if progress.is_stopped:
                st.button("Go on", on_click=worklist.resume, key="go-on", icon=":material/play_arrow:")
                st.button("Leave them out", on_click=worklist.leave_out, key="leave-out", icon=":material/close:")
            else:
                st.button("Stop", on_click=worklist.stop, key="stop", icon=":material/stop:")
    if progress.repeated and not progress.waiting:
        st.caption(f"{progress.repeated} of these files were on the list already, under the same name.")
    for note in worklist.notes:
        st.warning(note, icon=":material/folder_zip:")


def write_duration(seconds: float) -> str:
    """About so long, in words."""
    if seconds < 60:
        return f"about {max(round(seconds), 1)} s"
    return f"about {round(seconds / 60)} min"
