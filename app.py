"""The app's frame: page settings and navigation. `streamlit run app.py`."""

from contextlib import suppress
from importlib import import_module
from pathlib import Path

import streamlit as st
from streamlit.errors import StreamlitAPIException

from pages.parts.shell import ICON, draw_shell

PAGES = {
    "analyze": ("Analyze", ":material/center_focus_strong:"),
    "worklist": ("Worklist", ":material/format_list_numbered:"),
    "compare_dates": ("Two dates", ":material/compare:"),
    "explain": ("Explain", ":material/layers:"),
    "cases": ("Cases", ":material/folder_shared:"),
    "performance": ("Performance", ":material/monitoring:"),
    "diagnoses": ("Diagnoses", ":material/stethoscope:"),
    "dataset": ("Dataset", ":material/dataset:"),
    "model_card": ("Model card", ":material/description:"),
    "reader_study": ("Reader study", ":material/groups:"),
    "privacy": ("Privacy", ":material/lock:"),
}

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
    draw_shell()
    if import_module("pages.parts.sign_in").let_in():
        page.run()
else:  # once, when the server starts
    # Until st.navigation has been called, Streamlit takes a folder called pages/ for an app of its own, and the first
    # visitor whom a link brings to a page would find its files listed instead of this navigation.
    with suppress(StreamlitAPIException):  # there is no visitor yet to offer a page to
        st.navigation([])
    server = import_module("pages.parts.server").Server()
    # Here, in these words: Streamlit reads this file to find out whether it makes an application.
    app = st.App(__file__, lifespan=server.serve, routes=server.routes, middleware=server.middleware)
