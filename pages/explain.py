"""The heatmaps of one lesion in depth: nine maps, methods, contrast, checks, and what hiding a region does."""

import time

import pandas as pd
import streamlit as st

from melanoma.charts import answer as charts
from melanoma.charts import checks as charts_checks
from melanoma.charts import heatmaps as charts_explain
from melanoma.charts.heatmaps import COLOURS, describe
from melanoma.diagnoses import index
from melanoma.documents import wording
from melanoma.explain import faithfulness
from melanoma.explain.heatmaps import Method, heatmaps, scale_of
from melanoma.photo import photos
from melanoma.photo.synthetic import example_bytes
from melanoma.run import folder as runs
from pages.explain_tabs.checks import check_map, hide_region
from pages.explain_tabs.how_to_read import how_to_read
from pages.parts import session as opened
from pages.parts.photo_picker import NO_LESION, TYPES, forget
from pages.parts.widgets import chart, table, themed

TABS = ("Nine maps", "Methods", "This or that", "Check a map", "Hide a region", "How to read")
OPACITY = 0.6


def no_photo_yet() -> None:
    """Ask for a photo: the same three ways as on the Analyze page, or the drawn one."""
    st.markdown("No photo is open. Choose one here, or analyze one first and come back.")
    left, right = st.columns(2, gap="large")
    with left:
        given = st.file_uploader("Dermoscopic photo of one lesion", TYPES, key="explain-file")
        if given is not None:
            open_photo(given.name, given.getvalue())
            st.rerun()
        st.caption("Read in memory and never stored.")
    with right, st.container(border=True):
        st.markdown(":material/draw: **No photo at hand?**")
        st.caption("A lesion-like picture drawn by the program. It shows no one's skin.")
        if st.button("Use the drawn specimen", key="specimen"):
            open_photo(NO_LESION, example_bytes())
            st.rerun()


def open_photo(name: str, data: bytes) -> None:
    st.session_state["photo_name"], st.session_state["photo_bytes"] = name, data


def close_photo() -> None:
    forget()
    st.session_state.pop("explained", None)


def answered(run: runs.Run):
    """Photo and prediction of the open photo, asked once. Raises PhotoError, RunError."""
    data = st.session_state["photo_bytes"]
    kept = st.session_state.get("explained")
    if kept is None or kept[0] != (run.sha256, data):
        with st.spinner("Reading the photo …"):
            photo = photos.read_photo(data, photos.ENOUGH)
            classifier = opened.classifier(run.name, run.sha256, opened.stamp(run.folder))
            prediction = classifier.predict(photo)
            maps = heatmaps(prediction) or opened.explainer(run.name, run.sha256).heatmaps(prediction.input)
        kept = st.session_state["explained"] = ((run.sha256, data), (photo, prediction, maps, classifier))
    return kept[1]


def nine_maps(photo, prediction, maps) -> None:
    colours = st.selectbox("Colours", COLOURS, key="explain-colours", width=180)
    peak = scale_of(maps)
    st.caption("Where the network found evidence for each diagnosis, the likeliest first. One scale for all nine.")
    if peak > 0:
        bar = charts_explain.scale_bar(peak, colours, OPACITY)
        words = f"Colour scale from 0 to {peak:.3g}, {colours}."
        st.plotly_chart(themed(bar), config={"displayModeBar": False}, key="scale", alt=words)
    order = wording.ranked(prediction)
    for start in range(0, len(order), 3):
        for column, code in zip(st.columns(3, gap="medium"), order[start : start + 3], strict=True):
            shown = maps[code]
            figure = charts_explain.overlay(
                photo.pixels, shown, scale_peak=peak, colours=colours, opacity=OPACITY, height=230, colour_bar=False,
                longest=480,
            )  # fmt: skip
            with column:
                chance = charts.percent(float(prediction.probabilities[index(code)]))
                st.markdown(f"**{wording.marked(code)}** {chance}")
                config = charts.CONFIG | {"displayModeBar": False}
                st.plotly_chart(themed(figure), config=config, key=f"map-{code}", alt=describe(shown, peak))
                evidence = shown.has_evidence(peak)
                st.caption(f"peak {shown.peak:.3g}, {shown.peak / peak:.0%} of the strongest" if evidence else "no map")


