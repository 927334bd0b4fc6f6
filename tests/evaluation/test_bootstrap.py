"""Weighted statistics against scikit-learn's; intervals that know lesions from photos."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score, roc_curve

from melanoma.evaluation.bootstrap import Resamples, estimate


def make_scores(seed: int, n: int = 120) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Truth, scores with many ties, and lesion groups of one to several photos."""
    rng = np.random.default_rng(seed)
    positive = rng.random(n) < 0.3
    scores = np.round(rng.random(n) + 0.4 * positive, 1)
    return positive, scores, rng.integers(0, n // 2, n)


@pytest.mark.parametrize("seed", range(5))
def test_auc_of_each_draw_is_scikit_learns_with_sample_weights(seed):
    positive, scores, groups = make_scores(seed)
    resamples = Resamples.of_lesions(groups, draws=20, seed=seed)
    expected = [roc_auc_score(positive, scores, sample_weight=w) for w in resamples.weights]
    assert resamples.auc(positive, scores) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_specificity_at_sensitivity_is_read_off_the_weighted_roc(seed):
    positive, scores, groups = make_scores(seed)
    resamples = Resamples.of_lesions(groups, draws=20, seed=seed)
    expected = []
    for weights in resamples.weights:
        alarms, hits, _ = roc_curve(positive, scores, sample_weight=weights, drop_intermediate=False)
        expected.append(1 - alarms[np.flatnonzero(hits >= 0.95 - 1e-12)[0]])
    assert resamples.specificity_at(positive, scores, 0.95) == pytest.approx(expected, abs=1e-12)


def test_calibration_error_by_hand():
    confidence = np.array([0.05, 0.15, 0.95, 0.85, 0.85])
    correct = np.array([0, 1, 1, 0, 1], bool)
    resamples = Resamples.of_lesions(np.arange(5), draws=1)
    # halves: |(0 - 0.05) + (1 - 0.15)| / 5 + |(1 - 0.95) + (0 - 0.85) + (1 - 0.85)| / 5
    assert resamples.calibration_error(confidence, correct, bins=2)[0] == pytest.approx((0.80 + 0.65) / 5)


def test_photos_of_one_lesion_are_drawn_together():
    groups = np.array(["b", "a", "b", "c", "a", "b"])
    weights = Resamples.of_lesions(groups, draws=200).weights
    for lesion in "abc":
        own = weights[:, groups == lesion]
        assert (own == own[:, :1]).all()
    number = weights[1:, [1, 0, 3]].sum(axis=1)  # one photo of each
    assert (number == 3).all()


def test_copies_of_a_photo_do_not_narrow_the_interval():
    """Nine more photos of every lesion tell nothing new; resampling photos would take them for evidence."""
    rng = np.random.default_rng(4)
    hits = rng.random(80) < 0.7
    once = estimate(Resamples.of_lesions(np.arange(80)).share(hits))
    tenfold = estimate(Resamples.of_lesions(np.repeat(np.arange(80), 10)).share(np.repeat(hits, 10)))
    assert tenfold == once
    assert once.high - once.low > 0.15


def test_interval_covers_the_truth_about_as_often_as_it_says():
    rng = np.random.default_rng(0)
    hits = 0
    for trial in range(200):
        interval = estimate(Resamples.of_lesions(np.arange(150), draws=400, seed=trial).share(rng.random(150) < 0.8))
        hits += interval.low <= 0.8 <= interval.high
    assert 180 <= hits <= 199


def test_finding_all_of_few_is_not_certainty():
    resamples = Resamples.of_lesions(np.arange(20))
    everything = estimate(resamples.share(np.ones(20, bool)))
    nothing = estimate(resamples.share(np.zeros(20, bool)))
    exact = 0.025 ** (1 / 20)  # Clopper-Pearson for 20 of 20
    assert everything.value == everything.high == 1
    assert everything.low == pytest.approx(exact, abs=0.02)
    assert nothing.value == nothing.low == 0
    assert nothing.high == pytest.approx(1 - exact, abs=0.02)


def test_what_is_undefined_is_none():
    resamples = Resamples.of_lesions(np.arange(4), draws=10)
    nobody, scores = np.zeros(4, bool), np.linspace(0, 1, 4)
    assert estimate(resamples.share(~nobody, nobody)) is None
    assert estimate(resamples.auc(nobody, scores)) is None
    assert estimate(resamples.specificity_at(nobody, scores)) is None


def test_same_seed_same_interval():
    positive, scores, groups = make_scores(1)
    first, second = (estimate(Resamples.of_lesions(groups, 300).auc(positive, scores)) for _ in range(2))
    assert first == second
    assert first.low < first.value < first.high


def test_interval_of_a_calibration_error_is_centred_on_its_value():
    """Resampling adds noise to every bin, so an error of absolute gaps is larger in each draw than in the sample."""
    rng = np.random.default_rng(8)
    confidence = rng.uniform(0.3, 1, 300)
    correct = rng.random(300) < confidence
    errors = Resamples.of_lesions(np.arange(300), draws=500).calibration_error(confidence, correct, bins=15)
    raw, centred = estimate(errors), estimate(errors, centre=True)
    assert np.median(errors[1:]) > errors[0] + 0.005
    assert centred.value == raw.value == pytest.approx(errors[0], rel=1e-5)
    assert centred.low < raw.low
    assert centred.high < raw.high
    below, above = ((errors[1:] - np.median(errors[1:]) + errors[0]) < bound for bound in (centred.low, centred.high))
    assert below.mean() == pytest.approx(0.025, abs=0.005)
    assert above.mean() == pytest.approx(0.975, abs=0.005)


def test_a_centred_error_is_never_below_zero():
    values = np.array([0.01, *np.linspace(0, 0.2, 101)])
    assert estimate(values, centre=True).low == 0
