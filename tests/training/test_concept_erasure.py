"""The source is taken out of the answer, and the diagnosis is left in it."""

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.metrics import roc_auc_score

from melanoma.diagnoses import index
from melanoma.training.concept_erasure import erase_source_direction, select_photos

pytestmark = pytest.mark.slow

NV, MEL = index("NV"), index("MEL")


def make_features(seed: int, photos: int = 4000):
    """Features of 20 that name diagnosis (0) and source (1), which goes with it; and of both a little (2)."""
    rng = np.random.default_rng(seed)
    labels = np.where(rng.random(photos) < 0.3, MEL, NV)
    second = rng.random(photos) < np.where(labels == MEL, 0.8, 0.2)
    features = rng.normal(size=(photos, 20))
    features[:, 0] += 2 * (labels == MEL)
    features[:, 1] += 3 * second
    features[:, 2] += second + 0.5 * (labels == MEL)
    return features, labels, np.where(second, "isic2017", "ham10000")


def probe_source(values: np.ndarray, sources: np.ndarray, labels: np.ndarray) -> float:
    """AUC of a linear probe for the source within nevi, fitted on half."""
    own = labels == NV
    x, y = values[own], sources[own] == "isic2017"
    probe = LogisticRegression().fit(x[::2], y[::2])
    return roc_auc_score(y[1::2], probe.decision_function(x[1::2]))


def test_the_answer_no_longer_tells_the_source_and_still_tells_the_diagnosis():
    features, labels, sources = make_features(0)
    learned = LogisticRegression().fit(features, labels == MEL)
    rng = np.random.default_rng(1)
    kernel = rng.normal(0, 0.05, (20, 9))
    kernel[:, MEL] = learned.coef_[0]  # uses the source: with it, melanomas are easier to find here
    bias = rng.normal(size=9)
    after = erase_source_direction(kernel, bias, features, labels, sources)
    fresh, its_labels, its_sources = make_features(2)
    before, now = fresh @ kernel + bias, fresh @ after[0] + after[1]
    assert probe_source(before, its_sources, its_labels) > 0.75
    assert probe_source(now, its_sources, its_labels) < 0.56
    one_source = its_sources == "ham10000"
    kept = [roc_auc_score(its_labels[one_source] == MEL, x[one_source, MEL]) for x in (before, now)]
    assert kept[1] > kept[0] - 0.01
    assert kept[1] > 0.9


def test_one_direction_goes_and_the_mean_answer_stays():
    features, labels, sources = make_features(3)
    rng = np.random.default_rng(4)
    kernel, bias = rng.normal(size=(20, 9)), rng.normal(size=9)
    after, shifted = erase_source_direction(kernel, bias, features, labels, sources)
    assert after.dtype == shifted.dtype == np.float32
    assert np.linalg.matrix_rank(kernel - after, tol=1e-4) == 1
    np.testing.assert_allclose(
        (features @ after + shifted).mean(axis=0), (features @ kernel + bias).mean(axis=0), atol=1e-4
    )


def test_the_direction_is_that_of_a_regression_with_the_diagnosis_held_fixed():
    """Frisch and Waugh 1933: within the diagnoses is the same as with the diagnosis as one more regressor."""
    features, labels, sources = make_features(5)
    kernel = np.random.default_rng(6).normal(size=(20, 9))
    after, _ = erase_source_direction(kernel, np.zeros(9), features, labels, sources)
    [direction, *_] = np.linalg.svd(kernel - after)[0].T
    regression = LinearRegression().fit(np.column_stack([features, labels == MEL]), sources == "isic2017")
    coefficients = regression.coef_[:20] / np.linalg.norm(regression.coef_[:20])
    assert abs(direction @ coefficients) > 0.999


def test_only_diagnoses_that_both_sources_have_are_learned_from():
    labels = np.repeat([NV, MEL, index("BCC")], 60)
    sources = np.tile(["ham10000", "isic2017"], 90)
    sources[60:120] = "ham10000"  # melanomas of one source
    np.testing.assert_array_equal(select_photos(labels, sources), labels == NV)
    sources[labels == NV] = "isic-archive"
    with pytest.raises(ValueError, match="no diagnosis has 20 photos of each of ham10000 and isic2017"):
        select_photos(labels, sources)
