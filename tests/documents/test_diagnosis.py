"""What a page about one diagnosis says."""

import pytest

from melanoma.diagnoses import CODES
from melanoma.documents.diagnosis import (
    DESCRIPTIONS,
    GOOD,
    UNSETTLED,
    WEAK,
    Ability,
    judge,
    list_abilities,
    summarise_abilities,
)
from melanoma.estimates import Estimate
from melanoma.run import KindEvaluation


def test_every_diagnosis_is_described_in_a_few_sentences():
    assert set(DESCRIPTIONS) == set(CODES)
    assert all(2 <= text.count(". ") + 1 <= 5 for text in DESCRIPTIONS.values())


@pytest.mark.parametrize(
    ("low", "high", "photos", "verdict"),
    [
        (0.9, 0.95, 100, GOOD),
        (0.5, 0.89, 100, WEAK),
        (0.85, 0.97, 100, UNSETTLED),
        (0.95, 1.0, 29, UNSETTLED),
        (0.1, 0.2, 29, UNSETTLED),
    ],
)
def test_a_verdict_needs_the_whole_interval_on_one_side_and_enough_photos(low, high, photos, verdict):
    assert judge(Estimate((low + high) / 2, low, high), photos) == verdict


def test_referring_counts_for_the_network_where_a_diagnosis_is_malignant_and_against_it_where_benign(run):
    evaluation: KindEvaluation = run.evaluation
    for code, what in (("MEL", "referring it"), ("NV", "not referring it")):
        first = list_abilities(evaluation, run.calibration, code)[0]
        referred = evaluation.per_class[code].referred
        assert first.what == what
        assert first.estimate == (referred if code == "MEL" else referred.complement())


def test_the_summary_names_what_is_settled_alone():
    value = Estimate(0.95, 0.9, 1.0)
    abilities = [
        Ability("referring it", value, True, GOOD),
        Ability("naming it as the likeliest diagnosis (sensitivity)", value, True, WEAK),
        Ability("telling it from the other eight (AUC)", value, False, UNSETTLED),
    ]
    words = summarise_abilities(abilities, "clinical")
    assert words == (
        "On clinical close-ups the network is **good at** referring it, and **weak at** naming it as the likeliest "
        "diagnosis."
    )
    assert summarise_abilities(abilities[2:], "clinical") == ""
