"""What a band of scores says of a lesion follows from the test photos in it, whatever their mixture."""

import itertools

import numpy as np
import pytest

from melanoma.evaluation.bootstrap import Resamples
from melanoma.evaluation.score_bands import EDGES, measure_score_bands

SCORES = np.concatenate([np.full(60, 0.7), np.full(40, 0.01), np.full(30, 0.7), np.full(170, 0.01)])
MALIGNANT = np.arange(len(SCORES)) < 100


def measure(scores=SCORES, malignant=MALIGNANT):
    return measure_score_bands(scores, malignant, Resamples.of_lesions(np.arange(len(scores)), draws=200))


def test_the_bands_cover_all_scores_and_count_the_photos_in_them():
    bands = measure()
    assert [(band.low, band.high) for band in bands] == list(itertools.pairwise(EDGES))
    assert sum(band.photos for band in bands) == len(SCORES)
    (band,) = (band for band in bands if band.low == 0.6)
    assert (band.malignant, band.benign) == (60, 30)


def test_the_likelihood_ratio_gives_bayes_value_at_any_prevalence():
    (band,) = (band for band in measure() if band.low == 0.6)
    assert band.likelihood_ratio.value == pytest.approx(0.6 / 0.15)
    # Of 1,000 lesions 50 are malignant: 30 of these lie in the band, and 142.5 of the 950 others.
    value = band.predictive_value(0.05)
    assert value.value == pytest.approx(30 / (30 + 142.5))
    assert value.low < value.value < value.high


def test_a_score_on_an_edge_belongs_to_the_band_above_and_the_highest_to_the_last():
    scores = np.repeat([0.2, 1.0, 0.0], 20)
    bands = measure(scores, np.arange(60) % 2 == 0)
    assert {band.low: band.photos for band in bands if band.photos} == {0.2: 20, 0.8: 20, 0.0: 20}


def test_a_band_with_too_few_photos_or_none_that_is_benign_says_nothing():
    scores = np.concatenate([np.full(19, 0.3), np.full(30, 0.9), np.full(30, 0.01)])
    malignant = np.concatenate([np.arange(19) % 2 == 0, np.ones(30, bool), np.zeros(30, bool)])
    by_low = {band.low: band for band in measure(scores, malignant)}
    assert by_low[0.2].predictive_value(0.05) is None
    assert by_low[0.8].predictive_value(0.05) is None
    assert by_low[0.0].predictive_value(0.05).value == 0
