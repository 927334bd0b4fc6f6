"""1,000 patients as dots."""

from melanoma.charts.patients import describe_patients, patient_dots
from melanoma.evaluation.outcomes import PatientCounts


def test_every_patient_is_drawn_once():
    figure = patient_dots(PatientCounts(47, 3, 535, 415))
    places = {(x, y) for trace in figure.data for x, y in zip(trace.x, trace.y, strict=True)}
    assert len(places) == 1000
    assert [len(trace.x) for trace in figure.data] == [47, 3, 535, 415]
    assert figure.data[1].name == "malignant, not referred: 3"


def test_an_empty_group_draws_nobody():
    assert list(patient_dots(PatientCounts(10, 0, 90, 900)).data[1].x) == [None]


def test_the_sentence_counts_each_group():
    assert describe_patients(PatientCounts(47, 3, 535, 415), 0.05) == (
        "Of 1,000 such patients, 50 have a malignant lesion (5 %). 47 of them are referred and 3 are missed. "
        "Of those with a benign lesion, 535 are referred and 415 are not."
    )
