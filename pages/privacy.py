"""Where photos go, and how that was tested."""

import streamlit as st

from melanoma.documents.privacy import TESTED, WHERE, write_limits
from pages.parts.sign_in import is_open_to_others, is_set_up
from pages.parts.widgets import write_list

st.title("Where your photos go", anchor=False)
write_list(list(WHERE))
st.header("What was tested", anchor=False)
st.markdown("Tests that run with every change of the program start the real server and a real browser:")
st.table(TESTED, hide_index=True, alt="What was tested, and by which test")
st.header("What no test can promise", anchor=False)
write_list(write_limits(is_open=is_open_to_others() and not is_set_up()))
