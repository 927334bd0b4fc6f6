"""One lesion: photo -> decision, probabilities, differential, heatmap."""

import hashlib

import streamlit as st

from melanoma.charts import answer as charts
from melanoma.charts import heatmaps as charts_explain
from melanoma.diagnoses import CODES
from melanoma.documents import wording
from melanoma.estimates import point_words
from melanoma.explain.heatmaps import heatmaps, scale_of
from melanoma.photo import photos
from melanoma.photo.quality import DOUBTFUL, GOOD, assess
from melanoma.run import folder as runs
from pages.parts import session as opened
from pages.parts.photo_picker import choose_photo
from pages.parts.widgets import as_markdown, themed


def choose_run() -> runs.Run | None:
    """The run that answers; a list to choose from only where there are several."""
    usable, refused = opened.usable_runs()
    if not usable:
        st.info("No network is ready to answer yet.", icon=":material/hourglass_empty:")
        st.markdown(
            f"The app looks for trained runs in `{runs.MODELS.name}/`. "
            "Once one is trained and evaluated, photos can be analyzed here. "
            "The Performance page shows training so far."
        )
        for reason in refused.values():
            st.caption(reason)
        st.page_link("pages/performance.py", label="Open Performance", icon=":material/monitoring:")
        return None
    if len(usable) == 1:
        return usable[0]
    names = {run.name: run for run in usable}
    run = names[st.sidebar.selectbox("Network", list(names), help="Runs that are trained, evaluated and sealed.")]
    if run.name != usable[0].name:
        st.warning(f"Answers come from {run.name}, not from the usual network.", icon=":material/swap_horiz:")
    return run


def read(data: bytes) -> photos.Photo:
    """The photo, read once. Raises PhotoError."""
    digest = hashlib.sha256(data).hexdigest()
    kept = st.session_state.get("photo")
    if kept is None or kept.sha256 != digest:
        kept = st.session_state["photo"] = photos.read_photo(data, photos.ENOUGH)
    return kept


def ask(run: runs.Run, photo: photos.Photo, operating_point: str | None):
    """The run's answer, asked once for a photo and an operating point."""
    key = (run.sha256, photo.sha256, operating_point)
    kept = st.session_state.get("answer")
    if kept is None or kept[0] != key:
        classifier = opened.classifier(run.name, run.sha256, opened.stamp(run.folder))
        with st.spinner("Reading the photo …"):
            kept = st.session_state["answer"] = (key, classifier.predict(photo, operating_point))
    return kept[1]


def usable(photo: photos.Photo) -> bool:
    """Say what is wrong with the photo, before any answer; False where none should be given."""
    quality = assess(photo.pixels)
    if quality.level == GOOD:
        return True
    reasons = " ".join(quality.reasons)
    if quality.level == DOUBTFUL:
        st.warning(f"**Doubtful photo.** {reasons} Read the answer below with care.", icon=":material/blur_on:")
        return True
    st.error(f"**No answer is given for this photo.** {reasons}", icon=":material/block:")
    return st.checkbox("Answer all the same", key=f"despite-{photo.sha256[:12]}")


def answer(run: runs.Run, photo: photos.Photo):
    """The decision first, then what it rests on."""
    points = run.calibration["operating_points"]
    head, choice = st.columns([3, 2], gap="small", vertical_alignment="bottom")
    with choice:
        chosen = st.segmented_control(
            "Operating point", list(points), default=run.calibration["default_operating_point"], required=True,
            format_func=point_words, key="operating_point", help="Where the line between refer and routine is drawn.",
        )  # fmt: skip
    prediction = ask(run, photo, chosen)
    point = points[prediction.operating_point]
    head.header(wording.headline(prediction), anchor=False)
    st.markdown(wording.most_likely(prediction))
    st.markdown(f"{wording.decision(prediction, point)} {wording.track_record(point)} **{wording.RESEARCH_USE}**")
    return prediction, point


def evidence(run: runs.Run, photo: photos.Photo, prediction, point: dict) -> None:
    """Probabilities, differential and the photo's own notes."""
    words = charts.probability_words(prediction.probabilities)
    st.markdown(f"**Probabilities**, malignant sum {charts.percent(prediction.malignant)}")
    bars = charts.probability_bars(prediction.probabilities, prediction.differential)
    st.plotly_chart(themed(bars), config={"displayModeBar": False}, key="probabilities", alt=words)
    st.caption("◆ counted as malignant · ◇ benign · pale: outside the differential")
    st.caption(wording.set_coverage(run.calibration))
    if rows := wording.in_practice(point):
        with st.expander("What this threshold means where cancers are rare"):
            st.markdown(as_markdown(rows))
    for note in photo.notes:
        st.caption(f":material/info: {note}")


