"""A tab of the Dataset page: the audit of a folder on the visitor's own computer."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import streamlit as st

from melanoma.audit.audit import Audit, AuditError, audit
from pages.dataset_tabs.data_quality import show_audit
from pages.parts.session import get_session

STEP = 20  # photos between two moves of the progress bar


def audit_a_folder() -> None:
    """A form for the folder, and what was found in it."""
    st.markdown(
        "One folder a diagnosis (`nevus/photo.jpg`), with or without `Train` and `Test` above them. "
        "Photos are only read."
    )
    with st.form("own", border=False):
        path = st.text_input("Folder on this computer", placeholder="/home/me/photos", key="path")
        submitted = st.form_submit_button("Audit this folder", icon=":material/rule:")
    session = get_session()
    if submitted:
        session.audit = run_audit(path.strip())
    if session.audit is not None:
        st.header(session.audit.folder, anchor=False)
        show_audit(session.audit, "own")


def run_audit(path: str) -> Audit | None:
    """The audit, with progress; None, and one sentence, where the folder cannot be audited."""
    if not path:
        st.warning("Type the path of a folder first.")
        return None
    bar = st.progress(0.0, "Reading file names …")

    def progress(items: Iterable, total: int) -> Iterator:
        for done, item in enumerate(items, 1):
            if done % STEP == 0 or done == total:
                bar.progress(done / total, f"Photo {done:,} of {total:,}")
            yield item

    try:
        return audit(Path(path).expanduser(), progress)
    except AuditError as error:
        st.error(str(error), icon=":material/folder_off:")
    except OSError as error:
        st.error(f"This folder cannot be read ({error.strerror}): check its permissions.", icon=":material/folder_off:")
    finally:
        bar.empty()
    return None
