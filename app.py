"""The app's frame: page settings and navigation. `streamlit run app.py`."""

from pathlib import Path

import streamlit as st

PAGES = {
    "analyze": ("Analyze", ":material/center_focus_strong:"),
    "explain": ("Explain", ":material/layers:"),
    "worklist": ("Worklist", ":material/checklist:"),
    "performance": ("Performance", ":material/monitoring:"),
    "dataset": ("Dataset", ":material/dataset:"),
    "model_card": ("Model card", ":material/description:"),
}

st.set_page_config(page_title="Melanoma", page_icon=":material/center_focus_strong:", layout="wide")
folder = Path(__file__).parent / "pages"
pages = [
    st.Page(folder / f"{name}.py", title=title, icon=icon, url_path=name, default=name == "analyze")
    for name, (title, icon) in PAGES.items()
    if (folder / f"{name}.py").exists()
]
st.navigation(pages, position="top").run()
