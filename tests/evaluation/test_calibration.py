"""Temperature, thresholds and prediction sets on answers whose truth is known."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from melanoma.diagnoses import CODES, index
from melanoma.evaluation.bootstrap import Resamples
from melanoma.evaluation.calibration import (
    OPERATING_POINTS,
    apply_temperature,
    calibrate,
    choose_least_probability,
    choose_least_score,
    choose_threshold,
    find_threshold,
    find_youden_threshold,
    fit_temperature,
    fit_useful_temperature,
    make_prediction_set,
    measure_rates,
    name_diagnoses,
    predictive_values,
)
from melanoma.evaluation.metrics import PROBABILITIES, is_malignant, malignancy_of, softmax
from melanoma.evaluation.saved_predictions import SavedPredictions, load_predictions
from melanoma.run import PredictionSet
from melanoma.serving.prediction import list_differential


def make_answers(n: int, seed: int = 0, spread: float = 2.0) -> tuple[np.ndarray, np.ndarray]:
    """Labels drawn from the very probabilities that are stated: (n,) int, (n, 9) logits."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, spread, (n, len(CODES)))
    labels = (np.cumsum(softmax(logits), axis=1) > rng.random((n, 1))).argmax(axis=1)
    return labels, logits


def make_predictions(n: int = 1500, temperature: float = 2.0) -> pd.DataFrame:
    """Rows of predictions.csv with `group`, by a network that is too sure by `temperature`."""
    labels, logits = make_answers(n, seed=3)
    table = pd.DataFrame(softmax(logits * temperature), columns=PROBABILITIES)
    return table.assign(
        image_id=[f"P{i}" for i in range(n)],
        diagnosis=[CODES[k] for k in labels],
        source="made up",
        group=[f"L{i // 2}" for i in range(n)],
        split=np.where(np.arange(n) < n // 2, "validation", "test"),
    )


@pytest.mark.parametrize("true", [0.6, 1.0, 2.5])
def test_temperature_is_recovered(true):
    labels, logits = make_answers(8000)
    raw = softmax(logits * true)
    assert fit_temperature(labels, raw) == pytest.approx(true, rel=0.04)
    assert apply_temperature(raw, true) == pytest.approx(softmax(logits), abs=1e-9)


def test_tempering_keeps_the_order_and_survives_zeros():
    hot = apply_temperature(np.array([[1.0, 0, 0], [0.7, 0.2, 0.1]]), 3.0)
    assert np.isfinite(hot).all()
    assert hot.sum(axis=1) == pytest.approx(1)
    assert list(hot[1]) == sorted(hot[1], reverse=True)


@given(
    st.lists(st.floats(0, 1, allow_nan=False), min_size=1, max_size=80),
    st.floats(0.01, 1.0, allow_nan=False),
)
def test_threshold_is_the_largest_that_reaches_the_sensitivity(scores, target):
    scores = np.array(scores)
    threshold = find_threshold(scores, target)
    assert (scores >= threshold).mean() >= target - 1e-9
    higher = scores[scores > threshold]
    if len(higher):
        assert (scores >= higher.min()).mean() < target


def test_threshold_needs_a_positive():
    with pytest.raises(ValueError, match="no positive"):
        find_threshold(np.array([]), 0.95)


def test_youden_threshold_is_the_best_of_all():
    rng = np.random.default_rng(2)
    positive = rng.random(200) < 0.4
    scores = np.round(rng.random(200) + 0.5 * positive, 2)

    def index_at(threshold):
        return (scores >= threshold)[positive].mean() - (scores >= threshold)[~positive].mean()

    assert index_at(find_youden_threshold(positive, scores)) == pytest.approx(max(index_at(t) for t in scores))


@pytest.mark.parametrize("name", ["high-sensitivity", "melanoma-95"])
def test_operating_point_keeps_its_sensitivity_in_single_precision(name):
    labels, logits = make_answers(900, seed=5)
    probabilities = softmax(logits)
    threshold = choose_threshold(name, labels, probabilities)
    single = probabilities.astype(np.float32)
    if name == "melanoma-95":
        hits = single[labels == index("MEL"), index("MEL")] >= threshold
    else:
        hits = malignancy_of(single)[is_malignant(labels)] >= threshold
    assert 0.95 <= hits.mean() < 0.96


def test_of_equal_youden_indices_the_most_sensitive_threshold_is_chosen():
    # Index 0.5 at 0.8 (1 of 2 positives, no alarm) and again at 0.2 (both positives, 1 of 2 alarms).
    positive, scores = np.array([1, 0, 1, 0], bool), np.array([0.8, 0.5, 0.2, 0.1])
    assert find_youden_threshold(positive, scores) == 0.2


def test_a_score_at_the_threshold_is_found():
    """The positive that sets a threshold is one of those that it finds."""
    labels = np.array([index("MEL")] * 20 + [index("NV")] * 20)
    probabilities = np.zeros((40, 9))
    probabilities[:20, index("MEL")] = np.linspace(0.99, 0.5, 20).round(6)
    probabilities[20:, index("MEL")] = 0.25
    probabilities[:, index("NV")] = 1 - probabilities[:, index("MEL")]
    answers = labels, probabilities, Resamples.of_lesions(np.arange(40), draws=1)
    threshold = choose_threshold("melanoma-95", labels, probabilities)
    assert threshold in probabilities[:20, index("MEL")]
    sensitivity, specificity = measure_rates("melanoma-95", threshold, answers)
    assert (sensitivity[0], specificity[0]) == (0.95, 1)
    # At the score of all benign photos none of them is let through.
    assert measure_rates("melanoma-95", 0.25, answers)[1][0] == 0


def test_predictive_values_by_counting():
    # 1,000 people, 50 ill: 45 of the 50 are referred; 190 alarms among 950 well.
    positive, negative = predictive_values(0.9, 0.8, 0.05)
    assert positive == pytest.approx(45 / (45 + 190))
    assert negative == pytest.approx(760 / (760 + 5))


def test_the_limit_covers_each_diagnosis_on_the_photos_it_was_chosen_on():
    labels, logits = make_answers(4500, seed=7)
    probabilities = softmax(logits)
    limit = choose_least_probability(labels, probabilities)
    coverage = [(probabilities[labels == k, k] >= limit).mean() for k in range(len(CODES))]
    assert min(coverage) == pytest.approx(0.9, abs=0.002)
    assert min(coverage) >= 0.9
    higher = [(probabilities[labels == k, k] >= limit + 1e-5).mean() for k in range(len(CODES))]
    assert min(higher) < 0.9


def test_the_limit_holds_on_new_photos():
    labels, logits = make_answers(9000, seed=7)
    probabilities = softmax(logits)
    sets = name_diagnoses(probabilities[4500:], choose_least_probability(labels[:4500], probabilities[:4500]))
    for k in range(len(CODES)):
        assert sets[labels[4500:] == k, k].mean() > 0.87


def make_clear_answers(counts: list[int], shares: dict[int, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """So many photos of each diagnosis; the true one has probability 0.9, or what `shares` says of its photos."""
    labels = np.repeat(np.arange(9), counts)
    probabilities = np.full((len(labels), 9), 0.0125)
    own = np.full(len(labels), 0.9)
    for k, values in shares.items():
        own[labels == k] = values
    probabilities[np.arange(len(labels)), labels] = own
    return labels, probabilities


def test_the_diagnosis_that_is_hardest_to_cover_sets_the_limit():
    labels, probabilities = make_clear_answers([20] * 9, {6: np.linspace(0.01, 0.2, 20)})
    assert choose_least_probability(labels, probabilities) == pytest.approx(0.03)  # the 18th of 20 from above
    assert choose_least_probability(labels, probabilities, coverage=0.5) == pytest.approx(0.11)


def test_scarce_diagnoses_count_together():
    # A dozen photos of 0 and of 2; one of each is hard. Alone each would set the limit at its eleventh of twelve.
    hard = np.array([0.001, 0.002, *[0.9] * 10])
    labels, probabilities = make_clear_answers([12, 40, 12, *[40] * 6], {0: hard, 2: 0.5})
    assert choose_least_probability(labels, probabilities) == pytest.approx(0.5)
    labels, probabilities = make_clear_answers([40, 40, 12, *[40] * 6], {2: hard})
    assert choose_least_probability(labels, probabilities) == pytest.approx(0.002)


def test_the_limit_is_rounded_to_the_safe_side():
    labels, probabilities = make_clear_answers([20] * 9, {4: 0.1234567})
    assert choose_least_probability(labels, probabilities) == 0.123456


def test_diagnoses_without_photos_set_no_limit():
    labels, probabilities = make_clear_answers([30, *[0] * 8], {0: 0.4})
    assert choose_least_probability(labels, probabilities) == pytest.approx(0.4)
    assert choose_least_probability(labels[:0], probabilities[:0]) == 0


def test_a_probability_at_the_limit_is_inside():
    probabilities = np.array([[0.5, 0.25, 0.125, 0.125, 0, 0, 0, 0, 0]])
    assert name_diagnoses(probabilities, 0.125)[0].tolist() == [True, True, True, True, *[False] * 5]
    assert name_diagnoses(probabilities, 0.1250001)[0].tolist() == [True, True, *[False] * 7]


@given(st.integers(0, 10_000), st.floats(0, 1))
def test_a_set_is_closed_upwards_and_never_empty(seed, limit):
    probabilities = np.random.default_rng(seed).dirichlet(np.full(9, 0.5), 20)
    for row, named in zip(probabilities, name_diagnoses(probabilities, limit), strict=True):
        assert named.any()
        assert row[named].min() >= row[~named].max(initial=0)


def test_the_shipped_set_covers_validation_and_tells_its_test_coverage(run):
    """Without photos: from the run's predictions, whatever its calibration.json says."""
    validation, test = (load_predictions(run, split) for split in ("validation", "test"))
    prediction_set = make_prediction_set(*(as_answers(saved) for saved in (validation, test)))
    own = validation.probabilities[np.arange(len(validation.diagnoses)), as_answers(validation)[0]]
    inside = own >= prediction_set.least_probability
    for code in CODES:
        own = validation.diagnoses == code
        assert prediction_set.validation_photos[code] == own.sum()
        assert own.sum() < 20 or inside[own].mean() >= 0.9
    sets = name_diagnoses(test.probabilities, prediction_set.least_probability)
    assert prediction_set.mean_size.value == pytest.approx(sets.sum(axis=1).mean(), abs=1e-5)
    worst = min(CODES, key=lambda code: prediction_set.test_coverage[code].value)
    assert prediction_set.test_coverage[worst].value == pytest.approx(
        min(sets[test.diagnoses == code, index(code)].mean() for code in CODES), abs=1e-5
    )


def test_serving_names_the_set_that_was_measured(run):
    test = load_predictions(run, "test").take(np.arange(300))
    prediction_set = PredictionSet(0.02, 0.9, {}, {})
    for row, named in zip(test.probabilities, name_diagnoses(test.probabilities, 0.02), strict=True):
        assert set(list_differential(row, prediction_set)) == {CODES[k] for k in np.flatnonzero(named)}


def as_answers(saved: SavedPredictions) -> tuple[np.ndarray, np.ndarray, Resamples]:
    return np.array([index(code) for code in saved.diagnoses]), saved.probabilities, saved.resamples


def test_calibration_chooses_on_validation_and_measures_on_test():
    table = make_predictions()
    result = calibrate(table)
    assert result.temperature == pytest.approx(2, rel=0.15)
    assert set(result.operating_points) == set(OPERATING_POINTS)
    for name in ("high-sensitivity", "melanoma-95"):
        assert result.operating_points[name].validation.sensitivity.value >= 0.95
    changed = table.copy()
    test = changed["split"] == "test"
    changed.loc[test, "diagnosis"] = list(changed.loc[test, "diagnosis"])[::-1]
    again = calibrate(changed)
    assert again.temperature == result.temperature
    for name, point in result.operating_points.items():
        assert again.operating_points[name].threshold == point.threshold
        assert again.operating_points[name].test != point.test
    assert again.prediction_set.least_probability == result.prediction_set.least_probability
    assert again.prediction_set.test_coverage != result.prediction_set.test_coverage


def test_a_threshold_holds_in_every_source_with_enough_malignant_photos():
    labels = np.full(300, index("MEL"))
    probabilities = np.zeros((300, 9))
    probabilities[:, index("MEL")] = np.r_[np.linspace(0.5, 0.9, 200), np.linspace(0.1, 0.3, 50), np.linspace(0, 1, 50)]
    probabilities[:, index("NV")] = 1 - probabilities[:, index("MEL")]
    sources = np.array(["north"] * 200 + ["south"] * 50 + ["small"] * 39 + ["rest"] * 11)
    scores = malignancy_of(probabilities)
    together = choose_threshold("high-sensitivity", labels, probabilities)
    each = choose_threshold("high-sensitivity", labels, probabilities, sources)
    assert each < together
    assert (scores >= together).mean() >= 0.95
    for source in ("north", "south"):
        assert (scores[sources == source] >= each).mean() >= 0.9
    assert (scores[sources == "south"] >= together).mean() < 0.9
    assert (scores[sources == "small"] >= each).mean() < 0.9  # 39 malignant photos: too few to count by themselves


def test_a_threshold_that_finds_most_carcinomas_must_find_melanomas_too():
    labels = np.r_[np.full(400, index("BCC")), np.full(20, index("MEL")), np.full(100, index("NV"))]
    probabilities = np.zeros((520, 9))
    malignant = np.r_[np.linspace(0.6, 1, 400), np.linspace(0.1, 0.7, 20), np.linspace(0, 0.5, 100)]
    probabilities[:, index("BCC")], probabilities[:, index("NV")] = malignant, 1 - malignant
    threshold = choose_threshold("high-sensitivity", labels, probabilities)
    assert (malignant[400:420] >= threshold).mean() >= 0.9
    fewer = np.r_[np.arange(400), np.arange(401, 520)]  # 19 melanomas are too few to count by themselves
    assert choose_threshold("high-sensitivity", labels[fewer], probabilities[fewer]) > threshold


def test_undecided_are_the_photos_next_below_the_threshold_and_no_others():
    scores = np.arange(100) / 100
    least = choose_least_score(scores, 0.6, 0.8)
    assert ((scores >= least) & (scores < 0.6)).sum() == 12
    assert choose_least_score(scores, 0.6, 1.0) == 0.6
    assert choose_least_score(scores, 0.03, 0.8) == 0.03  # too few below it for one of them to be left undecided


def test_a_temperature_that_does_not_help_on_held_out_lesions_is_not_kept():
    validation = make_predictions().query("split == 'validation'")
    labels, raw = np.array([index(code) for code in validation["diagnosis"]]), validation[PROBABILITIES].to_numpy()
    assert fit_useful_temperature(labels, raw, np.arange(len(raw))) == fit_temperature(labels, raw)
    rng = np.random.default_rng(0)
    calibrated = rng.dirichlet(np.full(9, 0.5), 60)  # whose labels come as often as they say
    labels = np.array([rng.choice(9, p=row) for row in calibrated])
    assert fit_temperature(labels, calibrated) != pytest.approx(1, abs=0.01)
    assert fit_useful_temperature(labels, calibrated, np.arange(60)) == 1.0


def test_undecided_photos_that_are_seen_raise_sensitivity_and_cost_specificity():
    for name, point in calibrate(make_predictions()).operating_points.items():
        abstention = point.abstention
        assert abstention.least_score <= point.threshold, name
        assert abstention.sensitivity.value >= point.test.sensitivity.value
        assert abstention.specificity.value <= point.test.specificity.value
        assert 0 < abstention.undecided.value < 0.25


def test_predictive_values_are_those_of_the_test_rates():
    """Whether a photo is malignant given `refer` is the positive one, and it rises with prevalence."""
    test = calibrate(make_predictions()).operating_points["high-sensitivity"].test
    assert list(test.ppv) == list(test.npv) == ["0.01", "0.05", "0.2"]
    sensitivity, specificity = test.sensitivity.value, test.specificity.value
    for key in test.ppv:
        ill, well = float(key), 1 - float(key)
        referred = sensitivity * ill + (1 - specificity) * well
        assert test.ppv[key].value == pytest.approx(sensitivity * ill / referred, rel=1e-4)
        assert test.npv[key].value == pytest.approx(specificity * well / (1 - referred), rel=1e-4)
        for value in (test.ppv[key], test.npv[key]):
            assert value.low <= value.value <= value.high <= 1
    values = [test.ppv[key].value for key in test.ppv]
    assert values == sorted(values)


def test_calibration_of_the_shipped_run_is_the_stored_one(run):
    groups = run.split.drop_duplicates("image_id").set_index("image_id")["group"]
    calibration = calibrate(run.predictions.assign(group=run.predictions["image_id"].map(groups)))
    assert calibration.temperature == run.calibration.temperature
    assert calibration.operating_points == run.calibration.operating_points
