"""What a page's address says of the visitor's choices, so that a link or a page loaded anew finds them again."""

from collections.abc import Container

import streamlit as st

from melanoma.documents.wording import escape_markdown


def read(name: str) -> str | None:
    """The value behind `?name=`; None where the address has none."""
    return st.query_params.get(name)


def write(name: str, value: str, usual: str) -> None:
    """Put a choice into the address; the usual one needs no place there."""
    if value != usual:
        if st.query_params.get(name) != value:
            st.query_params[name] = value
    elif name in st.query_params:
        del st.query_params[name]


def say_if_unknown(name: str, known: Container[str], what: str) -> None:
    """A line where the address asks for something that is not here, such as an old link; what: its kind, in words."""
    stated = read(name)
    if stated is not None and stated not in known:
        st.warning(
            f"The address asks for the {what} “{escape_markdown(stated)}”, which is not here. What is shown is the "
            "usual choice.",
            icon=":material/link_off:",
        )
