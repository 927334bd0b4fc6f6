"""Who was right how often, on lesions whose outcome is known."""

import datetime

import numpy as np
import pytest

from melanoma.casebook.agreement import (
    FEWEST,
    NETWORK,
    PERSON,
    UNKNOWN,
    Call,
    SettledLesion,
    compare_judges,
    compare_with_test,
    describe_agreement,
    measure_agreement,
    measure_groups,
)
from melanoma.estimates import Estimate
from melanoma.evaluation.bootstrap import Resamples, estimate
from melanoma.run import Rates

DAY = datetime.date(2026, 11, 28)


def lesion(number: int, outcome: str, person: bool | None, network: bool, **more) -> SettledLesion:
    own = None if person is None else Call(person, outcome if person == (outcome == "MEL") else "SK")
    return SettledLesion(f"P{number}", more.pop("day", DAY), outcome, own, Call(network, "MEL"), own, **more)


def clinic(*, malignant: int, found: int, benign: int, spared: int) -> list[SettledLesion]:
    return [lesion(n, "MEL", True, n < found) for n in range(malignant)] + [
        lesion(100 + n, "NV", False, n >= spared) for n in range(benign)
    ]


def test_counts_and_shares():
    agreement = measure_agreement(NETWORK, clinic(malignant=10, found=9, benign=20, spared=5))
    assert (agreement.malignant, agreement.found, agreement.benign, agreement.spared) == (10, 9, 20, 5)
    assert agreement.sensitivity.value == 0.9
    assert agreement.specificity.value == 0.25
    assert agreement.balanced_accuracy.value == pytest.approx(0.575)
    assert agreement.sensitivity.low < 0.9 < agreement.sensitivity.high <= 1
    assert (agreement.named, agreement.right) == (30, 10)
    assert describe_agreement(agreement) == (
        "Network alone: 9 of 10 malignant lesions referred, 5 of 20 benign ones not referred and "
        "10 of 30 diagnoses right."
    )


def test_a_malignant_outcome_is_as_the_diagnoses_say():
    keratosis, nevus = lesion(1, "AK", None, True), lesion(2, "NV", None, True)
    assert keratosis.is_malignant
    assert not nevus.is_malignant


def test_the_three_are_compared_on_the_lesions_that_all_three_have_judged():
    lesions = [*clinic(malignant=6, found=6, benign=6, spared=6), lesion(500, "MEL", None, False)]
    assert [agreement.lesions for agreement in compare_judges(lesions)] == [12, 12, 12]
    assert measure_agreement(NETWORK, lesions).malignant == 7
    assert measure_agreement(PERSON, lesions).malignant == 6


def test_too_few_lesions_are_counted_and_give_no_share():
    agreement = measure_agreement(NETWORK, clinic(malignant=FEWEST - 1, found=1, benign=FEWEST, spared=FEWEST))
    assert agreement.found == 1
    assert agreement.sensitivity is None
    assert agreement.balanced_accuracy is None
    assert agreement.specificity.value == 1
    assert agreement.specificity.low < 0.7  # all of five is no certainty
    assert measure_agreement(NETWORK, []).lesions == 0


def test_lesions_of_one_patient_are_not_independent():
    apart = clinic(malignant=20, found=15, benign=5, spared=5)
    together = [SettledLesion(**(vars(one) | {"patient": f"P{n // 5}"})) for n, one in enumerate(apart)]
    wide, narrow = (measure_agreement(NETWORK, lesions).sensitivity for lesions in (together, apart))
    assert wide.value == narrow.value
    assert wide.high - wide.low > 1.3 * (narrow.high - narrow.low)


def test_groups_by_quarter_and_site():
    lesions = [
        lesion(1, "MEL", True, True, day=datetime.date(2026, 3, 31), site="back"),
        lesion(2, "MEL", True, False, day=datetime.date(2026, 4, 1), site="back"),
        lesion(3, "NV", False, False, day=datetime.date(2025, 12, 31)),
    ]
    quarters = measure_groups([NETWORK], lesions, "quarter")
    assert list(quarters) == ["2025 Q4", "2026 Q1", "2026 Q2"]
    assert [agreement.found for (agreement,) in quarters.values()] == [0, 1, 0]
    sites = measure_groups([NETWORK], lesions, "body site")
    assert list(sites) == ["back", UNKNOWN]
    assert sites["back"][0].malignant == 2


def test_groups_have_the_intervals_of_a_bootstrap_of_their_own():
    """Patients are drawn once for all groups. Held against drawing those of each group by themselves."""
    chance = np.random.default_rng(3)
    lesions = [
        lesion(number // 2, "MEL" if chance.random() < 0.3 else "NV", True, chance.random() < 0.4, site=f"site {n}")
        for n in range(4)
        for number in range(200 * n, 200 * n + 150)
    ]
    for name, (agreement,) in measure_groups([NETWORK], lesions, "body site").items():
        own = [one for one in lesions if one.site == name]
        resamples = Resamples.of_lesions(np.array([one.patient for one in own]), seed=1)
        refers = np.array([one.network.refers for one in own])
        malignant = np.array([one.is_malignant for one in own])
        for here, hits, among in (
            (agreement.sensitivity, refers, malignant),
            (agreement.specificity, ~refers, ~malignant),
        ):
            alone = estimate(resamples.share(hits, among))
            assert here.value == alone.value
            noise = (alone.high - alone.low) / 6
            assert (here.low, here.high) == pytest.approx((alone.low, alone.high), abs=noise)


TEST = Rates(Estimate(0.97, 0.95, 0.98), Estimate(0.5, 0.45, 0.55))


def test_a_clinic_whose_figures_leave_those_of_the_test_is_told():
    few = measure_agreement(NETWORK, clinic(malignant=10, found=9, benign=20, spared=10))
    (sentence,) = compare_with_test(few, TEST)
    assert "sensitivity here is 90 %" in sentence
    assert "below what it was on test photos, 97 % (95–98 %)" in sentence
    assert "may be chance" in sentence
    many = measure_agreement(NETWORK, clinic(malignant=90, found=60, benign=90, spared=45))
    (sentence,) = compare_with_test(many, TEST)
    assert "chance hardly explains it" in sentence


def test_nothing_is_told_where_the_figures_fit_or_are_not_known():
    fits = measure_agreement(NETWORK, clinic(malignant=100, found=97, benign=100, spared=50))
    assert compare_with_test(fits, TEST) == ()
    assert compare_with_test(measure_agreement(NETWORK, []), TEST) == ()
    assert compare_with_test(fits, Rates()) == ()
