"""A map against random maps, and the crop blurred where it is marked."""

import pytest
from reading_pages import read

pytestmark = pytest.mark.slow


def test_the_map_is_set_beside_random_maps(at):
    page = at("Deletion test")
    words = read(page)
    assert "Blurring the places of this map first" in words
    assert "Showing the places of this map first" in words
    assert words.count("With random maps it is") >= 2


def test_blurring_more_of_what_is_marked_changes_the_probability(at):
    page = at("Deletion test")
    before = page.metric[0].value
    page.slider(key="blur-share").set_value(60).run()
    assert page.metric[0].value != before
