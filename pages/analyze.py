"""One lesion: photo -> decision, probabilities, prediction set, heatmap."""

from collections.abc import Sequence

import streamlit as st

from melanoma.charts import answer as answer_charts
from melanoma.charts import heatmaps as heatmap_charts
from melanoma.diagnoses import CODES, NAMES
from melanoma.documents import wording
from melanoma.documents.glossary import explain
from melanoma.run import Run, RunError, operating_point_name
from pages.parts.answer import Answer
from pages.parts.decision import show_decision
from pages.parts.documents import offer_documents
from pages.parts.gallery import show_gallery
from pages.parts.network_picker import choose_network
from pages.parts.open_casebook import is_on
from pages.parts.open_runs import open_classifier
from pages.parts.photo_picker import choose_photo
from pages.parts.photo_strip import show_strip
from pages.parts.session import get_session
from pages.parts.sign_in import note_click
from pages.parts.similar_cases import Seen, offer_similar_cases
from pages.parts.widgets import draw_figure, write_table
from pages.parts.worklist_link import link_to_worklist

WIDTH = 345  # pixels of the photo and of its map, side by side in a wide window
# In a narrow one both are smaller, and what is below them moves up.
STYLE = """<style>
.st-key-picture {{container-type: inline-size;}}
@media (max-width: 640px) {{.st-key-heatmap {{margin-bottom: calc(50cqw * {ratio:.4f} - {height}px);}}}}
</style>"""


def analyze(answer: Answer) -> None:
    """What the decision rests on."""
    left, right = st.columns([8, 5], gap="large")
    with left:
        show_heatmap(answer)
    with right:
        show_probabilities(answer)
    show_threshold(answer)
    offer_similar_cases(
        Seen(answer.prediction.probabilities, answer.run, answer.prediction.kind_name, answer.photo.sha256)
    )
    st.caption(f"{wording.describe_network(answer.run)} SHA-256 {answer.prediction.run_sha256[:12]}")


def show_threshold(answer: Answer) -> None:
    """What the threshold has meant on test photos, and means where the clinic's lesions are rarely malignant."""
    prediction, evaluation = answer.prediction, answer.run.evaluation
    # Groups were measured at the default operating point, on single photos.
    usual = prediction.point == answer.classifier.calibration.of_kind(prediction.kind.kind).default
    own = evaluation.of_kind(prediction.kind.kind) if evaluation and usual else None
    terms = "operating point, sensitivity, specificity, positive predictive value, negative predictive value"
    st.header("What this threshold means", anchor=False, help=explain(terms))
    sentences = [
        wording.describe_decision(prediction),
        wording.describe_threshold(prediction.point),
        wording.describe_weakest_group(own),
    ]
    st.markdown(" ".join(filter(None, sentences)))
    predictive_values = wording.tabulate_predictive_values(prediction.point)
    if len(predictive_values):
        with st.expander("Predictive values where cancers are rare"):
            write_table(predictive_values)


def show_probabilities(answer: Answer) -> None:
    """Nine probabilities and the prediction set."""
    prediction = answer.prediction
    st.markdown("**Probabilities**", help=explain("calibration, malignancy probability, prediction set, coverage"))
    draw_figure(
        answer_charts.probability_bars(prediction),
        answer_charts.describe_probabilities(prediction),
        "probabilities",
        bare=True,
    )
    st.caption(
        "◆ counted as malignant · ◇ benign · pale: outside the prediction set. Actinic keratosis counts as malignant "
        "here. The ISIC archive files it under indeterminate."
    )
    link_to_diagnoses(wording.list_likely(prediction))
    with st.expander("What the prediction set promises"):
        st.write(wording.describe_coverage(answer.prediction_set))


def link_to_diagnoses(codes: Sequence[str]) -> None:
    """To the page about each of these: what it is, and how good the network is with it."""
    with st.container(horizontal=True, key="about", gap="small"):
        for code in codes:
            if st.button(f"About {NAMES[code]}", key=f"about-{code}", type="tertiary", icon=":material/stethoscope:"):
                st.switch_page("pages/diagnoses.py", query_params={"diagnosis": NAMES[code]})


@st.fragment
def show_heatmap(answer: Answer) -> None:
    """The photo with the heatmap of a chosen diagnosis, and the answer to take away."""
    note_click()
    code = st.selectbox(
        "Heatmap of the evidence for",
        answer.prediction.ranked,
        format_func=lambda code: wording.write_option(code, answer.prediction),
        key=f"heatmap-code-{answer.key}",
    )
    picture = st.container(key="picture")
    left, middle, right = st.columns(3, gap="medium")
    mode = left.segmented_control(
        "Drawn as", ["contour", "overlay"], default="contour", required=True, key="heatmap-mode"
    )
    opacity = middle.slider("Opacity", 0, 100, 45, 5, format="%d %%", key="opacity", disabled=mode == "contour")
    colours = right.selectbox("Colours", list(heatmap_charts.COLOURS), key="heatmap-colours")
    heatmap, peak = answer.heatmaps[code], answer.scale_peak
    rows, columns = answer.photo.pixels.shape[:2]
    height = round(WIDTH * rows / columns)
    figure = heatmap_charts.overlay(
        answer.photo.pixels,
        heatmap,
        scale_peak=peak,
        opacity=opacity / 100,
        colours=colours,
        mode=mode,
        height=height + heatmap_charts.BAR,
        beside=True,
    )
    words = heatmap_charts.describe_heatmap(heatmap, peak)
    with picture:
        st.html(STYLE.format(ratio=rows / columns, height=height))
        draw_figure(figure, words, "heatmap", zoom=True)
        st.caption(
            f"Left: the photo. Right: {words} The dashed square is what the network saw. "
            "A map shows where, not whether it is right."
        )
    offer_documents(answer, code)
    if is_on():
        from pages.parts.save_to_casebook import offer_casebook  # noqa: PLC0415 (late: it brings SQLAlchemy)

        offer_casebook(answer)


def introduce(run: Run) -> None:
    """The page before the first photo: what it is for, what it gives, and how good the network has been."""
    if not get_session().has_read_note:
        show_note()
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
    show_gallery()
    show_referred_shares(run)


def show_note() -> None:
    """What the program is for, what it cannot do, and where photos go; gone once it has been read."""
    with st.container(border=True, key="note"):
        st.markdown("**Before the first photo**")
        st.markdown("\n".join(f"- {sentence}" for sentence in wording.NOTE))
        st.button("Understood", on_click=lambda: setattr(get_session(), "has_read_note", True), key="understood")


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
        open_photo, strip = choose_photo(), st.container()
        link_to_worklist()
        if open_photo is None:
            introduce(run)
            open_classifier(run)  # while the visitor looks for a photo; what is wrong with it is better said now
        elif answer := show_decision(open_photo, run):
            analyze(answer)
        show_strip(strip, run)
    except RunError as error:
        st.error(str(error), icon=":material/error:")
