"""Two tabs of the explain page that ask the network again: deletion and insertion, and a region hidden by hand."""

from dataclasses import replace

import numpy as np
import pandas as pd
import streamlit as st

from melanoma.charts import checks as charts_checks
from melanoma.diagnoses import CODES, NAMES, index
from melanoma.documents import wording
from melanoma.explain import faithfulness
from melanoma.explain.heatmaps import Method
from melanoma.photo import occlusion
from melanoma.photo.preprocessing import centre_square
from melanoma.serving.classifier import calibrated
from pages.parts import session as opened
from pages.parts.widgets import chart, themed

RANDOM_MAPS = 3
BOX = {"hide-x": (0.38, 0.62), "hide-y": (0.35, 0.65)}  # the region before the user chooses: the middle


def asker(classifier):
    """inputs (n, s, s, 3) uint8 -> (n, 9) calibrated probabilities."""
    return lambda inputs: calibrated(classifier.network.forward(inputs)[0], classifier.calibration["temperature"])


def check_map(run, photo, prediction, maps, classifier) -> None:
    st.markdown(
        "If a map is true, blurring the places it marks takes the probability away (*deletion*), and a blurred "
        "photo gains it back when they are shown first (*insertion*)."
    )
    left, right = st.columns(2)
    code = left.selectbox(
        "Evidence for",
        wording.ranked(prediction),
        format_func=lambda c: wording.option(c, prediction),
        key="check-code",
    )
    method = right.selectbox("Map", list(Method), format_func=lambda m: m.facts.label, key="check-method")
    heatmap = maps[code]
    if method != heatmap.method:
        with st.spinner(f"{method.facts.label} …"):
            heatmap = opened.explainer(run.name, run.sha256).heatmap(prediction.input, code, method)
    if heatmap.peak <= 0:
        st.info(f"There is no positive evidence for {NAMES[code]}, so there is nothing to check.")
        return
    curves = asked(run, photo, prediction, heatmap, classifier)
    for column, (title, done) in zip(
        st.columns(2, gap="large"), {"deletion": "blurred", "insertion": "shown"}.items(), strict=True
    ):
        own, random = curves[title]
        words = charts_checks.curve_words(code, own, random, deletion=title == "deletion")
        data = pd.DataFrame({"share": own.shares, "this map": own.probabilities})
        for i, curve in enumerate(random):
            data[f"random map {i + 1}"] = curve.probabilities
        with column:
            st.header(title.capitalize(), anchor=False)
            chart(charts_checks.curves(own, random, done), words, data, title)
            st.caption(words)
    st.caption(
        "Where both curves end, all is blurred or all is shown. What the network still answers on the blurred photo "
        "rests on colour alone, and no map can explain it."
    )
    see_it_blurred(prediction, heatmap, code, classifier)


def asked(run, photo, prediction, heatmap, classifier) -> dict:
    """Deletion and insertion of the map and of random maps; asked once for a map."""
    key = (run.sha256, photo.sha256, heatmap.diagnosis, heatmap.method)
    kept = st.session_state.get("checked")
    if kept is None or kept[0] != key:
        random = [faithfulness.random_map(prediction_grid(prediction), seed) for seed in range(RANDOM_MAPS)]
        maps = [heatmap.values, *random]
        found = {}
        bar = st.progress(0.0, "Asking the network …")
        for i, (name, check) in enumerate(
            {"deletion": faithfulness.deletion, "insertion": faithfulness.insertion}.items()
        ):
            drawn = []
            for j, values in enumerate(maps):
                drawn.append(check(asker(classifier), prediction.input, values, index(heatmap.diagnosis)))
                bar.progress((i * len(maps) + j + 1) / (2 * len(maps)), "Asking the network …")
            found[name] = (drawn[0], drawn[1:])
        bar.empty()
        kept = st.session_state["checked"] = (key, found)
    return kept[1]


def prediction_grid(prediction) -> tuple[int, int]:
    """How coarse random maps are: as the network's own."""
    return prediction.maps.shape[1:] if prediction.maps is not None else (7, 7)


