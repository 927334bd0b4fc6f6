"""Where the line between refer and routine is drawn: chosen once, for Analyze and Explain."""

import streamlit as st

from melanoma.run import Run, operating_point_name
from pages.parts.session import WidgetValue, get_session


def choose_operating_point(run: Run) -> str:
    """Name of one of the operating points of a run that is ready to answer."""
    calibration = run.calibration
    assert calibration is not None
    names = list(calibration.operating_points)
    session = get_session()
    if session.operating_point not in names:
        session.operating_point = calibration.default_operating_point
    widget: WidgetValue[str] = WidgetValue("operating-point", session.operating_point)
    widget.set(session.operating_point)
    st.segmented_control(
        "Operating point",
        names,
        required=True,
        format_func=operating_point_name,
        key=widget.key,
        on_change=lambda: setattr(session, "operating_point", widget.get()),
        help="Where the line between refer and routine is drawn.",
    )
    return session.operating_point
