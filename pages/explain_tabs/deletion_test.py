"""A tab of the Explain page: whether the answer rests on the places that a heatmap marks."""

import streamlit as st

from melanoma.charts import checks as check_charts
from melanoma.diagnoses import NAMES
from melanoma.estimates import percent
from melanoma.explain import DeletionTest, Heatmap, Method, blur_crop, run_deletion_test, tabulate_curves
from melanoma.explain.deletion_test import GRID
from pages.parts.answer import Answer
from pages.parts.diagnosis_picker import choose_diagnosis
from pages.parts.open_runs import DRAWING, use_explainer
from pages.parts.session import get_session
from pages.parts.sign_in import note_click
from pages.parts.turns import wait_for_turn
from pages.parts.widgets import draw_chart

ASKING = "Asking the network …"


def show_deletion_test(answer: Answer) -> None:
    """Deletion and insertion of a chosen map, beside random maps."""
    st.markdown(
        "If a map is true, blurring the places it marks takes the probability away (*deletion*). "
        "Showing them first in a blurred photo gives it back (*insertion*)."
    )
    left, right = st.columns(2)
    code = choose_diagnosis(answer, "Evidence for", "deletion-code", place=left)
    methods: list[Method] = list(Method)
    method = right.selectbox("Map", methods, format_func=lambda method: method.facts.label, key="deletion-method")
    heatmap = make_heatmap(answer, code, method)
    if heatmap.peak <= 0:
        st.info(f"There is no positive evidence for {NAMES[code]}, so there is nothing to test.")
        return
    test = get_session().keep(
        ("deletion", answer.photo.sha256, answer.run.answer_sha256, code, method), lambda: run_test(answer, heatmap)
    )
    left, right = st.columns(2, gap="large")
    with left:
        st.header("Deletion", anchor=False)
        words = check_charts.describe_deletion(test)
        draw_chart(check_charts.deletion_curves(test), words, tabulate_curves(test.deletion), "deletion")
        st.caption(words)
    with right:
        st.header("Insertion", anchor=False)
        words = check_charts.describe_insertion(test)
        draw_chart(check_charts.insertion_curves(test), words, tabulate_curves(test.insertion), "insertion")
        st.caption(words)
    st.caption(
        "Where both curves end, all is blurred or all is shown. What the network still answers on the blurred photo "
        "rests on colour alone; no map can explain it."
    )
    show_blurred_crop(answer, heatmap)


def make_heatmap(answer: Answer, code: str, method: Method) -> Heatmap:
    """The map of a diagnosis by a method; the default one came with the answer."""
    if method == answer.heatmaps[code].method:
        return answer.heatmaps[code]

    def make() -> Heatmap:
        with use_explainer(answer.run) as explainer, st.spinner(f"{method.facts.label}: {DRAWING}"):
            return explainer.make_heatmap(answer.prediction.input, code, method)

    return get_session().keep(("heatmap", answer.photo.sha256, answer.run.answer_sha256, code, method), make)


def run_test(answer: Answer, heatmap: Heatmap) -> DeletionTest:
    """The test, with progress."""
    maps = answer.prediction.maps
    bar = st.progress(0.0, ASKING)

    def show_progress(done: int, total: int) -> None:
        bar.progress(done / total, ASKING)

    with wait_for_turn():
        test = run_deletion_test(
            answer.answer_crops,
            answer.prediction.input,
            heatmap,
            grid=GRID if maps is None else maps.shape[1:],
            progress=show_progress,
        )
    bar.empty()
    return test


@st.fragment
def show_blurred_crop(answer: Answer, heatmap: Heatmap) -> None:
    """The crop with a chosen share of its most marked places blurred, and its probability."""
    note_click()
    st.header("See it", anchor=False)
    share = st.slider("Most marked share of the crop to blur", 0, 60, 20, 5, format="%d %%", key="blur-share") / 100
    pixels = answer.prediction.input
    blurred = blur_crop(answer.answer_crops, pixels, heatmap, share)
    left, middle, right = st.columns(3, gap="medium")
    left.image(pixels, "What the network saw", width=260, alt="The square crop that the network saw")
    words = f"{percent(share)} blurred"
    middle.image(blurred.pixels, words, width=260, alt=f"The crop, {words}")
    change = round(100 * blurred.after) - round(100 * blurred.before)
    right.metric(f"Probability of {NAMES[blurred.diagnosis]}", percent(blurred.after), f"{change:+d} points", "off")
