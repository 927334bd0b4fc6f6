"""Predictive values at any prevalence follow from those at one."""

import pytest

from melanoma.estimates import Estimate
from melanoma.run import DEFAULT_RUN, TestRates, find_run


@pytest.mark.parametrize("name", ["high-sensitivity", "balanced"])
def test_a_value_moved_to_another_prevalence_is_the_one_measured_there(name):
    rates = find_run(DEFAULT_RUN).calibration.operating_points[name].test
    for at in rates.ppv:
        known = [other for other in rates.ppv if other != at]
        moved = TestRates(ppv={o: rates.ppv[o] for o in known}, npv={o: rates.npv[o] for o in known})
        for measured, value in (
            (rates.ppv[at], moved.positive_value(float(at))),
            (rates.npv[at], moved.negative_value(float(at))),
        ):
            assert vars(value) == pytest.approx(vars(measured), abs=2e-5)
            assert value.low <= value.value <= value.high


def test_certainty_stays_certainty_and_what_was_not_measured_is_none():
    sure = TestRates(ppv={"0.05": Estimate(1, 0.5, 1)}, npv={"0.05": None})
    assert sure.positive_value(0.2).value == 1
    assert sure.negative_value(0.2) is None
    assert TestRates().positive_value(0.2) is None
