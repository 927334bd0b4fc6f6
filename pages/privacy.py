"""Where photos go, and how that was tested."""

import streamlit as st

from melanoma.documents.privacy import TESTED, write_limits, write_places
from melanoma.serving.remote_engine import find_engine_address
from pages.parts.open_casebook import is_on
from pages.parts.sign_in import is_open_to_others, is_set_up
from pages.parts.widgets import write_list

st.title("Where your photos go", anchor=False)
write_list(write_places(has_casebook=is_on(), asks_a_server=bool(find_engine_address())))
st.header("What was tested", anchor=False)
st.markdown("Tests that run with every change of the program start the real server and a real browser:")
st.table(TESTED, hide_index=True, alt="What was tested, and by which test")
st.header("What no test can promise", anchor=False)
write_list(write_limits(is_open=is_open_to_others() and not is_set_up()))
