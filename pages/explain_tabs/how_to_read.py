"""How to read a heatmap, what it cannot say, and how faithful this run's maps have been."""

import pandas as pd
import streamlit as st

from melanoma.documents import wording
from melanoma.evaluation import tables as results
from melanoma.run import folder as runs
from pages.parts.widgets import table

TEXT = """
**What a map is.** The network sees the square crop as a coarse grid of places. A Grad-CAM map says how much each
place adds to the score of one diagnosis, before scores become probabilities. It is drawn smoothly, but it is no finer
than the grid. All nine maps share one scale, so a faint map means little evidence, and an empty one means none.

**What it cannot say.**

- *That the answer is right.* A map can lie squarely on the lesion while the diagnosis is wrong.
- *Why.* It marks a place, not a feature: pigment network, colour and hair may share it.
- *What speaks against.* Only evidence for a diagnosis is drawn; “This or that” shows both signs.

**What studies found.**

- Some maps hardly change when the network's weights are made random, so they show the picture and not the network
  (Adebayo 2018, *Sanity Checks for Saliency Maps*, arXiv:1810.03292). Grad-CAM passed, several others did not.
- On chest radiographs, maps were worse than radiologists at marking findings, most of all small and
  complex ones (Saporta 2022, *Nature Machine Intelligence*, doi:10.1038/s42256-022-00536-x).
- Good AI support helped readers of skin photos, but faulty AI misled even experts
  (Tschandl 2020, *Nature Medicine*, doi:10.1038/s41591-020-0942-0). A convincing picture is no reason to change
  one's mind.

**How to use it.** Look for what should not matter: ruler, ink, hair, the dark rim. Evidence there is a reason to
doubt the answer. Evidence on the lesion only fails to give one. Then check the map
against chance, and hide the region yourself.
"""


def how_to_read(run: runs.Run) -> None:
    st.markdown(TEXT)
    measured = (run.evaluation or {}).get("faithfulness")
    st.header("How faithful this run's maps are on test photos", anchor=False)
    if not measured:
        st.info("Not measured for this run yet: `python -m melanoma explain-check RUN --data DATA` does it.")
        return
    rows = [
        results.flattened(parts).assign(method=name)[["method", "what", "value", "low", "high"]]
        for name, parts in measured["methods"].items()
    ]
    if run.taught_places:
        st.info(wording.TAUGHT_PLACES, icon=":material/school:")
    st.caption(measured["note"])
    table(pd.concat(rows), "Faithfulness of each method, with 95 % intervals", "faithful", height=360)
    st.caption(wording.RESEARCH_USE)