@st.fragment
def see_it_blurred(prediction, heatmap, code: str, classifier) -> None:
    """The crop with a chosen share of its most marked places blurred, and its probability."""
    st.header("See it", anchor=False)
    share = st.slider("Most marked share of the crop to blur", 0, 60, 20, 5, format="%d %%", key="blur-share") / 100
    pixels = prediction.input
    changed = faithfulness.replaced(pixels, faithfulness.blurred(pixels), heatmap.values, share)
    before, after = asker(classifier)(np.stack([pixels, changed]))[:, index(code)]
    columns = st.columns(3, gap="medium")
    columns[0].image(pixels, "What the network saw", width=260, alt="The square crop that the network saw")
    columns[1].image(changed, f"{share:.0%} blurred", width=260, alt=f"The crop, {share:.0%} of it blurred")
    columns[2].metric(f"Probability of {NAMES[code]}", f"{after:.1%}", f"{100 * (after - before):+.1f} points", "off")


@st.fragment
def hide_region(photo, prediction, classifier) -> None:
    """Mark a region; see the photo without it, and how the nine probabilities move."""
    st.markdown("Draw a box on the photo, or set it below: the region is hidden and the network asked again.")
    height, width = photo.pixels.shape[:2]
    for key, value in BOX.items():
        st.session_state.setdefault(key, value)
    how = st.segmented_control(
        "Hidden by", ["filled", "blurred"], default="filled", required=True, key="hide-how",
        help="Filled: as if the skin around went on. Blurred: colours stay, structure goes.",
    )  # fmt: skip
    left, right = st.columns(2, gap="large")
    with left:
        x, y = st.session_state["hide-x"], st.session_state["hide-y"]
        box = (x[0] * width, y[0] * height, x[1] * width, y[1] * height)
        figure = charts_checks.pickable(photo.pixels, centre_square(width, height), box, height=340)
        st.plotly_chart(
            themed(figure), key="picked", selection_mode="box", config={"displayModeBar": False, "scrollZoom": False},
            on_select=lambda: take_box(width, height), alt="The photo; the yellow box is the region that is hidden.",
        )  # fmt: skip
        st.slider("From left to right", 0.0, 1.0, step=0.01, key="hide-x", format="percent")
        st.slider("From top to bottom", 0.0, 1.0, step=0.01, key="hide-y", format="percent")
    try:
        hidden = occlusion.occlude(photo.pixels, box, how)
    except ValueError as error:
        right.warning(f"Choose another region: {error}")
        return
    after = classifier.predict(replace(photo, pixels=hidden))
    with right:
        crop = centre_square(width, height)
        st.image(hidden, "The photo without the region", width="stretch", alt="The photo with the region hidden")
        if box[2] <= crop[0] or box[0] >= crop[2] or box[3] <= crop[1] or box[1] >= crop[3]:
            st.caption("The box lies outside what the network sees, so nothing can move.")
    words = charts_checks.move_words(prediction.probabilities, after.probabilities)
    data = pd.DataFrame({"diagnosis": CODES, "before": prediction.probabilities, "after": after.probabilities})
    moved = charts_checks.moves(prediction.probabilities, after.probabilities)
    chart(moved, words, data, "region")
    st.caption(
        f"{words} Numbers: change in points. Malignant sum {prediction.malignant:.2f} to {after.malignant:.2f}. "
        "A hidden region makes a picture that the network was not trained on, so small moves mean little."
    )


def take_box(width: int, height: int) -> None:
    """The box just drawn becomes the region."""
    boxes = st.session_state["picked"].selection.box
    if not boxes:
        return
    for key, values, length in (("hide-x", boxes[0]["x"], width), ("hide-y", boxes[0]["y"], height)):
        low, high = (float(np.clip(v / length, 0, 1)) for v in (min(values), max(values)))
        st.session_state[key] = (round(low, 2), round(max(high, low + 0.01), 2))
