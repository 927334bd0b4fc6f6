"""How the runs trained, how good they are on test photos, and what a threshold means for patients."""

import streamlit as st

from melanoma.charts import training as charts_training
from melanoma.documents import wording
from melanoma.run import folder as runs
from melanoma.run import history as histories
from pages.parts import session as opened
from pages.parts.widgets import chart
from pages.performance_tabs.compare import compared
from pages.performance_tabs.test_results import explorer, test_results
from pages.performance_tabs.training import trained

TABS = ("Training", "Test results", "Operating point", "Compare", "A cautionary tale")
LEAKY, HONEST = "baseline-cnn-leaky", "baseline-cnn"


def cautionary_tale(every: list[runs.Run]) -> None:
    """The leaky protocol beside the same network's honest training."""
    pair = {run.name: run for run in every if run.name in (LEAKY, HONEST)}
    if len(pair) < 2:
        st.info(
            f"This story needs the runs `{LEAKY}` and `{HONEST}`; "
            f"{' and '.join(f'`{n}`' for n in (LEAKY, HONEST) if n not in pair)} is not there.",
            icon=":material/menu_book:",
        )
        return
    leaky, honest = pair[LEAKY], pair[HONEST]
    st.header("One network, two protocols", anchor=False)
    st.markdown(histories.tale(leaky, honest))
    data = histories.curves([leaky, honest], "accuracy")
    best = {run.name: found["epoch"] for run in (leaky, honest) if (found := histories.best_epoch(run))}
    columns = st.columns(2, gap="large")
    for column, run, label in zip(
        columns, (leaky, honest), ("Leaky: not to be believed", "Split by lesion"), strict=True
    ):
        with column:
            st.subheader(label, anchor=False)
            rows = data[data["run"] == run.name]
            figure = charts_training.curves(rows, "accuracy", best, height=340, shared_axis=(0, 1))
            chart(figure, charts_training.words(rows, "accuracy"), rows, f"tale-{run.name}")
            if warning := run.facts.get("warning"):
                st.caption(warning)


st.title("Performance", anchor=False)
every, refused = opened.all_runs()
for reason in refused.values():
    st.warning(reason, icon=":material/folder_off:")
if not every and not any(opened.foreign_logs()):
    st.info(f"There is no run in `{runs.MODELS.name}/` yet.", icon=":material/monitoring:")
    st.markdown("`python -m melanoma train DATA --name NAME` makes one; it shows up here after its first epoch.")
else:
    tabs = dict(zip(TABS, st.tabs(TABS, key="tab", bind="query-params"), strict=True))
    with tabs["Training"]:
        if tabs["Training"].open:
            trained(every)
    with tabs["Test results"]:
        if tabs["Test results"].open:
            test_results(every)
    with tabs["Operating point"]:
        if tabs["Operating point"].open:
            explorer(every)
    with tabs["Compare"]:
        if tabs["Compare"].open:
            compared(every)
    with tabs["A cautionary tale"]:
        if tabs["A cautionary tale"].open:
            cautionary_tale(every)
    st.caption(wording.RESEARCH_USE)
