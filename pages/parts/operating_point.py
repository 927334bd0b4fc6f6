"""Where the lines between refer, undecided and routine are drawn: chosen once, for Analyze and Explain."""

import streamlit as st

from melanoma.run import Run, operating_point_name
from pages.parts.session import WidgetValue, get_session


def current_operating_point(run: Run) -> str:
    """The chosen one, or the default of a run that is ready to answer where it has no such point."""
    calibration, session = run.calibration, get_session()
    assert calibration is not None
    if session.operating_point not in calibration.operating_points:
        session.operating_point = calibration.default_operating_point
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
        help="Where the lines between refer, undecided and routine are drawn.",
    )
    return current_operating_point(run)
