"""What a threshold means for 1,000 patients."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from melanoma.estimates import Estimate
from melanoma.evaluation.outcomes import (
    PATIENTS,
    READERS,
    count_patients,
    estimate_outcomes,
    tabulate_outcomes,
    tabulate_readers,
)


def test_outcomes_by_counting():
    # 50 of 1,000 are malignant: 45 of them referred; 190 of 950 benign ones referred.
    outcomes = estimate_outcomes(Estimate(0.9, 0.8, 1.0), Estimate(0.8, 0.7, 0.9), 0.05)
    assert dataclasses.astuple(count_patients(outcomes)) == (45, 5, 190, 760)
    for value, expected in (
        (outcomes.malignant_referred, (45, 40, 50)),
        (outcomes.malignant_routine, (5, 0, 10)),
        (outcomes.benign_referred, (190, 95, 285)),
        (outcomes.benign_routine, (760, 665, 855)),
    ):
        assert dataclasses.astuple(value) == pytest.approx(expected)


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_whole_patients_add_up(sensitivity, specificity, prevalence):
    rates = (Estimate(value, value, value) for value in (sensitivity, specificity))
    outcomes = estimate_outcomes(*rates, prevalence)
    counts = dataclasses.asdict(count_patients(outcomes))
    assert sum(counts.values()) == PATIENTS
    for name, count in counts.items():
        assert abs(count - getattr(outcomes, name).value) <= 1


def test_tables_name_every_group_and_reader():
    outcomes = estimate_outcomes(Estimate(0.9, 0.8, 1.0), Estimate(0.8, 0.7, 0.9), 0.05)
    table = tabulate_outcomes(outcomes).set_index("patients")
    assert table.loc["malignant, not referred"].tolist() == [5, 0, 10]
    assert tabulate_readers()["name"].tolist() == [reader.name for reader in READERS]
