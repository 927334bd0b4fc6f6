"""What a reader in a hurry sees says what to do, and what such a score has meant."""

from dataclasses import replace

import numpy as np
import pytest
from predictions import MELANOMA_POINT, POINT, make_prediction

from melanoma.documents.decision import advise, describe_band, describe_photo
from melanoma.estimates import Estimate
from melanoma.photo import UNUSABLE, Photo
from melanoma.run import DEFAULT_RUN, find_run
from melanoma.run.evaluation import ScoreBand
from melanoma.serving import UNDECIDED
from melanoma.sources import CLINICAL

REFERRED = make_prediction(NV=0.7, MEL=0.14, PBK=0.1)
ROUTINE = make_prediction(NV=0.95, MEL=0.018, SK=0.03)
DARK = make_prediction(POINT, "high-sensitivity", "The photo is dark.", quality=UNUSABLE, NV=0.95, MEL=0.018, SK=0.03)


@pytest.fixture(scope="module")
def evaluation():
    bands = (
        ScoreBand(0.0, 0.1, 0, 100, Estimate(0, 0, 0.02)),
        ScoreBand(0.1, 0.4, 30, 300, Estimate(2, 1, 4)),
        ScoreBand(0.4, 1.0, 5, 5, None),
    )
    return replace(find_run(DEFAULT_RUN).evaluation, score_bands=bands)


def test_the_advice_is_that_of_the_decision():
    assert advise(REFERRED).startswith("Have the lesion seen")
    assert advise(replace(ROUTINE, decision=UNDECIDED)).startswith("Have the lesion seen")
    assert advise(ROUTINE) == "Follow up as you would without this answer."
    assert advise(DARK).startswith("Take a better photo, or have the lesion seen.")


def test_such_a_score_means_less_where_fewer_lesions_are_malignant(evaluation):
    assert "Where 5 photographed lesions in 100 are malignant, 9.5 (5.0–17.4) of 100 with" in describe_band(
        REFERRED, evaluation, 0.05
    )
    assert "33 (20–50) of 100 with a malignancy probability of 10 to 40 % are." in describe_band(
        REFERRED, evaluation, 0.2
    )
    assert "fewer than 0.1 (0.0–0.1) of 100" in describe_band(ROUTINE, evaluation, 0.05)


def test_nothing_is_said_where_it_was_not_measured(evaluation):
    assert describe_band(REFERRED, None, 0.05) == ""
    assert describe_band(replace(REFERRED, photos=2), evaluation, 0.05) == ""
    assert describe_band(replace(REFERRED, shows_both_kinds=True), evaluation, 0.05) == ""
    assert describe_band(make_prediction(MELANOMA_POINT, "melanoma-95", NV=0.8, MEL=0.2), evaluation, 0.05) == ""
    assert describe_band(replace(REFERRED, malignancy=0.9), evaluation, 0.05) == ""
    assert describe_band(REFERRED, replace(evaluation, score_bands=()), 0.05) == ""


def test_how_the_photo_was_read_is_one_line():
    pixels = np.zeros((4, 4, 3), np.uint8)
    photo = Photo(pixels, "0" * 64, "JPEG", ("turned upright", "16 bits reduced to 8"))
    assert (
        describe_photo(photo, REFERRED) == "Dermoscopic photo · quality good · turned upright · 16 bits reduced to 8."
    )
    said = replace(REFERRED, kind=replace(REFERRED.kind, kind=CLINICAL, said=True))
    assert describe_photo(replace(photo, notes=()), said) == "Clinical close-up, as you said · quality good."
