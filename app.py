"""The app's frame: page settings and navigation. `streamlit run app.py`."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from importlib import import_module
from pathlib import Path
from threading import Event, Thread
from typing import Any

import streamlit as st
from starlette.middleware import Middleware
from streamlit import net_util
from streamlit.errors import StreamlitAPIException
from streamlit.runtime import Runtime

from melanoma.operations import (
    SecurityHeaders,
    give_memory_back,
    keep_content_out,
    keep_uploads_in_memory,
    make_routes,
)

# By the heading of the menu that they stand in; those under none are always in sight.
PAGES = {
    "": {
        "analyze": ("Analyze", ":material/center_focus_strong:"),
        "worklist": ("Worklist", ":material/format_list_numbered:"),
        "compare_dates": ("Two dates", ":material/compare:"),
        "explain": ("Explain", ":material/layers:"),
        "cases": ("Cases", ":material/folder_shared:"),
        "performance": ("Performance", ":material/monitoring:"),
    },
    "More": {
        "diagnoses": ("Diagnoses", ":material/stethoscope:"),
        "dataset": ("Dataset", ":material/dataset:"),
        "model_card": ("Model card", ":material/description:"),
        "reader_study": ("Reader study", ":material/groups:"),
        "privacy": ("Where your photos go", ":material/lock:"),
    },
}

# What the first visit needs, imported while the visitor's browser still loads Streamlit's scripts.
AHEAD = ("pandas", "plotly.graph_objects", "onnxruntime", "melanoma.charts.heatmaps")

TIDY = 30  # seconds between two looks for who has left

# Drawn here: Streamlit would fetch the picture of a named icon from elsewhere.
ICON = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><circle cx="16" cy="16" r="13" fill="none"
 stroke="#0B5F83" stroke-width="3"/><path d="M16 9c5 0 7 4 6 8s-5 6-9 5-4-6-2-9 3-4 5-4z" fill="#7A4A30"/></svg>"""


# Streamlit marks a link of the navigation that has the focus by a grey that is hard to see.
STYLE = """<style>
.st-key-shell { display: none; }
:is([data-testid=stTopNavLink], [data-testid=stTopNavSection], [data-testid=stSidebarNavLink]):focus-visible {
  outline: 3px solid currentColor !important; outline-offset: -3px;
}
</style>"""

# On a phone, Streamlit leaves its menu open over the page that was chosen in it.
SCRIPT = """<script>window.closesMenu ??= (document.addEventListener('click', event => {
  if (innerWidth < 640 && event.target.closest('[data-testid=stSidebarNavLink]'))
    setTimeout(() => document.querySelector('[data-testid=stSidebarCollapseButton] button')?.click());
}, true), true);</script>"""


def prepare_first_visit(is_ready: Event) -> None:
    """Import what it needs, start the process that reads photos, and open the network."""
    for name in AHEAD:
        import_module(name)
    import_module("melanoma.photo").prepare_reading()
    open_runs = import_module("pages.parts.open_runs")
    ready, _ = open_runs.open_ready_runs()
    if ready:
        open_runs.open_classifier(ready[0])
        is_ready.set()


def forget_who_left() -> None:
    """Streamlit lets go of one who left two minutes ago when the next one comes or leaves; here it does in any case."""
    runtime: Any = Runtime.instance()
    runtime._session_mgr._session_storage._cache.expire()
    give_memory_back()


async def tidy() -> None:
    """Again and again."""
    while True:
        await asyncio.sleep(TIDY)
        forget_who_left()


@asynccontextmanager
async def serve(_: st.App) -> AsyncIterator[None]:
    """From when the server starts until it is asked to stop; then the processes that it started end too."""
    Thread(target=prepare_first_visit, args=(IS_READY,), name="ahead", daemon=True).start()
    forget_who_left()  # nobody yet: a Streamlit that keeps them elsewhere is found out now
    tidying = asyncio.create_task(tidy())
    yield
    tidying.cancel()
    import_module("melanoma.photo.safe_reading").POOL.close()
    import_module("melanoma.explain.drawing").DRAWING.close()


if __name__ == "__main__":  # for each visitor, at each click
    # Before the pages: the browser would fetch the picture of a page's icon from elsewhere.
    st.set_page_config(page_icon=ICON, layout="wide", initial_sidebar_state="collapsed")
    folder = Path(__file__).parent / "pages"
    pages = {
        heading: [
            st.Page(folder / f"{name}.py", title=title, icon=icon, url_path=name, default=name == "analyze")
            for name, (title, icon) in own.items()
        ]
        for heading, own in PAGES.items()
    }
    page = st.navigation(pages, position="top")
    st.set_page_config(page_title=f"{page.title} · Melanoma")
    with st.container(key="shell"):
        st.html(STYLE + SCRIPT, unsafe_allow_javascript=True)
    if import_module("pages.parts.sign_in").let_in():
        page.run()
else:  # once, when the server starts
    # Until st.navigation has been called, Streamlit takes a folder called pages/ for an app of its own, and the first
    # visitor whom a link brings to a page would find its files listed instead of this navigation.
    with suppress(StreamlitAPIException):  # there is no visitor yet to offer a page to
        st.navigation([])
    keep_content_out()
    keep_uploads_in_memory()
    # A page from elsewhere that tries to connect would have Streamlit ask a web service for this server's address.
    net_util.get_external_ip = lambda: None
    IS_READY = Event()
    app = st.App(__file__, lifespan=serve, routes=make_routes(IS_READY), middleware=[Middleware(SecurityHeaders)])
