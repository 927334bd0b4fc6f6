"""Readers alone and with support: statistics by hand, and intervals that know readers and cases."""

import numpy as np
import pytest

from melanoma.diagnoses import CODES, MALIGNANT
from melanoma.evaluation.reader_study import NONE_OF_THE_NINE, StudyAnswer, analyse_study, pair_readings

# reader, case, truth, (alone: diagnosis, refers, seconds), (with support)
READINGS = (
    ("a", "1", "MEL", ("NV", False, 10), ("MEL", True, 8)),  # to right
    ("a", "2", "NV", ("NV", False, 20), ("NV", False, 6)),
    ("a", "3", "NV", ("NV", False, 30), ("MEL", True, 9)),  # to wrong
    ("b", "1", "MEL", ("MEL", True, 40), ("MEL", True, 7)),
    ("b", "2", "NV", ("", True, 50), ("NV", False, 5)),  # to right
    ("b", "3", "NV", ("SK", False, 60), ("NV", False, 4)),  # to right in the diagnosis alone
)


def answers_of(readings=READINGS) -> list[StudyAnswer]:
    return [
        StudyAnswer(reader, case, truth, supported, *answer)
        for reader, case, truth, *both in readings
        for supported, answer in zip((False, True), both, strict=True)
    ]


def values(contrast) -> tuple[float, float, float]:
    return contrast.alone.value, contrast.supported.value, contrast.difference.value


def test_statistics_by_hand():
    analysis = analyse_study(answers_of())
    assert (analysis.readers, analysis.cases, analysis.pairs, analysis.unpaired) == (2, 3, 6, 0)
    assert values(analysis.sensitivity) == pytest.approx((1 / 2, 1, 1 / 2))
    assert values(analysis.specificity) == pytest.approx((3 / 4, 3 / 4, 0))
    assert values(analysis.balanced_accuracy) == pytest.approx((1 / 2, (1 + 3 / 4) / 2, 3 / 8), abs=1e-6)
    assert values(analysis.seconds) == (30, 6, -24)
    assert analysis.referral_switches.to_right.value == pytest.approx(2 / 6, abs=1e-6)
    assert analysis.referral_switches.to_wrong.value == pytest.approx(1 / 6, abs=1e-6)
    assert analysis.diagnosis_switches.to_right.value == pytest.approx(3 / 6)
    assert analysis.diagnosis_switches.to_wrong.value == pytest.approx(1 / 6, abs=1e-6)
    # alone: a says NV to all, kappa 0; b is right once in three, and by chance in 1/3 of 1/3, for melanoma
    assert analysis.cohen_kappa.alone.value == pytest.approx((0 + (1 / 3 - 1 / 9) / (1 - 1 / 9)) / 2)


def test_an_answer_without_its_pair_does_not_count():
    answers = [*answers_of(), StudyAnswer("c", "1", "MEL", True, "NV", False, 3.0)]
    analysis = analyse_study(answers)
    assert (analysis.readers, analysis.unpaired) == (2, 1)
    assert analysis.sensitivity.supported.value == 1
    assert analyse_study(answers[-1:]) is None


def test_none_of_the_nine_is_never_right():
    assert pair_readings(answers_of()).diagnosis[0].tolist()[4] == NONE_OF_THE_NINE


def test_two_answers_of_one_kind_are_refused():
    with pytest.raises(ValueError, match="twice"):
        analyse_study([*answers_of(), answers_of()[0]])
    with pytest.raises(ValueError, match="two reference diagnoses"):
        analyse_study([*answers_of(), StudyAnswer("c", "1", "NV", True, "NV", False, 3.0)])


def simulate(readers: int, cases: int, seed: int) -> list[StudyAnswer]:
    """Readers of unlike skill, cases of unlike difficulty; referred alone in about 70 % and with support in 80 %."""
    rng = np.random.default_rng(seed)
    skill, ease = rng.normal(0, 0.5, readers), rng.normal(0, 1.0, cases)
    answers = []
    for reader in range(readers):
        for case in range(cases):
            for supported, level in ((False, LEVELS[0]), (True, LEVELS[1])):
                refers = bool(level + skill[reader] + ease[case] + rng.normal() > 0)
                answers.append(StudyAnswer(f"r{reader}", f"c{case}", "MEL", supported, "MEL", refers, 1.0))
    return answers


LEVELS = (0.8, 1.3)


def true_share(level: float) -> float:
    """Of a new reader and a new case: P(level + N(0, 0.25 + 1 + 1) > 0)."""
    from scipy.stats import norm

    return float(norm.cdf(level / np.sqrt(0.5**2 + 1 + 1)))


@pytest.mark.slow
def test_intervals_cover_what_other_readers_would_do_on_other_cases():
    truth = true_share(LEVELS[0]), true_share(LEVELS[1])
    trials, hits, cases_alone = 120, np.zeros(2), 0
    for seed in range(trials):
        answers = simulate(readers=8, cases=40, seed=seed)
        found = analyse_study(answers, draws=300, seed=seed)
        interval, gain = found.sensitivity.alone, found.sensitivity.difference
        hits += interval.low <= truth[0] <= interval.high, gain.low <= truth[1] - truth[0] <= gain.high
        # Were the eight readers all there are, the interval would be too narrow:
        refers = np.array([a.refers for a in answers if not a.supported]).reshape(8, 40).mean(axis=0)
        rng = np.random.default_rng(seed)
        means = refers[rng.integers(0, 40, (300, 40))].mean(axis=1)
        low, high = np.quantile(means, [0.025, 0.975])
        cases_alone += low <= truth[0] <= high
    assert (hits >= 0.9 * trials).all()
    assert cases_alone < 0.88 * trials


def test_more_readers_do_not_make_up_for_few_cases():
    """As all readers meet the same cases, a hundred of them leave what the cases' number leaves open."""
    wide = analyse_study(simulate(readers=40, cases=12, seed=3), draws=400).sensitivity.alone
    assert wide.high - wide.low > 0.2


def test_support_that_is_always_right_gains_as_the_codes_say():
    readings = [
        (reader, str(case), code, ("NV", code in MALIGNANT[:2], 5), (code, code in MALIGNANT, 5))
        for reader in "abc"
        for case, code in enumerate(CODES)
    ]
    analysis = analyse_study(answers_of(readings))
    assert values(analysis.sensitivity) == pytest.approx((2 / len(MALIGNANT), 1, 1 - 2 / len(MALIGNANT)))
    assert analysis.fleiss_kappa.supported.value == 1
    assert analysis.cohen_kappa.supported.value == 1
