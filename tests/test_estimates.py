"""One way to write shares and estimates."""

import pytest

from melanoma.estimates import Estimate, enumerate_words, percent, percent_apart


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0, "0 %"),
        (0.001, "< 1 %"),
        (0.0051, "1 %"),
        (0.156, "16 %"),
        (0.75, "75 %"),
        (0.994, "99 %"),
        (0.996, "> 99 %"),
        (1, "100 %"),
    ],
)
def test_shares_are_whole_per_cent_and_never_rounded_to_nothing_or_all(share, text):
    assert percent(share) == text


def test_a_score_near_its_threshold_never_reads_as_the_same_number():
    assert (percent_apart(0.0668, 0.0666), percent_apart(0.0666, 0.0668)) == ("6.68 %", "6.66 %")
    assert (percent_apart(0.75, 0.07), percent_apart(0.07, 0.75)) == ("75 %", "7 %")
    assert percent_apart(0.07, 0.07) == "7 %"


def test_estimates_are_written_with_their_interval():
    assert Estimate(0.9368, 0.912, 0.961).percent() == "94 % (91–96 %)"
    assert Estimate(0.997, 0.99, 1.0).percent() == "> 99 % (99–100 %)"
    assert Estimate(0.9368, 0.912, 0.961).text() == "0.94 (0.91–0.96)"


def test_what_is_left_to_one_swaps_the_ends():
    left = Estimate(0.9, 0.8, 0.95).complement()
    assert (left.value, left.low, left.high) == pytest.approx((0.1, 0.05, 0.2))
    assert Estimate(0.5, 0.25, 0.75).times(100) == Estimate(50, 25, 75)


def test_parts_of_a_list_are_joined_in_words():
    assert [enumerate_words(list("abc")[:n]) for n in (1, 2, 3)] == ["a", "a and b", "a, b and c"]
