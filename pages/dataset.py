"""What the network learned from, what is wrong with it, and the same questions for a folder of one's own."""

from collections.abc import Callable

import streamlit as st

from melanoma.documents.wording import RESEARCH_USE
from pages.dataset_tabs.audit_a_folder import audit_a_folder
from pages.dataset_tabs.data_quality import show_data_quality
from pages.dataset_tabs.training_photos import show_training_photos
from pages.parts.local_visitor import runs_locally
from pages.parts.tabs import choose_tab

AUDIT = "Audit a folder"
TABS: dict[str, Callable[[], None]] = {
    "Training photos": show_training_photos,
    "Data quality": show_data_quality,
    AUDIT: audit_a_folder,
}


st.title("Dataset", anchor=False)
st.caption(RESEARCH_USE)
tabs = {name: show for name, show in TABS.items() if name != AUDIT or runs_locally()}
for show, tab in choose_tab(tabs, "tab"):
    with tab:
        show()