def methods(run, photo, prediction) -> None:
    code = diagnosis_of(prediction, "methods-code")
    key = (run.sha256, photo.sha256, code)
    kept = st.session_state.get("by-method")
    if kept is None or kept[0] != key:
        st.markdown(f"{len(Method)} ways to draw the evidence for one diagnosis. It takes about half a minute.")
        if not st.button("Compare the methods", icon=":material/compare:", key="compare"):
            return
        st.session_state["by-method"] = (key, drawn_by_each(run, prediction, code))
        st.rerun()  # without the button
    maps, seconds = kept[1]
    st.caption("Each map on its own scale, from 0 to its own peak: the methods have different units.")
    every = list(maps)
    for start in range(0, len(every), 3):
        for column, method in zip(st.columns(3, gap="medium"), every[start : start + 3], strict=False):
            shown = maps[method]
            figure = charts_explain.overlay(
                photo.pixels, shown, scale_peak=shown.peak, opacity=OPACITY, height=230, colour_bar=False, longest=480
            )
            with column:
                st.markdown(f"**{method.facts.label}**")
                alt = describe(shown, shown.peak)
                st.plotly_chart(themed(figure), config={"displayModeBar": False}, key=f"by-{method}", alt=alt)
                st.caption(f"{method.facts.meaning[0].upper()}{method.facts.meaning[1:]}. {method.facts.source}.")
    st.header("Do they agree?", anchor=False)
    left, right = st.columns([3, 2], gap="large")
    names = [method.facts.label for method in every]
    correlations = faithfulness.agreement_table({m: maps[m] for m in every})
    with left:
        words = "Spearman correlation of each method's map with each other's: 1 same ranking of places, 0 unrelated."
        data = pd.DataFrame(correlations, columns=names).assign(method=names)
        chart(charts_checks.agreement(every, correlations), words, data, "agreement")
    with right:
        st.markdown(words)
        st.caption("Methods that agree can still be wrong together: they read the same network.")
        rows = [
            {"method": m.facts.label, "runs of the network": m.facts.passes, "seconds, this time": round(seconds[m], 2)}
            for m in every
        ]
        table(pd.DataFrame(rows), "Cost of each method", "cost")


def drawn_by_each(run, prediction, code: str):
    """Method -> map, and method -> seconds, with progress."""
    explainer = opened.explainer(run.name, run.sha256)
    maps, seconds = {}, {}
    bar = st.progress(0.0, "Preparing …")
    for i, method in enumerate(Method):
        bar.progress(i / len(Method), f"{method.facts.label} …")
        started = time.perf_counter()
        maps[method] = explainer.heatmap(prediction.input, code, method)
        seconds[method] = time.perf_counter() - started
    bar.empty()
    return maps, seconds


def this_or_that(run, photo, prediction) -> None:
    st.markdown("Why one diagnosis rather than another: where the difference between the two comes from.")
    order = wording.ranked(prediction)
    first, second = st.columns(2)
    label = lambda code: wording.option(code, prediction)  # noqa: E731
    one = first.selectbox("Why", order, format_func=label, key=f"why-{photo.sha256[:8]}")
    others = [code for code in order if code != one]
    other = second.selectbox("rather than", others, format_func=label, key=f"rather-{photo.sha256[:8]}")
    explainer = opened.explainer(run.name, run.sha256)
    with st.spinner("Drawing …"):
        contrast = explainer.contrast(prediction.input, one, other)
    figure = charts_explain.contrast_overlay(photo.pixels, contrast)
    positive = float((contrast.values > 0).mean())
    words = (
        f"Purple speaks for {wording.marked(one)}, orange for {wording.marked(other)}. {positive:.0%} of the crop "
        f"speaks for the first; strongest value {contrast.peak:.3g}."
    )
    st.plotly_chart(themed(figure), config=charts.CONFIG, key="contrast", alt=words)
    st.caption(f"{words} Summed over the crop, with a constant for each diagnosis, this is the difference in score.")


def diagnosis_of(prediction, key: str) -> str:
    return st.selectbox(
        "Evidence for", wording.ranked(prediction), format_func=lambda c: wording.option(c, prediction), key=key
    )


def explained(run: runs.Run) -> None:
    photo, prediction, maps, classifier = answered(run)
    head, button = st.columns([4, 1], vertical_alignment="center")
    name = wording.plain(st.session_state.get("photo_name", "photo"))
    head.markdown(f"**{name}** · {wording.most_likely(prediction)}  \n{wording.RESEARCH_USE} A map is no diagnosis.")
    button.button("Another photo", on_click=close_photo, icon=":material/swap_horiz:")
    tabs = dict(zip(TABS, st.tabs(TABS, key="explain-tab", bind="query-params"), strict=True))
    shown = {
        "Nine maps": lambda: nine_maps(photo, prediction, maps),
        "Methods": lambda: methods(run, photo, prediction),
        "This or that": lambda: this_or_that(run, photo, prediction),
        "Check a map": lambda: check_map(run, photo, prediction, maps, classifier),
        "Hide a region": lambda: hide_region(photo, prediction, classifier),
        "How to read": lambda: how_to_read(run),
    }
    for title, tab in tabs.items():
        with tab:
            if tab.open:
                shown[title]()


st.title("Explain a lesion", anchor=False)
usable, refused = opened.usable_runs()
if not usable:
    st.info("No network is ready to answer yet.", icon=":material/hourglass_empty:")
    for reason in refused.values():
        st.caption(reason)
elif "photo_bytes" not in st.session_state:
    no_photo_yet()
    st.caption(wording.RESEARCH_USE)
else:
    names = {run.name: run for run in usable}
    chosen = st.sidebar.selectbox("Network", list(names), key="explain-run") if len(names) > 1 else next(iter(names))
    try:
        explained(names[chosen])
    except photos.PhotoError as error:
        shown_name = wording.plain(st.session_state.get("photo_name", "The photo"))
        close_photo()
        st.error(f"**{shown_name}**: {error}", icon=":material/broken_image:")
        no_photo_yet()
    except runs.RunError as error:
        st.error(str(error), icon=":material/error:")
