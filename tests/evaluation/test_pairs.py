"""Pairs of a dermoscopic and a clinical photo: which they are, how they are joined, what that gives."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from melanoma.diagnoses import CODES
from melanoma.evaluation.calibration import calibrate
from melanoma.evaluation.metrics import PROBABILITIES, softmax
from melanoma.evaluation.pairs import calibrate_pairs, combine, evaluate_pairs, find_pairs, fit_weights


def make_predictions(lesions: int = 400, noise: tuple[float, float] = (1.0, 2.0), seed: int = 0) -> pd.DataFrame:
    """Lesions of one source with a photo of each kind, whose logits are the truth and noise of its kind's size."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 9, lesions)
    parts = []
    for kind, size in zip(("dermoscopic", "clinical"), noise, strict=True):
        logits = 2.0 * np.eye(9)[labels] + rng.normal(0, size, (lesions, 9))
        table = pd.DataFrame(softmax(logits), columns=PROBABILITIES)
        table["image_id"] = [f"{kind}-{i}" for i in range(lesions)]
        table["group"] = [f"lesion-{i}" for i in range(lesions)]
        table["kind"], table["source"] = kind, "milk10k"
        table["diagnosis"] = [CODES[k] for k in labels]
        table["split"] = np.where(np.arange(lesions) % 2, "test", "validation")
        parts.append(table)
    return pd.concat(parts, ignore_index=True)


def test_a_pair_is_a_lesion_with_just_one_photo_of_each_kind_from_a_source_with_both():
    table = make_predictions(20)
    other = table[:1].assign(image_id="ham", source="ham10000", kind="dermoscopic")  # same lesion, another source
    twice = table[2:3].assign(image_id="again")  # a second dermoscopic photo: which belongs to the clinical one?
    pairs = find_pairs(pd.concat([table, other, twice]), "validation")
    assert sorted(pairs.lesions) == sorted(f"lesion-{i}" for i in range(0, 20, 2) if i != 2)
    rows = table.set_index("image_id").loc[[f"clinical-{name[7:]}" for name in pairs.lesions]]
    np.testing.assert_array_equal(pairs.probabilities["clinical"], rows[PROBABILITIES].to_numpy())


def test_the_clearer_kind_weighs_more():
    weights = fit_weights(find_pairs(make_predictions(), "validation"))
    assert weights["dermoscopic"] > weights["clinical"] > 0


def test_combining_adds_weighted_logits():
    first, second = np.array([[0.5, 0.3, 0.2]]), np.array([[0.2, 0.2, 0.6]])
    expected = softmax(0.5 * np.log(first) + 2 * np.log(second))
    combined = combine({"dermoscopic": first, "clinical": second}, {"dermoscopic": 0.5, "clinical": 2.0})
    np.testing.assert_allclose(combined, expected)


def test_two_photos_gain_over_one_and_the_weights_come_from_validation_alone():
    table = make_predictions()
    pair = calibrate_pairs(table)
    changed = table.copy()
    test = changed["split"] == "test"
    changed.loc[test, PROBABILITIES] = 1 / 9
    assert calibrate_pairs(changed).weights == pair.weights
    result = evaluate_pairs(table, replace(calibrate(table), pair=pair))
    assert result.lesions == 200
    gain = result.gain["balanced_accuracy_9"]
    assert 0 < gain.low < gain.value < gain.high
    assert gain.value == pytest.approx(
        result.pair.balanced_accuracy_9.value - result.dermoscopic.balanced_accuracy_9.value, abs=1e-5
    )
    assert result.clinical.balanced_accuracy_9.value < result.dermoscopic.balanced_accuracy_9.value


def test_without_pairs_there_is_nothing_to_calibrate():
    table = make_predictions(40)
    assert calibrate_pairs(table[table["kind"] == "dermoscopic"]) is None
    assert calibrate_pairs(table.drop(columns="kind")) is None
