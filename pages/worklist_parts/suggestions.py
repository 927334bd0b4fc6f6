"""Photos that may show the same lesion: the visitor confirms, or says that they do not."""

import streamlit as st

from melanoma.audit.lesion_suggestions import Suggestion, suggest_lesions
from melanoma.documents.wording import escape_markdown
from melanoma.serving.worklist import WorklistRow
from pages.parts.session import get_session
from pages.parts.worklist_view import WorklistView
from pages.worklist_parts.pictures import show_pictures

MOST = 6  # on the page at once


def show_suggestions(view: WorklistView) -> None:
    """A row for each suggestion, once all photos are answered."""
    worklist = view.worklist
    assert worklist is not None
    if worklist.progress.is_running:
        return
    photos, lesions = worklist.photos, worklist.lesions
    key = ("worklist-suggestions", tuple(photo.sha256 for photo in photos), tuple(sorted(lesions)))
    found = get_session().keep(key, lambda: suggest_lesions(photos, lesions))
    open_ones = [one for one in found if one.numbers not in view.not_same]
    if not open_ones:
        return
    by_number = {photo.number: photo for photo in photos}
    with st.expander("Same lesion? Pairs to confirm", icon=":material/join_inner:"):
        st.caption(f"{len(open_ones)} {'pair' if len(open_ones) == 1 else 'pairs'}. Nothing is grouped by itself.")
        for one in open_ones[:MOST]:
            pair = [by_number[number] for number in one.numbers]
            with st.container(horizontal=True, vertical_alignment="center"):
                show_pictures(pair, 72)
                st.markdown(f"{escape_markdown(', '.join(photo.name for photo in pair))}. {one.reason}", width=420)
                name = "-".join(map(str, one.numbers))
                st.button("Same lesion", on_click=confirm, args=(view, one), key=f"same-{name}", icon=":material/done:")
                st.button("Not the same", on_click=view.not_same.add, args=(one.numbers,), key=f"not-same-{name}")


def confirm(view: WorklistView, suggestion: Suggestion) -> None:
    """Group the photos of a suggestion."""
    worklist = view.worklist
    assert worklist is not None
    photos = [photo for photo in worklist.photos if photo.number in suggestion.numbers]
    worklist.group([WorklistRow((photo,), photo.prediction) for photo in photos])
    view.regroup()
