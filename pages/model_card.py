"""The model card of a run: intended use, limits, provenance; to read, and to take away."""

import streamlit as st

from melanoma.documents import cards, model_card, wording
from melanoma.run import folder as runs
from pages.parts import session as opened

st.title("Model card", anchor=False)
st.markdown(f"**{wording.RESEARCH_USE}**")
every, refused = opened.all_runs()
for reason in refused.values():
    st.warning(reason, icon=":material/folder_off:")
if not every:
    st.info("A model card is made from a run, and there is none yet.", icon=":material/description:")
    st.markdown("`python -m melanoma train DATA --name NAME` makes one.")
else:
    known = {run.name: run for run in every}
    names = sorted(known, key=lambda name: (name != runs.DEFAULT_RUN, name))
    run = known[st.selectbox("Run", names, key="run", bind="query-params")]
    with st.container(horizontal=True):
        for label, make, suffix, mime in (
            ("Markdown", lambda: model_card.as_markdown(run), "md", "text/markdown"),
            ("PDF", lambda: model_card.as_pdf(run), "pdf", "application/pdf"),
        ):
            st.download_button(
                label, make, f"model-card-{run.name}.{suffix}", mime, on_click="ignore", icon=":material/download:"
            )
    for section in model_card.model_card(run):
        st.header(section.title, anchor=False)
        for block in section.blocks:
            if isinstance(block, cards.Table):
                st.markdown(f"**{block.caption}**")
                st.table(block.rows, hide_index=True, alt=block.caption)
            else:
                st.markdown(cards.block_markdown(block))
