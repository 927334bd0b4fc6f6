"""Two runs compared photo by photo."""

from dataclasses import replace
from math import comb

import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score, log_loss, recall_score, roc_auc_score

from melanoma.diagnoses import CODES
from melanoma.evaluation.comparison import (
    LOSSES,
    ComparisonError,
    McNemar,
    default_threshold,
    describe_difference,
    describe_mcnemar,
    estimate_decisions,
    estimate_differences,
    list_disagreements,
    pair_predictions,
    run_mcnemar,
    tabulate_differences,
)
from melanoma.evaluation.saved_predictions import SavedPredictions

NAMES = ("one", "other")


def make_predictions(strength: float, seed: int, photos_a_class: int = 40) -> SavedPredictions:
    """Made-up predictions, right the more often the greater `strength`; lesions of two photos."""
    random = np.random.default_rng(seed)
    codes = np.repeat(CODES, photos_a_class)
    logits = random.normal(size=(len(codes), len(CODES)))
    logits[np.arange(len(codes)), [CODES.index(c) for c in codes]] += strength
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    ids = np.array([f"P{i:04d}" for i in range(len(codes))])
    lesions = np.array([f"L{i // 2}" for i in range(len(codes))])
    return SavedPredictions(ids, codes, np.full(len(codes), "north"), lesions, probabilities)


def spell(*tops: str, true: tuple[str, ...]) -> SavedPredictions:
    """Predictions whose top diagnosis is as spelled."""
    probabilities = np.full((len(tops), 9), 0.05)
    probabilities[np.arange(len(tops)), [CODES.index(t) for t in tops]] = 0.6
    ids = np.array([f"P{i}" for i in range(len(tops))])
    return SavedPredictions(ids, np.array(true), np.full(len(tops), "north"), ids, probabilities)


def test_values_are_those_of_scikit_learn():
    first, second = make_predictions(0.5, 1), make_predictions(2.0, 2)
    statistics = {d.name: d for d in estimate_differences(pair_predictions(first, second))}
    for one, key in ((first, "first"), (second, "second")):
        assert getattr(statistics["Balanced accuracy"], key) == pytest.approx(
            balanced_accuracy_score(one.diagnoses, one.top())
        )
        for score, name in (("MEL", "Melanoma AUC"), ("malignant", "Malignancy AUC")):
            expected = roc_auc_score(one.positive(score), one.score(score))
            assert getattr(statistics[name], key) == pytest.approx(expected)


def test_a_better_second_run_is_told_apart():
    for difference in estimate_differences(pair_predictions(make_predictions(0.3, 1), make_predictions(2.5, 2))):
        assert difference.difference.low > 0
        assert "higher for other" in describe_difference(difference, NAMES)


def test_a_run_beside_itself_differs_nowhere():
    pair = pair_predictions(make_predictions(1, 1), make_predictions(1, 1))
    for difference in estimate_differences(pair):
        assert (difference.difference.low, difference.difference.high) == (0, 0)
        assert "do not tell the runs apart" in describe_difference(difference, NAMES)
    assert run_mcnemar(pair) == McNemar(0, 0, 1.0)
    assert list_disagreements(pair, NAMES).empty


def test_pairing_narrows_the_interval():
    first = make_predictions(1, 1)
    nearly = first.probabilities + 0.02 * make_predictions(1, 5).probabilities
    second = SavedPredictions(first.image_ids, first.diagnoses, first.sources, first.lesions, nearly)
    paired = estimate_differences(pair_predictions(first, second))[1].difference
    apart = estimate_differences(pair_predictions(first, make_predictions(1, 9)))[1].difference
    assert paired.high - paired.low < (apart.high - apart.low) / 3


def test_only_photos_that_both_tested_count_whatever_their_order():
    first, second = make_predictions(1, 1), make_predictions(1, 2)
    turned = second.take(np.arange(len(second.image_ids))[::-1][:-25])
    pair = pair_predictions(first, turned)
    assert pair.alone == (25, 0)
    assert (pair.first.image_ids == pair.second.image_ids).all()
    row = np.flatnonzero(second.image_ids == pair.second.image_ids[7])[0]
    assert (pair.second.probabilities[7] == second.probabilities[row]).all()


