"""One lesion: photo -> decision, probabilities, prediction set, heatmap."""

import streamlit as st

from melanoma.charts import answer as answer_charts
from melanoma.charts import heatmaps as heatmap_charts
from melanoma.diagnoses import CODES
from melanoma.documents import wording
from melanoma.estimates import percent
from melanoma.run import Run, RunError, operating_point_name
from pages.parts.answer import Answer
from pages.parts.decision import show_decision
from pages.parts.documents import offer_documents
from pages.parts.network_picker import choose_network
from pages.parts.open_runs import open_classifier
from pages.parts.photo_picker import choose_photo
from pages.parts.widgets import draw_figure, write_table


def analyze(answer: Answer) -> None:
    """What the decision rests on."""
    prediction = answer.prediction
    evaluation = answer.run.evaluation
    # Groups were measured at the default operating point, on single photos.
    usual = prediction.point == answer.classifier.calibration.of_kind(prediction.kind.kind).default
    own = evaluation.of_kind(prediction.kind.kind) if evaluation and usual else None
    weakest = wording.describe_weakest_group(own)
    sentences = [wording.describe_decision(prediction), wording.describe_threshold(prediction.point), weakest]
    st.markdown(f"{' '.join(filter(None, sentences))} **{wording.RESEARCH_USE}**")
    left, right = st.columns([5, 6], gap="large")
    with left:
        show_probabilities(answer)
    with right:
        show_heatmap(answer)
    st.caption(f"{wording.describe_network(answer.run)} SHA-256 {prediction.run_sha256[:12]}")


def show_probabilities(answer: Answer) -> None:
    """Nine probabilities, the prediction set, and what was changed on reading the photo."""
    prediction = answer.prediction
    st.markdown(f"**Probabilities** · malignancy probability {percent(prediction.malignancy)}")
    draw_figure(
        answer_charts.probability_bars(prediction),
        answer_charts.describe_probabilities(prediction),
        "probabilities",
        bare=True,
    )
    st.caption("◆ counted as malignant · ◇ benign · pale: outside the prediction set")
    st.caption("Actinic keratosis counts as malignant here. The ISIC archive files it under indeterminate.")
    st.caption(wording.describe_coverage(answer.prediction_set))
    predictive_values = wording.tabulate_predictive_values(prediction.point)
    if len(predictive_values):
        with st.expander("What this threshold means where cancers are rare"):
            write_table(predictive_values)
    for note in answer.photo.notes:
        st.caption(f":material/info: {note[0].upper()}{note[1:]}.")


@st.fragment
def show_heatmap(answer: Answer) -> None:
    """The photo with the heatmap of a chosen diagnosis, and the answer to take away."""
    code = st.selectbox(
        "Heatmap of the evidence for",
        answer.prediction.ranked,
        format_func=lambda code: wording.write_option(code, answer.prediction),
        key=f"heatmap-code-{answer.key}",
    )
    picture = st.container()
    left, middle, right = st.columns(3, gap="medium")
    mode = left.segmented_control(
        "Drawn as", ["overlay", "contour"], default="overlay", required=True, key="heatmap-mode"
    )
    opacity = middle.slider("Opacity", 0, 100, 45, 5, format="%d %%", key="opacity", disabled=mode == "contour")
    colours = right.selectbox("Colours", heatmap_charts.COLOURS, key="heatmap-colours")
    heatmap, peak = answer.heatmaps[code], answer.scale_peak
    figure = heatmap_charts.overlay(
        answer.photo.pixels, heatmap, scale_peak=peak, opacity=opacity / 100, colours=colours, mode=mode
    )
    words = heatmap_charts.describe_heatmap(heatmap, peak)
    with picture:
        draw_figure(figure, words, "heatmap", zoom=True)
        st.caption(f"{words} The dashed square is what the network saw. A map shows where, not whether it is right.")
    offer_documents(answer, code)


def introduce(run: Run) -> None:
    """The page before the first photo: what it gives, and how good the network has been."""
    for column, (icon, title, text) in zip(
        st.columns(3, gap="medium"),
        [
            (
                "balance",
                "A decision you can check",
                "Refer, undecided or routine, and what that has meant on test photos.",
            ),
            ("bar_chart", f"{len(CODES)} probabilities", "Calibrated, ranked, the malignant ones summed."),
            ("layers", "Where it looked", "A heatmap for any diagnosis, on what the network saw."),
        ],
        strict=True,
    ):
        with column.container(border=True):
            st.markdown(f":material/{icon}: **{title}**")
            st.caption(text)
    st.caption(f"{wording.describe_network(run)} {wording.RESEARCH_USE}")
    show_referred_shares(run)


def show_referred_shares(run: Run) -> None:
    """Which share of each diagnosis's test photos the network refers."""
    if run.evaluation is None or run.calibration is None or not answer_charts.list_referrals(run.evaluation):
        return
    point = operating_point_name(run.calibration.default_operating_point)
    st.markdown(f"**What it refers**, of the test photos of each diagnosis, at the {point} point")
    # It also has the browser load the charts' script now rather than with the first answer.
    words = answer_charts.describe_referrals(run.evaluation)
    draw_figure(answer_charts.referral_dots(run.evaluation), words, "referred", bare=True)
    st.caption("◆ counted as malignant · ◇ benign · lines: 95 % intervals, wide where there are few photos")


st.title("Analyze a lesion", anchor=False)
if run := choose_network():
    try:
        open_photo = choose_photo()
        if open_photo is None:
            introduce(run)
            open_classifier(run)  # while the visitor looks for a photo; what is wrong with it is better said now
        elif answer := show_decision(open_photo, run):
            analyze(answer)
    except RunError as error:
        st.error(str(error), icon=":material/error:")
