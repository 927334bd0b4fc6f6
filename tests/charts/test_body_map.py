"""The body map: every site can be clicked, on its side, and a click gives the place that was clicked."""

import numpy as np
import pytest

from melanoma.casebook.records import Lesion
from melanoma.casebook.vocabulary import BACK, FRONT, SITES
from melanoma.charts.body_map import (
    CHOSEN,
    Place,
    body_map,
    describe_map,
    find_spot,
    list_targets,
    read_lesion,
    read_place,
)

PATIENT = "p" * 32


def lesion(label: str, site: str, **more) -> Lesion:
    return Lesion(patient_id=PATIENT, label=label, site=site, **more)


@pytest.mark.parametrize("site", [site for site in SITES if site.code != "other"], ids=lambda site: site.code)
def test_every_site_can_be_clicked_in_the_views_that_show_it(site):
    views = {place.view for place in list_targets() if place.site == site.code}
    assert views == set(site.views)


def test_the_front_faces_the_viewer():
    arms = [place for place in list_targets() if place.site == "upper-arm"]
    assert {place.side for place in arms if place.view == FRONT and place.x > 0.5} == {"left"}
    assert {place.side for place in arms if place.view == BACK and place.x > 0.5} == {"right"}
    assert "" in {place.side for place in list_targets() if place.site == "chest"}


def test_a_click_gives_a_place_that_a_lesion_takes():
    figure = body_map()
    targets = next(trace for trace in figure.data if trace.customdata is not None and len(trace.customdata) > 100)
    place = read_place({"customdata": list(targets.customdata[7])})
    found = lesion("1", place.site, side=place.side, view=place.view, x=place.x, y=place.y)
    assert find_spot(Place(found.site, found.side, found.view, found.x, found.y)) == pytest.approx(
        (targets.x[7], targets.y[7])
    )


def test_a_dot_is_a_lesion_and_no_place():
    one = lesion("1", "face")
    figure = body_map([one, lesion("2", "other")], pick=False)
    (dots,) = [trace for trace in figure.data if trace.text is not None]
    assert list(dots.text) == ["1"]  # elsewhere has no place on the map
    point = {"customdata": list(dots.customdata[0])}
    assert read_lesion(point) == one.id
    assert read_place(point) is None


def test_the_chosen_region_is_filled_on_its_side():
    figure = body_map(chosen=Place("forearm", "left", FRONT, 0.8, 0.46))
    filled = next(trace for trace in figure.data if trace.fillcolor == CHOSEN)
    x = np.array([value for value in filled.x if value is not None])
    assert x.min() > 50
    assert x.max() < 100


def test_words_name_lesions_and_where_they_lie():
    words = describe_map([lesion("1", "face"), lesion("b", "thigh", side="right")])
    assert words == "Body map: 1, face and b, right thigh."
