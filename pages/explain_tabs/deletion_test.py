"""A tab of the Explain page: whether the answer rests on the places that a heatmap marks."""

import streamlit as st

from melanoma.charts import checks as check_charts
from melanoma.diagnoses import NAMES
from melanoma.estimates import percent
from melanoma.explain import Curves, DeletionTest, Heatmap, Method, blur_crop, run_deletion_test
from pages.parts.answer import Answer
from pages.parts.diagnosis_picker import choose_diagnosis
from pages.parts.open_runs import open_explainer
from pages.parts.session import get_session
from pages.parts.widgets import draw_chart


def show_deletion_test(answer: Answer) -> None:
    """Deletion and insertion of a chosen map, beside random maps."""
    st.markdown(
        "If a map is true, blurring the places it marks takes the probability away (*deletion*). "
        "Showing them first in a blurred photo gives it back (*insertion*)."
    )
    left, right = st.columns(2)
    code = choose_diagnosis(answer, "Evidence for", "deletion-code", place=left)
    method = right.selectbox("Map", list(Method), format_func=lambda m: m.facts.label, key="deletion-method")
    heatmap = make_heatmap(answer, code, method)
    if heatmap.peak <= 0:
        st.info(f"There is no positive evidence for {NAMES[code]}, so there is nothing to test.")
        return
    test = get_session().keep(
        ("deletion", answer.photo.sha256, answer.run.answer_sha256, code, method), lambda: run_test(answer, heatmap)
    )
    left, right = st.columns(2, gap="large")
    with left:
        show_curves(test, test.deletion, "deletion")
    with right:
        show_curves(test, test.insertion, "insertion")
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
        explainer = open_explainer(answer.run)
        with st.spinner(f"{method.facts.label} …"):
            return explainer.make_heatmap(answer.prediction.input, code, method)

    return get_session().keep(("heatmap", answer.photo.sha256, answer.run.answer_sha256, code, method), make)


def run_test(answer: Answer, heatmap: Heatmap) -> DeletionTest:
    """The test, with progress."""
    bar = st.progress(0.0, "Asking the network …")
    test = run_deletion_test(
        lambda crops: answer.classifier.answer(crops)[0],
        answer.prediction.input,
        heatmap,
        grid=answer.grid,
        progress=lambda done, total: bar.progress(done / total, "Asking the network …"),
    )
    bar.empty()
    return test


def show_curves(test: DeletionTest, curves: Curves, title: str) -> None:
    """One of the two curves with what it says."""
    st.header(title.capitalize(), anchor=False)
    words = check_charts.describe_curves(test.diagnosis, curves, deletion=title == "deletion")
    data = check_charts.tabulate_curves(curves)
    draw_chart(check_charts.curves(curves, "blurred" if title == "deletion" else "shown"), words, data, title)
    st.caption(words)


@st.fragment
def show_blurred_crop(answer: Answer, heatmap: Heatmap) -> None:
    """The crop with a chosen share of its most marked places blurred, and its probability."""
    st.header("See it", anchor=False)
    share = st.slider("Most marked share of the crop to blur", 0, 60, 20, 5, format="%d %%", key="blur-share") / 100
    pixels = answer.prediction.input
    blurred = blur_crop(lambda crops: answer.classifier.answer(crops)[0], pixels, heatmap, share)
    left, middle, right = st.columns(3, gap="medium")
    left.image(pixels, "What the network saw", width=260, alt="The square crop that the network saw")
    words = f"{percent(share)} blurred"
    middle.image(blurred.pixels, words, width=260, alt=f"The crop, {words}")
    change = round(100 * blurred.after) - round(100 * blurred.before)
    right.metric(f"Probability of {NAMES[blurred.diagnosis]}", percent(blurred.after), f"{change:+d} points", "off")
