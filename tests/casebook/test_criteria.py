"""The 7-point checklist and the ABCD rule, held against the published weights."""

import pytest

from melanoma.casebook.criteria import COLOURS, MAJOR, MINOR, SEVEN_POINTS, STRUCTURES, AbcdRule, SevenPoints


@pytest.mark.parametrize(
    ("present", "points", "suspicious", "revised"),
    [
        ((), 0, False, False),
        (MINOR[:1], 1, False, True),
        (MINOR[:2], 2, False, True),
        (MAJOR[:1], 2, False, True),
        ((MAJOR[0], MINOR[0]), 3, True, True),
        (MINOR[:3], 3, True, True),
        (SEVEN_POINTS, 10, True, True),
    ],
)
def test_major_criteria_count_two_minor_ones_one(present, points, suspicious, revised):
    seen = SevenPoints(present)
    assert seen.points == points
    assert seen.is_suspicious is suspicious
    assert seen.is_suspicious_as_revised is revised
    words = seen.describe()
    assert f"{points} of 10 points" in words
    assert words.endswith(f"{': excision' if revised else ': no excision'}.")


def test_the_score_of_the_abcd_rule():
    least = AbcdRule(0, 0, COLOURS[:1], STRUCTURES[:1])
    most = AbcdRule(2, 8, COLOURS, STRUCTURES)
    assert (least.score, least.meaning) == (1.0, "benign")
    assert (most.score, most.meaning) == (8.9, "highly suspicious of melanoma")


@pytest.mark.parametrize(
    ("asymmetry", "border", "colours", "structures", "score", "meaning"),
    [
        (1, 4, 3, 3, 4.7, "benign"),
        (1, 5, 3, 3, 4.8, "suspicious"),
        (2, 3, 3, 2, 5.4, "suspicious"),
        (2, 4, 3, 2, 5.5, "highly suspicious of melanoma"),
    ],
)
def test_the_limits_of_the_abcd_rule(asymmetry, border, colours, structures, score, meaning):
    seen = AbcdRule(asymmetry, border, COLOURS[:colours], STRUCTURES[:structures])
    assert seen.score == score
    assert seen.describe().endswith(f": {meaning}.")


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: SevenPoints(("ulcer",)), "'ulcer' is not one of"),
        (lambda: SevenPoints((MAJOR[0], MAJOR[0])), "counts once"),
        (lambda: AbcdRule(3, 0, COLOURS[:1], STRUCTURES[:1]), "asymmetry is 0 to 2, not 3"),
        (lambda: AbcdRule(0, 9, COLOURS[:1], STRUCTURES[:1]), "border is 0 to 8, not 9"),
        (lambda: AbcdRule(0, -1, COLOURS[:1], STRUCTURES[:1]), "border is 0 to 8, not -1"),
        (lambda: AbcdRule(0, 0, (), STRUCTURES[:1]), "at least one"),
        (lambda: AbcdRule(0, 0, COLOURS[:1], ()), "at least one"),
        (lambda: AbcdRule(0, 0, ("green",), STRUCTURES[:1]), "'green' is not one of"),
    ],
)
def test_what_nobody_can_have_seen_is_refused(make, words):
    with pytest.raises(ValueError, match=words):
        make()
