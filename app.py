"""The app's frame: page settings and navigation. `streamlit run app.py`."""

from contextlib import suppress
from importlib import import_module
from pathlib import Path
from threading import Thread

import streamlit as st
from streamlit.errors import StreamlitAPIException

PAGES = {
    "analyze": ("Analyze", ":material/center_focus_strong:"),
    "worklist": ("Worklist", ":material/format_list_numbered:"),
    "explain": ("Explain", ":material/layers:"),
    "cases": ("Cases", ":material/folder_shared:"),
    "reader_study": ("Reader study", ":material/groups:"),
    "performance": ("Performance", ":material/monitoring:"),
    "diagnoses": ("Diagnoses", ":material/stethoscope:"),
    "dataset": ("Dataset", ":material/dataset:"),
    "model_card": ("Model card", ":material/description:"),
}

# What the first visit needs, imported while the visitor's browser still loads Streamlit's scripts.
AHEAD = ("pandas", "plotly.graph_objects", "onnxruntime", "melanoma.serving", "melanoma.charts.heatmaps")

# Drawn here: Streamlit would fetch the picture of a named icon from elsewhere.
ICON = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><circle cx="16" cy="16" r="13" fill="none"
 stroke="#0B5F83" stroke-width="3"/><path d="M16 9c5 0 7 4 6 8s-5 6-9 5-4-6-2-9 3-4 5-4z" fill="#7A4A30"/></svg>"""


# Streamlit marks a link of the navigation that has the focus by a grey that is hard to see.
STYLE = """<style>
[data-testid=stTopNavLink]:focus-visible, [data-testid=stSidebarNavLink]:focus-visible {
  outline: 3px solid currentColor !important; outline-offset: -3px;
}
</style>"""


def prepare_first_visit() -> None:
    """Import what it needs, and start the process that reads photos."""
    for name in AHEAD:
        import_module(name)
    import_module("melanoma.photo").prepare_reading()


if __name__ == "__main__":  # for each visitor, at each click
    # Before the pages: the browser would fetch the picture of a page's icon from elsewhere.
    st.set_page_config(page_icon=ICON, layout="wide", initial_sidebar_state="collapsed")
    folder = Path(__file__).parent / "pages"
    pages = [
        st.Page(folder / f"{name}.py", title=title, icon=icon, url_path=name, default=name == "analyze")
        for name, (title, icon) in PAGES.items()
    ]
    page = st.navigation(pages, position="top")
    st.set_page_config(page_title=f"{page.title} · Melanoma")
    st.html(STYLE)
    page.run()
else:  # once, when the server starts
    # Until st.navigation has been called, Streamlit takes a folder called pages/ for an app of its own, and the first
    # visitor whom a link brings to a page would find its files listed instead of this navigation.
    with suppress(StreamlitAPIException):  # there is no visitor yet to offer a page to
        st.navigation([])
    Thread(target=prepare_first_visit, name="ahead", daemon=True).start()
    app = st.App(__file__)
