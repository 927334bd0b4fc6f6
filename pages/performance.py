"""How the runs trained, how good they are on test photos, and what a threshold means for patients."""

from collections.abc import Callable

import streamlit as st

from melanoma.documents.wording import RESEARCH_USE
from melanoma.run import Run, RunError, folder
from pages.parts.open_runs import open_all_logs, open_all_runs
from pages.parts.tabs import choose_tab
from pages.performance_tabs.compare import compare
from pages.performance_tabs.data_leakage_example import show_data_leakage
from pages.performance_tabs.operating_point import explore_operating_point
from pages.performance_tabs.test_results import show_test_results
from pages.performance_tabs.training import show_training

TABS: dict[str, Callable[[list[Run]], None]] = {
    "Training": show_training,
    "Test results": show_test_results,
    "Operating point": explore_operating_point,
    "Compare": compare,
    "Data leakage example": show_data_leakage,
}

st.title("Performance", anchor=False)
st.caption(RESEARCH_USE)
runs, refused = open_all_runs()
for reason in refused.values():
    st.warning(reason, icon=":material/folder_off:")
if not runs and not any(open_all_logs()):
    st.info(f"There is no run in `{folder.MODELS.name}/` yet.", icon=":material/monitoring:")
    st.markdown("`python -m melanoma train DATA --name NAME` makes one. It is listed here after its first epoch.")
else:
    for show, tab in choose_tab(TABS, "tab"):
        with tab:
            try:
                show(runs)
            except RunError as error:
                st.error(str(error), icon=":material/error:")
