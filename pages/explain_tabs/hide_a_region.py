"""A tab of the Explain page: what the network answers when a region of the photo is hidden."""

from typing import Any

import streamlit as st

from melanoma.charts import checks as check_charts
from melanoma.estimates import percent
from melanoma.explain import Region, run_region_test, tabulate_probability_changes
from melanoma.photo.occlusion import How
from pages.parts.answer import Answer
from pages.parts.session import WidgetValue
from pages.parts.sign_in import note_click
from pages.parts.turns import wait_for_turn
from pages.parts.widgets import draw_chart, draw_figure

HOW: tuple[How, ...] = ("filled", "blurred")
ACROSS: WidgetValue[tuple[int, int]] = WidgetValue("region-across", (38, 62))
DOWN: WidgetValue[tuple[int, int]] = WidgetValue("region-down", (35, 65))  # per cent of the photo
BOX: WidgetValue[Any] = WidgetValue("region-box", None)  # what the visitor drew on the photo


@st.fragment
def hide_a_region(answer: Answer) -> None:
    """Mark a region; see the photo without it, and how the nine probabilities move."""
    note_click()
    st.markdown("Draw a box on the photo, or set it below: the region is hidden and the network asked again.")
    how = st.segmented_control(
        "Hidden by",
        HOW,
        default=HOW[0],
        required=True,
        key="region-how",
        help="Filled: as if the skin around went on. Blurred: colours stay, structure goes.",
    )
    before = answer.of_photo
    left, right = st.columns(2, gap="large")
    with left:
        region = choose_region(answer)
    try:
        with wait_for_turn():
            kind = before.kind.kind
            test = run_region_test(answer.classifier, answer.photo, region, how, before.operating_point, kind)
    except ValueError as error:
        right.warning(f"Choose another region: {error}")
        return
    with right:
        st.image(test.pixels, "The photo without the region", width="stretch", alt="The photo with the region hidden")
        if not test.reaches_crop:
            st.caption("The box lies outside what the network sees, so nothing can move.")
    after = test.prediction
    words = check_charts.describe_probability_changes(before, after)
    data = tabulate_probability_changes(before, after)
    draw_chart(check_charts.probability_changes(before, after), words, data, "region")
    st.caption(
        f"{words} Malignancy probability {percent(before.malignancy)} to {percent(after.malignancy)}. "
        "The network has not learned from photos with a hidden region: small moves mean little."
    )


def choose_region(answer: Answer) -> Region:
    """By a box drawn on the photo, or by two sliders."""
    height, width = answer.photo.pixels.shape[:2]
    (left, right), (top, bottom) = ACROSS.get(), DOWN.get()
    region = Region(left / 100, top / 100, right / 100, bottom / 100)
    draw_figure(
        check_charts.region_picker(answer.photo.pixels, region, height=340),
        "The photo; the yellow box is the region that is hidden.",
        BOX.key,
        bare=True,
        selection_mode="box",
        on_select=lambda: take_box(width, height),
    )
    st.slider("From left to right", 0, 100, key=ACROSS.key, format="%d %%")
    st.slider("From top to bottom", 0, 100, key=DOWN.key, format="%d %%")
    return region


def take_box(width: int, height: int) -> None:
    """The box just drawn becomes the region."""
    if boxes := BOX.get().selection.box:
        (left, right), (top, bottom) = boxes[0]["x"], boxes[0]["y"]
        region = Region.from_pixels((left, top, right, bottom), width, height)
        ACROSS.set((round(100 * region.left), round(100 * region.right)))
        DOWN.set((round(100 * region.top), round(100 * region.bottom)))
