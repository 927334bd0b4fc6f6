"""The drawn specimens: of several kinds, and the usual network says something else to each kind."""

import pytest

from melanoma.photo import assess, draw_example, read_photo
from melanoma.photo.specimens import SPECIMENS
from melanoma.serving import Classifier


@pytest.fixture(scope="module")
def answers(run):
    classifier = Classifier.open(run)
    return {one.name: classifier.predict(read_photo(one.as_png())) for one in SPECIMENS}


def test_they_show_every_decision_and_every_quality(answers):
    good = {answer.decision for answer in answers.values() if answer.assessment.quality == "good"}
    assert good == {"refer", "undecided", "routine"}
    assert {answer.assessment.quality for answer in answers.values()} == {"good", "doubtful", "unusable"}


def test_the_decisions_are_those_that_their_looks_suggest(answers):
    assert answers["Drawn lesion, uneven"].decision == "refer"
    assert answers["Drawn mole, even"].decision == "routine"


@pytest.mark.parametrize(("name", "reason"), [("too dark", "dark"), ("out of focus", "blurred"), ("with ink", "ink")])
def test_what_was_spoilt_is_what_the_assessment_names(name, reason):
    specimen = next(one for one in SPECIMENS if one.name.endswith(name))
    assert reason in " ".join(assess(specimen.draw()).reasons)


def test_a_regular_lesion_has_one_brown_and_no_veil():
    bluish = []
    for regular in (True, False):
        pixels = draw_example(2, regular=regular).astype(float)
        bluish.append((pixels[..., 2] > 0.8 * pixels[..., 0]).mean())
    assert bluish[0] < 0.001 < bluish[1]  # brown has far less blue than red


def test_a_small_picture_shows_the_same_drawing():
    small, large = (SPECIMENS[0].draw(*size).mean(axis=(0, 1)) for size in ((150, 112), (600, 450)))
    assert abs(small - large).max() < 6
