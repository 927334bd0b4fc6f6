"""A short run of the fuzzer; the whole is a command (README.md)."""

import pytest
from broken_photos import FORMATS, KINDS, encode_example, make_input
from broken_photos_reading import TRACEBACK, read_input

from melanoma.photo import assess, read_photo

COUNT = len(FORMATS) * len(KINDS)  # each kind of damage once in each format


@pytest.mark.slow
def test_broken_photos_are_refused_or_answered_and_rarely_called_good():
    outcomes = [read_input(number) for number in range(COUNT)]
    assert {outcome.format for outcome in outcomes} == set(FORMATS)
    assert not [outcome for outcome in outcomes if outcome.answer == TRACEBACK]
    good = [outcome for outcome in outcomes if outcome.visible and outcome.answer == "good"]
    assert len(good) <= 0.05 * COUNT, good
    assert not [outcome for outcome in good if outcome.decision == "routine"]


def test_a_whole_file_in_colours_is_good_in_every_format():
    for format_ in FORMATS:
        photo = read_photo(encode_example(format_, 0))
        quality = assess(photo.pixels, unchecked=photo.is_unchecked).quality
        assert quality == ("doubtful" if "grey" in format_ else "good"), format_


def test_a_number_always_gives_the_same_input():
    assert make_input(7) == make_input(7)
    assert make_input(7).data != make_input(7).whole