@st.fragment
def where_it_looked(run: runs.Run, photo: photos.Photo, prediction, point: dict, name: str) -> None:
    """The photo with the heatmap of a chosen diagnosis."""
    maps = nine_maps(run, photo, prediction)
    ranked = wording.ranked(prediction)
    st.markdown(f"**{wording.plain(name)}**")
    code = st.selectbox(
        "Heatmap of the evidence for",
        ranked,
        format_func=lambda c: wording.option(c, prediction),
        key=f"evidence-{photo.sha256[:12]}",
    )
    picture = st.container()
    drawing, opacity, colours = st.columns(3, gap="medium")
    mode = drawing.segmented_control("Drawn as", ["overlay", "contour"], default="overlay", required=True, key="mode")
    strength = opacity.slider("Opacity", 0.0, 1.0, 0.45, 0.05, key="opacity", disabled=mode == "contour")
    scale = colours.selectbox("Colours", charts_explain.COLOURS, key="colours")
    figure = charts_explain.overlay(
        photo.pixels, maps[code], scale_peak=scale_of(maps), opacity=strength, colours=scale, mode=mode
    )
    words = charts_explain.describe(maps[code], scale_of(maps))
    picture.plotly_chart(themed(figure), config=charts.CONFIG | {"scrollZoom": True}, key="heatmap", alt=words)
    picture.caption(f"{words} The dashed square is what the network saw. A map shows where, not whether it is right.")
    take_away(name, photo, prediction, point, {"heatmap": maps[code], "scale_peak": scale_of(maps)})


def take_away(name: str, photo: photos.Photo, prediction, point: dict, drawn: dict) -> None:
    """Downloads, each made when it is asked for."""
    from melanoma.documents import answer as report  # noqa: PLC0415 (late: with the first answer, not with the first page)

    stem = f"report-{photo.sha256[:8]}"
    with st.container(horizontal=True):
        for label, suffix, mime, make in (
            ("PDF", "pdf", "application/pdf", lambda: report.pdf(name, photo, prediction, point, **drawn)),
            ("CSV", "csv", "text/csv", lambda: report.csv_row(name, photo, prediction)),
            ("JSON", "json", "application/json", lambda: report.as_json(name, photo, prediction, point)),
        ):
            st.download_button(
                label,
                make,
                f"{stem}.{suffix}",
                mime,
                on_click="ignore",
                icon=":material/download:",
                key=f"take-{suffix}",
            )


def nine_maps(run: runs.Run, photo: photos.Photo, prediction):
    """Heatmaps of all nine diagnoses: free with the answer, or through tf-keras-vis."""
    if maps := heatmaps(prediction):
        return maps
    key = (run.sha256, photo.sha256)
    kept = st.session_state.get("maps")
    if kept is None or kept[0] != key:
        explainer = opened.explainer(run.name, run.sha256)
        with st.spinner("Drawing nine heatmaps …"):
            kept = st.session_state["maps"] = (key, explainer.heatmaps(prediction.input))
    return kept[1]


def nothing_yet(run: runs.Run) -> None:
    """The page before the first photo."""
    point = point_words(run.calibration["default_operating_point"])
    for column, (icon, title, text) in zip(
        st.columns(3, gap="medium"),
        [
            ("balance", "A decision you can check", "Refer or routine, and what that has meant on test photos."),
            ("bar_chart", f"{len(CODES)} probabilities", "Calibrated, ranked, the malignant ones summed."),
            ("layers", "Where it looked", "A heatmap for any diagnosis, on what the network saw."),
        ],
        strict=True,
    ):  # fmt: skip
        with column.container(border=True):
            st.markdown(f":material/{icon}: **{title}**")
            st.caption(text)
    st.caption(f"{wording.network(run.name, run.evaluation)} {wording.RESEARCH_USE}")
    per_class = (run.evaluation or {}).get("per_class", {})
    if any("referred" in found for found in per_class.values()):
        st.markdown(f"**What it refers**, of the test photos of each diagnosis, at the {point} point")
        words = charts.referred_words(per_class)
        # It also has the browser load the charts' script now rather than with the first answer.
        st.plotly_chart(themed(charts.referred(per_class)), config={"displayModeBar": False}, key="referred", alt=words)
        st.caption("◆ counted as malignant · ◇ benign · lines: 95 % intervals, wide where there are few photos")


def warm_up(run: runs.Run) -> None:
    """Load the network while the visitor looks for a photo; what is wrong with it is better said now."""
    try:
        opened.classifier(run.name, run.sha256, opened.stamp(run.folder))
    except runs.RunError as error:
        st.error(str(error), icon=":material/error:")


st.title("Analyze a lesion", anchor=False)
if run := choose_run():
    chosen = choose_photo()
    if chosen is None:
        nothing_yet(run)
        warm_up(run)
    else:
        name, data = chosen
        st.session_state["photo_name"], st.session_state["photo_bytes"] = name, data
        try:
            photo = read(data)
            shown = answer(run, photo) if usable(photo) else None
        except photos.PhotoError as error:
            st.session_state.pop("photo_bytes")
            st.error(f"**{wording.plain(name)}**: {error}", icon=":material/broken_image:")
        except runs.RunError as error:
            st.error(str(error), icon=":material/error:")
        else:
            if shown is None:
                st.image(photo.pixels, "What was read", width=320, alt="The photo as it was read")
                st.stop()
            prediction, point = shown
            left, right = st.columns([5, 6], gap="large")
            with left:
                evidence(run, photo, prediction, point)
            with right:
                where_it_looked(run, photo, prediction, point, name)
            st.caption(f"{wording.network(run.name, run.evaluation)} SHA-256 {prediction.run_sha256[:12]}")
