"""The Cases page while the casebook is off: what it would store, where, and how it is turned on."""

import streamlit as st

from pages.parts.widgets import write_list

STORED = [
    "Patients by a reference that you choose. No name is needed.",
    "Lesions with their place on a body map, visits with their dates, and when the next one is due.",
    "Your readings before and after the network's answer, the answers themselves, reports, and outcomes.",
    "Photos only where you ask for it, at each visit. Else only their SHA-256.",
    "Every change, with who made it and when. What you delete is deleted, photos too.",
]
WHERE = [
    "In one SQLite file, `casebook.db`, in a folder that you name, on the computer that runs this program; or in a "
    "PostgreSQL database. Nothing goes anywhere else.",
    "The file is not encrypted. Put the folder on an encrypted disk, and into your backups.",
]


def introduce() -> None:
    """Nothing is stored, and how that would change."""
    st.info("The casebook is off. Nothing is stored.", icon=":material/lock:")
    st.markdown(
        "A casebook keeps lesions over time. You read first, then see the probabilities. Histology settles it later, "
        "and the Agreement tab shows how often you, the network, and both together were right."
    )
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown("**What it would store**")
        write_list(STORED)
    with right:
        st.markdown("**Where**")
        write_list(WHERE)
        st.markdown("**How to turn it on**")
        st.markdown("Make a folder. Name it when you start the program, then open this page again:")
        st.code("MELANOMA_CASEBOOK=/path/to/folder streamlit run app.py", language="bash", wrap_lines=True)
