"""Where the lines between refer, undecided and routine are drawn: chosen once, for Analyze and Explain."""

import streamlit as st

from melanoma.documents.glossary import define
from melanoma.run import Run, operating_point_name
from pages.parts import address
from pages.parts.session import WidgetValue, get_session

ADDRESS = "point"


def current_operating_point(run: Run) -> str:
    """The chosen one, else the one in the address, else the default of a run that is ready to answer."""
    calibration, session = run.calibration, get_session()
    assert calibration is not None
    usual, points = calibration.default_operating_point, calibration.operating_points
    if session.operating_point is None:
        address.say_if_unknown(ADDRESS, points, "operating point")
        session.operating_point = address.read(ADDRESS)
    if session.operating_point not in points:
        session.operating_point = usual
    address.write(ADDRESS, session.operating_point, usual)
    return session.operating_point


def choose_operating_point(run: Run) -> str:
    """Name of one of the operating points of a run that is ready to answer."""
    calibration, session = run.calibration, get_session()
    assert calibration is not None
    widget: WidgetValue[str] = WidgetValue("operating-point", current_operating_point(run))
    widget.set(widget.default)
    st.segmented_control(
        "Operating point",
        list(calibration.operating_points),
        required=True,
        format_func=operating_point_name,
        key=widget.key,
        on_change=lambda: setattr(session, "operating_point", widget.get()),
        help=define("operating point"),
    )
    return current_operating_point(run)


def choose_prevalence() -> float:
    """Which share of the lesions photographed in this clinic is malignant; kept for all pages."""
    session = get_session()
    widget: WidgetValue[int] = WidgetValue("clinic-prevalence", round(100 * session.prevalence))
    widget.set(round(100 * session.prevalence))
    st.number_input(
        "Malignant, of 100 lesions here",
        1,
        50,
        key=widget.key,
        on_change=lambda: setattr(session, "prevalence", widget.get() / 100),
        help=f"{define('prevalence')} It decides what a score means.",
        width=220,
    )
    return session.prevalence
