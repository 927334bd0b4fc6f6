"""The server that the app is in: what it prepares, what it watches, and what it leaves in order when it ends."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from threading import Event, Thread
from typing import Any

import streamlit as st
from starlette.middleware import Middleware
from streamlit import config, net_util
from streamlit.runtime import Runtime

from melanoma.operations import (
    SecurityHeaders,
    give_memory_back,
    keep_content_out,
    keep_uploads_in_memory,
    make_routes,
)
from pages.parts.local_visitor import is_this_computer

# What the first visit needs, imported while the visitor's browser still loads Streamlit's scripts.
AHEAD = ("pandas", "plotly.graph_objects", "onnxruntime", "melanoma.charts.heatmaps")

TIDY = 30  # seconds between two looks for who has left
OWN_NAMES = ("localhost", "*.localhost", "127.0.0.1", "::1")


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
        refuse_other_names()  # Streamlit reads its settings anew when their file changes


def refuse_other_names() -> None:
    """A server for this computer alone answers to its own names: somebody else's web page can make one lead here."""
    address = st.get_option("server.address")
    if is_this_computer(address) and not st.get_option("server.allowedHosts"):
        names = [*OWN_NAMES, address.strip("[]"), st.get_option("browser.serverAddress")]
        config.set_option("server.allowedHosts", names)


class Server:
    """What Streamlit's application needs of ours. Once a process: logs and uploads are set up when it is made."""

    def __init__(self) -> None:
        keep_content_out()
        keep_uploads_in_memory()
        # A page from elsewhere that tries to connect would have Streamlit ask a web service for this server's address.
        net_util.get_external_ip = lambda: None
        refuse_other_names()
        self._is_ready = Event()
        self.routes = make_routes(self._is_ready)
        self.middleware = [Middleware(SecurityHeaders)]

    @asynccontextmanager
    async def serve(self, _: st.App) -> AsyncIterator[None]:
        """From when the server starts until it is asked to stop; then the processes that it started end too."""
        Thread(target=prepare_first_visit, args=(self._is_ready,), name="ahead", daemon=True).start()
        forget_who_left()  # nobody yet: a Streamlit that keeps them elsewhere is found out now
        tidying = asyncio.create_task(tidy())
        yield
        tidying.cancel()
        import_module("melanoma.photo.safe_reading").POOL.close()
        import_module("melanoma.explain.drawing").DRAWING.close()
