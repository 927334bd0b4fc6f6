"""Kappas against published examples, by hand, and against scikit-learn."""

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from melanoma.evaluation.kappa import cohen_kappa, fleiss_kappa

# Fleiss 1971, table 1: 30 patients, 6 psychiatrists, 5 diagnoses; kappa 0.430
FLEISS_1971 = """444444 222555 233335 555555 222444 113333 333355 113334 114444 555555 144444 124444 222333 144444
 224445 333335 111455 111112 224444 133555 555555 244444 224555 114444 144445 222224 111155 224444 133333 555555"""
# A worked example that is often quoted: 10 subjects, 14 raters, how many chose each of 5 categories; kappa 0.210
COUNTS = "0000E 02642 00356 03920 22811 77000 32630 25322 65210 02237"


def ones(number: int) -> np.ndarray:
    return np.ones((1, number))


def of_counts(words: str) -> np.ndarray:
    """(raters, subjects)"""
    rows = [[place for place, n in enumerate(word) for _ in range(int(n, 16))] for word in words.split()]
    return np.array(rows).T


@pytest.mark.parametrize(
    ("answers", "kappa"),
    [(np.array([list(map(int, word)) for word in FLEISS_1971.split()]).T, 0.430), (of_counts(COUNTS), 0.210)],
)
def test_fleiss_kappa_of_published_examples(answers, kappa):
    raters, subjects = answers.shape
    assert fleiss_kappa(answers, ones(raters), ones(subjects))[0] == pytest.approx(kappa, abs=5e-4)


def test_fleiss_kappa_by_hand_with_a_missing_answer():
    answers = np.array([[0, 1, 1], [0, 1, 0], [0, -1, 0]])
    # pairs in agreement: 3 of 3, 1 of 1, 1 of 3; of 8 answers 5 and 3
    observed, expected = 5 / 7, (5 / 8) ** 2 + (3 / 8) ** 2
    assert fleiss_kappa(answers, ones(3), ones(3))[0] == pytest.approx((observed - expected) / (1 - expected))


def test_a_case_that_counts_twice_is_as_two_such_cases():
    answers = np.random.default_rng(1).integers(0, 3, (4, 6))
    once = fleiss_kappa(answers[:, [0, 0, 1, 2, 3, 5]], ones(4), ones(6))
    assert fleiss_kappa(answers, ones(4), np.array([[2.0, 1, 1, 1, 0, 1]])) == pytest.approx(once)


def test_a_reader_drawn_twice_does_not_agree_with_themselves():
    """Two readers who never agree: however often a draw holds them, it sees no agreement."""
    answers = np.array([[0, 0, 1, 1], [1, 1, 0, 0]])
    once, twice = fleiss_kappa(answers, np.array([[1.0, 1], [3, 1]]), np.ones((2, 4)))
    assert once == pytest.approx(-1)
    assert twice == pytest.approx(-1)


@pytest.mark.parametrize("seed", range(3))
def test_cohen_kappa_of_each_draw_is_scikit_learns_with_sample_weights(seed):
    rng = np.random.default_rng(seed)
    answers, reference = rng.integers(0, 4, (3, 30)), rng.integers(0, 4, 30)
    readers = np.array([[1.0, 1, 1], [2, 0, 1]])
    cases = np.stack([np.ones(30), rng.multinomial(30, np.full(30, 1 / 30)).astype(float)])
    expected = [
        np.average([cohen_kappa_score(own, reference, sample_weight=c) for own in answers], weights=r)
        for r, c in zip(readers, cases, strict=True)
    ]
    assert cohen_kappa(answers, reference, readers, cases) == pytest.approx(expected)


def test_a_reader_is_judged_by_the_cases_they_answered():
    reference = np.array([0, 1, 0, 1])
    one = cohen_kappa(np.array([[0, 1, 1, -1]]), reference, ones(1), ones(4))
    assert one[0] == pytest.approx(cohen_kappa_score([0, 1, 1], [0, 1, 0]))
