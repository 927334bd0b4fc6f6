"""The rows as CSV, JSON and PDF, each made when it is asked for. The files' names say nothing of a patient."""

import streamlit as st

from melanoma.run import Run
from melanoma.serving.worklist import JudgedPhoto
from pages.parts.worklist_view import WorklistView


def offer_downloads(view: WorklistView, run: Run) -> None:
    """Of the selected rows, or of all that are shown where none is."""
    from melanoma.documents import worklist as documents  # noqa: PLC0415 (late: with the first worklist)
    from melanoma.documents import worklist_maps  # noqa: PLC0415

    rows = view.selection or view.shown
    if not rows:
        return
    worklist = view.worklist
    assert worklist is not None

    def draw_map(photo: JudgedPhoto) -> worklist_maps.PrintedMap | None:
        content = worklist.file_of(photo)
        return worklist_maps.draw_map(worklist.classifier, photo, content, worklist.reader) if content else None

    which = f"{len(rows)} selected" if view.selection else f"all {len(rows)} shown"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"Take away {which}:", width="content")
        for label, mime, make in (
            ("PDF", "application/pdf", lambda: documents.as_pdf(rows, run, draw_map)),
            ("CSV", "text/csv", lambda: documents.as_csv(rows)),
            ("JSON", "application/json", lambda: documents.as_json(rows)),
        ):
            st.download_button(
                label,
                make,
                f"worklist.{label.lower()}",
                mime,
                on_click="ignore",
                icon=":material/download:",
                key=f"worklist-{label.lower()}",
            )
