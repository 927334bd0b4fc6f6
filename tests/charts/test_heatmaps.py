"""Heatmaps as pictures: on the scale they share, honest when weak or empty."""

import json

import numpy as np
import plotly.graph_objects as go
import pytest

from melanoma.charts.heatmaps import (
    contrast_overlay,
    describe_contrast,
    describe_heatmap,
    overlay,
    overlay_image,
)
from melanoma.explain import Contrast, Heatmap, Method
from melanoma.photo import draw_example

CONTRAST = Contrast(np.array([[0.5, -1.0], [0.25, 0.0]]), 1.0, "MEL", "NV", "features")


def heatmap(values) -> Heatmap:
    return Heatmap.of(np.array(values, float), "MEL", Method.GRADCAM, "features")


def test_a_map_without_evidence_is_not_drawn_and_the_figure_says_so():
    for weak in (np.zeros((5, 5)), np.full((5, 5), 0.01)):
        figure = overlay(draw_example(), heatmap(weak), scale_peak=1.0)
        assert len(figure.data) == 0
        assert "no positive evidence" in figure.layout.annotations[0].text
        assert describe_heatmap(heatmap(weak), 1.0).endswith("no positive evidence for this diagnosis.")


@pytest.mark.parametrize("mode", ["overlay", "contour"])
def test_a_figure_keeps_the_scale_that_the_maps_share(mode):
    figure = overlay(draw_example(), heatmap([[0, 0.1], [0.2, 0.3]]), scale_peak=2.0, mode=mode)
    assert {(trace.zmin, trace.zmax) for trace in figure.data} == {(0, 2.0)}
    assert len(figure.to_json()) < 150_000


def test_a_weak_map_changes_the_picture_less_than_a_strong_one():
    photo = draw_example()
    inside = np.s_[10:-10, 85:-85]
    change = {
        peak: np.abs(np.asarray(overlay_image(photo, heatmap([[peak, 0], [0, 0]]), 1.0))[inside] - photo[inside] * 1.0)
        for peak in (0.01, 0.05, 1.0)
    }
    assert change[0.01].max() == 0
    assert 0 < change[0.05].max() < change[1.0].max() / 3


def test_little_evidence_is_clear_and_much_is_opaque():
    scale = overlay(draw_example(), heatmap([[0, 1], [0, 0]]), scale_peak=1.0, opacity=0.6).data[0].colorscale
    alphas = [float(colour.rsplit(",", 1)[1].rstrip(")")) for _, colour in scale]
    assert alphas[0] == 0
    assert alphas[1] < alphas[3] < alphas[-1] == pytest.approx(0.6)


@pytest.mark.parametrize("opacity", [0.3, 0.9])
def test_a_contrast_is_clear_at_nothing_and_reaches_its_opacity_on_both_sides(opacity):
    scale = contrast_overlay(draw_example(), CONTRAST, opacity=opacity).data[0].colorscale
    alphas = [float(colour.rsplit(",", 1)[1].rstrip(")")) for _, colour in scale]
    assert alphas[len(alphas) // 2] == 0
    assert alphas[0] == alphas[-1] == max(alphas) == pytest.approx(opacity)


def test_a_map_is_described_by_its_place_and_strength():
    values = np.zeros((6, 6))
    values[0, 5] = 0.5
    text = describe_heatmap(heatmap(values), 2.0)
    assert text.startswith("Grad-CAM for melanoma: strongest in the upper right of the crop, raw peak 0.5, 25 % of")


def test_a_contrast_names_who_each_colour_speaks_for():
    assert describe_contrast(CONTRAST) == (
        "Purple speaks for melanoma ◆, orange for nevus ◇. 50 % of the crop speaks for melanoma."
    )
    assert "same evidence" in describe_contrast(Contrast(np.zeros((2, 2)), 0.0, "MEL", "NV", "features"))


@pytest.mark.parametrize("mode", ["overlay", "contour", "nothing", "contrast"])
def test_a_figure_is_what_plotly_makes_of_it_when_it_checks_it(mode):
    """Drawing leaves Plotly's checks out for speed: here they are made, and must change nothing."""
    photo = draw_example()
    if mode == "contrast":
        figure = contrast_overlay(photo, CONTRAST)
    elif mode == "nothing":
        figure = overlay(photo, heatmap(np.zeros((5, 5))), scale_peak=1.0)
    else:
        figure = overlay(photo, heatmap([[0, 0.1], [0.2, 0.3]]), scale_peak=2.0, mode=mode)
    checked = go.Figure(figure.to_dict())
    assert json.loads(figure.to_json()) == json.loads(checked.to_json())
    for each in (figure, checked):  # as the pages do, in the light theme
        each.update_layout(font_color="#40505A")
        each.update_xaxes(tickfont_color="#40505A", title_font_color="#40505A")
    assert json.loads(figure.to_json()) == json.loads(checked.to_json())


def test_a_large_photo_still_makes_a_small_figure():
    noise = np.random.default_rng(0).integers(0, 255, (3000, 4000, 3), dtype=np.uint8)
    figure = overlay(noise, heatmap(np.ones((7, 7))), scale_peak=1.0)
    assert len(figure.to_json()) < 160_000
    assert figure.layout.images[0].sizex == 4000


def test_beside_the_map_stands_the_plain_photo_with_the_same_range():
    figure = overlay(draw_example(), heatmap([[0, 0.1], [0.2, 0.3]]), scale_peak=0.3, beside=True)
    go.Figure(figure.to_dict())  # Plotly knows every name
    assert [image.xref for image in figure.layout.images] == ["x", "x2"]
    assert figure.layout.images[0].source == figure.layout.images[1].source
    assert (figure.layout.xaxis2.matches, figure.layout.yaxis2.matches) == ("x", "y")
    assert {trace.xaxis for trace in figure.data} == {"x2"}
    assert {shape.xref for shape in figure.layout.shapes} == {"x2"}  # nothing is drawn on the plain photo
