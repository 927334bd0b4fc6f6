"""The model card of a run: intended use, limits, provenance; to read, and to take away."""

import streamlit as st

from melanoma.documents.cards import Section, Table, write_block
from melanoma.documents.model_card import as_markdown, as_pdf, write_card
from melanoma.documents.wording import RESEARCH_USE
from melanoma.run import Run, RunError
from pages.parts.network_picker import choose_run
from pages.parts.open_runs import open_all_runs
from pages.parts.widgets import list_contents, start_section


def show_card(run: Run) -> None:
    """The card on the page, and as a file."""
    sections = write_card(run)
    with st.container(horizontal=True):
        for label, make, suffix, mime in (
            ("Markdown", lambda: as_markdown(run), "md", "text/markdown"),
            ("PDF", lambda: as_pdf(run), "pdf", "application/pdf"),
        ):
            st.download_button(
                label, make, f"model-card-{run.name}.{suffix}", mime, on_click="ignore", icon=":material/download:"
            )
    list_contents([section.title for section in sections])
    for section in sections:
        show_section(section)


def show_section(section: Section) -> None:
    """A heading with its paragraphs, lists and tables."""
    start_section(section.title)
    for block in section.blocks:
        if isinstance(block, Table):
            st.markdown(f"**{block.caption}**")
            st.table(block.rows, hide_index=True, alt=block.caption)
        else:
            st.markdown(write_block(block))


st.title("Model card", anchor=False)
st.markdown(f"**{RESEARCH_USE}**")
runs, refused = open_all_runs()
for reason in refused.values():
    st.warning(reason, icon=":material/folder_off:")
if not runs:
    st.info("A model card is made from a run, and there is none yet.", icon=":material/description:")
    st.markdown("`python -m melanoma train DATA --name NAME` makes one.")
else:
    try:
        show_card(choose_run(runs))
    except RunError as error:
        st.error(str(error), icon=":material/error:")
