"""The checks of a heatmap as figures and in words."""

import numpy as np
import pytest
from predictions import make_prediction

from melanoma.charts.checks import (
    agreement_map,
    deletion_curves,
    describe_agreement,
    describe_deletion,
    describe_insertion,
    describe_probability_changes,
    insertion_curves,
    probability_changes,
    region_picker,
)
from melanoma.explain import Curve, Curves, DeletionTest, Method, MethodComparison, Region
from melanoma.photo import draw_example

SHARES = np.array([0, 0.5, 1])


def make_curves(middle: float, random: float) -> Curves:
    return Curves(
        Curve(SHARES, np.array([0.5, middle, 0.5])), tuple(Curve(SHARES, np.array([0.5, random, 0.5])) for _ in "abc")
    )


TEST = DeletionTest("MEL", Method.GRADCAM, deletion=make_curves(0.1, 0.5), insertion=make_curves(0.1, 0.5))


def test_lower_is_better_in_deletion_and_higher_in_insertion():
    assert describe_deletion(TEST) == (
        "Blurring the places of this map first: the probability of melanoma is 30 % on average. "
        "With random maps it is 50 %. The map does better than random maps here."
    )
    assert describe_insertion(TEST).endswith("The map does no better than random maps here.")


@pytest.mark.parametrize("draw", [deletion_curves, insertion_curves])
def test_the_map_is_drawn_over_the_random_ones_which_share_one_entry(draw):
    *random, own = draw(TEST).data
    assert own.name == "this map"
    assert list(own.y) == [0.5, 0.1, 0.5]
    assert [trace.showlegend for trace in random] == [True, False, False]


def test_agreement_has_its_numbers_in_the_order_of_the_methods():
    methods = (Method.GRADCAM, Method.LAYERCAM, Method.SMOOTHGRAD)
    table = np.array([[1, 0.9, 0.2], [0.9, 1, 0.4], [0.2, 0.4, 1]])
    comparison = MethodComparison("MEL", dict.fromkeys(methods), dict.fromkeys(methods, 0.0), table)
    drawing = agreement_map(comparison).data[0]
    assert list(drawing.x) == list(drawing.y) == ["Grad-CAM", "Layer-CAM", "SmoothGrad"]
    assert drawing.z[0][2] == 0.2
    assert describe_agreement(comparison) == (
        "Rank correlation of the maps: highest for Layer-CAM and Grad-CAM (0.90), "
        "lowest for SmoothGrad and Grad-CAM (0.20)."
    )


def test_changes_go_from_before_to_after():
    before, after = make_prediction(NV=0.6, MEL=0.3), make_prediction(NV=0.2, MEL=0.7)
    figure = probability_changes(before, after)
    rings, discs = figure.data[-2:]
    assert (rings.y[-1], rings.x[-1], discs.x[-1]) == ("nevus ◇", pytest.approx(0.6), pytest.approx(0.2))
    notes = {note.y: note.text for note in figure.layout.annotations}
    assert (notes["nevus ◇"], notes["melanoma ◆"], notes["dermatofibroma ◇"]) == ("-40", "+40", "")
    text = describe_probability_changes(before, after)
    assert "nevus 60 % to 20 %" in text
    assert text.endswith("The likeliest diagnosis becomes melanoma.")
    assert describe_probability_changes(before, before).endswith("The likeliest diagnosis stays.")


def test_the_region_is_outlined_where_it_lies():
    outline = region_picker(draw_example(), Region(0.25, 0.1, 0.5, 0.2)).layout.shapes[-1]
    assert (outline.x0, outline.y0, outline.x1, outline.y1) == pytest.approx((150, 45, 300, 90))
