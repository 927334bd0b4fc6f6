"""Which network answers, and whose results are read: chosen once, for all pages."""

import streamlit as st

from melanoma.run import DEFAULT_RUN, Run, folder
from pages.parts import address
from pages.parts.open_runs import open_ready_runs
from pages.parts.session import WidgetValue, get_session

ADDRESS = "network"


def choose_network() -> Run | None:
    """The run that answers on every page; a list to choose from only where several are ready.

    Says what to do where none is.
    """
    ready, refused = open_ready_runs()
    if not ready:
        explain_no_network(refused)
        return None
    runs = {run.name: run for run in ready}
    session, names = get_session(), list(runs)
    if session.network is None:
        address.say_if_unknown(ADDRESS, runs, "network")
        session.network = address.read(ADDRESS)
    if session.network not in runs:
        session.network = names[0]
    address.write(ADDRESS, session.network, names[0])
    if len(names) > 1:
        widget: WidgetValue[str] = WidgetValue("network", session.network)
        widget.set(session.network)
        st.sidebar.selectbox(
            "Network",
            names,
            key=widget.key,
            on_change=lambda: setattr(session, "network", widget.get()),
            help="Trained and calibrated runs.",
        )
        if session.network != names[0]:
            st.warning(f"{session.network} answers, not the usual network.", icon=":material/swap_horiz:")
    return runs[session.network]


def explain_no_network(refused: dict[str, str]) -> None:
    """Why nothing answers, and where training is shown."""
    st.info("No network is ready to answer yet.", icon=":material/hourglass_empty:")
    st.markdown(
        f"The app looks for runs in `{folder.MODELS.name}/`. Photos can be analyzed once a run is trained and "
        "evaluated. The Performance page shows its training."
    )
    for reason in refused.values():
        st.caption(reason)
    st.page_link("pages/performance.py", label="Open Performance", icon=":material/monitoring:")


def choose_run(runs: list[Run]) -> Run:
    """One of the runs, which are at least one: the one chosen before, on any page, else the default.

    A link names it, as `?run=NAME`.
    """
    names = {run.name: run for run in sorted(runs, key=lambda run: (run.name != DEFAULT_RUN, run.name))}
    session = get_session()
    widget: WidgetValue[str] = WidgetValue("run", next(iter(names)))
    address.say_if_unknown(widget.key, names, "run")
    if "run" not in st.query_params:
        widget.set(session.run if session.run in names else widget.default)
    name = st.selectbox(
        "Run",
        list(names),
        key=widget.key,
        bind="query-params",
        on_change=lambda: setattr(session, "run", widget.get()),
    )
    if name != widget.default or session.run in names:  # else the one chosen before is merely not offered here
        session.run = name
    return names[name]
