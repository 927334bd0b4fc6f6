"""A tab of the Explain page: the heatmaps of all nine diagnoses on one scale."""

import streamlit as st

from melanoma.charts import heatmaps as heatmap_charts
from melanoma.diagnoses import mark_diagnosis
from melanoma.estimates import percent
from pages.parts.answer import Answer
from pages.parts.widgets import draw_figure, place_in_threes

OPACITY = 0.6


def show_all_diagnoses(answer: Answer) -> None:
    """Nine maps, the likeliest diagnosis first."""
    colours = st.selectbox("Colours", list(heatmap_charts.COLOURS), key="all-diagnoses-colours", width=180)
    peak = answer.scale_peak
    st.caption("Where the network found evidence for each diagnosis, the likeliest first. One scale for all nine.")
    if peak > 0:
        bar = heatmap_charts.scale_bar(peak, colours, OPACITY)
        draw_figure(bar, f"Colour scale from 0 to {peak:.3g}, {colours}.", "scale", bare=True)
    for place, code in place_in_threes(answer.prediction.ranked):
        heatmap = answer.heatmaps[code]
        figure = heatmap_charts.overlay(
            answer.photo.pixels,
            heatmap,
            scale_peak=peak,
            colours=colours,
            opacity=OPACITY,
            height=230,
            colour_bar=False,
            longest=480,
        )
        with place:
            st.markdown(f"**{mark_diagnosis(code)}** {percent(answer.prediction.probability(code))}")
            draw_figure(figure, heatmap_charts.describe_heatmap(heatmap, peak), f"map-{code}", zoom=True, bare=True)
            if heatmap.has_evidence(peak):
                st.caption(f"Peak {heatmap.peak:.3g}, {percent(heatmap.peak / peak)} of the strongest")
            else:
                st.caption("No positive evidence")
