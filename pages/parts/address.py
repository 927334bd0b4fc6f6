"""What a page's address says of the visitor's choices, so that a link or a page loaded anew finds them again."""

import streamlit as st


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
