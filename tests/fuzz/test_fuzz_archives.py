"""A short run of the fuzzer of ZIPs; the whole is a command (README.md)."""

import pytest
from broken_archives import KINDS
from broken_archives_reading import READ, REFUSED, read_archive

SLOW = 20  # seconds, on a busy machine; a bomb that was unpacked would take longer


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:Duplicate name")  # of zipfile, about what is made here
def test_hostile_archives_are_read_in_part_or_refused_in_one_sentence():
    outcomes = [read_archive(number) for number in range(2 * len(KINDS))]
    assert not [outcome for outcome in outcomes if outcome.answer not in (READ, REFUSED)]
    assert not [outcome for outcome in outcomes if outcome.seconds > SLOW]
    read = {kind.__name__: 0 for kind in KINDS}
    for outcome in outcomes:
        read[outcome.kind] += outcome.photos
    assert read["overlap"] == read["nest"] == read["crowd"] == 0  # nothing of these was unpacked
    assert read["bomb"] == read["add_photos"] == 6  # of these the three photos beside it, twice