def test_photos_with_two_true_diagnoses_are_left_out():
    first = spell("MEL", "NV", true=("MEL", "NV"))
    pair = pair_predictions(first, spell("MEL", "NV", true=("MEL", "MEL")))
    assert (pair.relabelled, list(pair.first.image_ids)) == (1, ["P0"])


def test_runs_without_a_shared_photo_are_refused():
    first, second = make_predictions(1, 1), make_predictions(1, 2)
    with pytest.raises(ComparisonError, match="no such photo in common"):
        pair_predictions(first.take(np.arange(10)), second.take(np.arange(10, 20)))


def test_mcnemar_is_the_binomial_test_on_photos_that_one_run_alone_has_right():
    true = ("MEL",) * 12
    first = spell(*["MEL"] * 9, "NV", "NV", "NV", true=true)
    second = spell("MEL", *["NV"] * 8, "MEL", "NV", "NV", true=true)
    test = run_mcnemar(pair_predictions(first, second))
    assert (test.first_alone, test.second_alone) == (8, 1)
    assert test.p == pytest.approx(2 * (comb(9, 0) + comb(9, 1)) / 2**9)


def test_disagreements_say_who_is_right():
    first = spell("MEL", "NV", "BCC", "NV", true=("MEL", "NV", "SK", "MEL"))
    second = spell("NV", "NV", "DF", "MEL", true=("MEL", "NV", "SK", "MEL"))
    table = list_disagreements(pair_predictions(first, second), NAMES).set_index("image_id")
    assert table["right"].to_dict() == {"P0": "one", "P2": "neither", "P3": "other"}
    assert table.loc["P2", ["one", "other"]].tolist() == ["BCC", "DF"]


def test_a_statistic_that_the_photos_leave_undefined_is_left_out():
    one = spell("NV", "SK", "NV", true=("NV", "SK", "DF"))
    assert [d.name for d in estimate_differences(pair_predictions(one, one))] == ["Balanced accuracy"]


def test_cross_entropy_and_decisions_are_those_of_scikit_learn():
    first, second = make_predictions(0.5, 1), make_predictions(2.0, 2)
    pair = pair_predictions(first, second)
    [loss] = estimate_differences(pair, LOSSES)
    assert loss.first == pytest.approx(log_loss(first.diagnoses, first.probabilities, labels=CODES))
    assert loss.difference.high < 0
    at = 0.3, 0.6
    sensitivity, specificity = estimate_decisions(pair, *at)
    assert estimate_decisions(pair, 0.3, None) == []
    for one, threshold, key in ((first, at[0], "first"), (second, at[1], "second")):
        flagged, malignant = one.score("malignant") >= threshold, one.positive("malignant")
        assert getattr(sensitivity, key) == pytest.approx(recall_score(malignant, flagged))
        assert getattr(specificity, key) == pytest.approx(recall_score(~malignant, ~flagged))


def test_a_lesion_at_the_threshold_is_referred():
    one = spell("MEL", "NV", true=("MEL", "NV"))
    at = float(one.score("malignant")[0])
    pair = pair_predictions(one, one)
    assert [d.first for d in estimate_decisions(pair, at, 1.0)] == [1, 1]
    assert [d.second for d in estimate_decisions(pair, at, 1.0)] == [0, 1]
    assert [d.first for d in estimate_decisions(pair, float(one.score("malignant")[1]), at)] == [1, 0]


def test_only_a_threshold_of_malignancy_is_compared(run):
    assert default_threshold(run.calibration) == run.calibration.default.threshold
    assert default_threshold(replace(run.calibration, default_operating_point="melanoma-95")) is None
    assert default_threshold(None) is None


def test_words_and_table_say_the_same():
    pair = pair_predictions(make_predictions(0.3, 1), make_predictions(2.5, 2))
    differences = estimate_differences(pair)
    table = tabulate_differences(differences, NAMES)
    assert list(table.columns) == ["statistic", *NAMES, "difference", "low", "high"]
    for row, difference in zip(table.itertuples(), differences, strict=True):
        assert f"{row.difference:+.3f} ({row.low:+.3f} to {row.high:+.3f})" in describe_difference(difference, NAMES)
    words = describe_mcnemar(McNemar(1200, 3, 0.0004), NAMES)
    assert words.startswith("Only one is right on 1,200 photos, only other on 3. McNemar's exact test: p < 0.001.")
