"""A tab of the Explain page: how to read a heatmap, what it cannot say, and how faithful this run's maps have been."""

import streamlit as st

from melanoma.documents.findings_faithfulness import EXPLANATION, describe_faithfulness, write_methods
from melanoma.documents.wording import LESION_ATTENTION
from melanoma.evaluation.tables import flatten
from melanoma.run import Run
from pages.parts.widgets import draw_table, write_list

TEXT = """
**What a map is.** The network sees the square crop as a coarse grid. A Grad-CAM map says how much each place adds to
the score of one diagnosis. The map is drawn smoothly, but it is no finer than the grid. All nine maps share one scale:
a faint map means little evidence, an empty one none.

**What it cannot say.**

- *That the answer is right.* A map can lie on the lesion while the diagnosis is wrong.
- *Why.* It marks a place, not a feature. Pigment network, colour and hair may share it.
- *What speaks against.* Only evidence for a diagnosis is drawn. “Compare two” shows both signs.

**What studies found.**

- Some maps hardly change when the network's weights are made random: they show the photo, not the network. Grad-CAM
  passed this check, several others did not
  (Adebayo 2018, *Sanity Checks for Saliency Maps*, arXiv:1810.03292).
- On chest radiographs, maps were worse than radiologists at marking findings, most of all small and complex ones
  (Saporta 2022, *Nature Machine Intelligence*, doi:10.1038/s42256-022-00536-x).
- Good AI support helped readers of skin photos, but faulty AI misled even experts
  (Tschandl 2020, *Nature Medicine*, doi:10.1038/s41591-020-0942-0).

**How to use it.** Look for what should not matter: ruler, ink, hair, the dark rim. Evidence there is a reason to doubt
the answer. Evidence on the lesion is no proof of it. Then run the deletion test, and hide the region yourself.
"""


def show_how_to_read(run: Run, kind: str) -> None:
    """The text, and what was measured of this run's maps of photos of this kind."""
    st.markdown(TEXT)
    st.header(f"How faithful this run's maps are on {kind} test photos", anchor=False)
    faithfulness = run.evaluation.faithfulness_of(kind) if run.evaluation else None
    if faithfulness is None:
        command = f"python -m melanoma explain-check {run.name} --data DATA --kind {kind}"
        st.info(f"Not measured for this run yet: `{command}` does it.")
        return
    if run.is_lesion_attentive:
        st.info(LESION_ATTENTION, icon=":material/center_focus_weak:")
    write_list(describe_faithfulness(faithfulness))
    st.caption(faithfulness.note)
    draw_table(write_methods(faithfulness), "What was measured of each method, with 95 % intervals", "methods-measured")
    st.caption(EXPLANATION)
    with st.expander("All estimates, as the run keeps them"):
        draw_table(flatten(faithfulness), "Faithfulness of each method, with 95 % intervals", "faithful", height=360)
