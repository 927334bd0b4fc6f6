"""A short run of the fuzzer of runs, logs and tables; the whole is a command (README.md)."""

import pytest
from broken_folders_reading import (
    NO_SENTENCE,
    READ,
    REFUSED,
    TRACEBACK,
    read_broken_log,
    read_broken_run,
    read_broken_table,
)


@pytest.mark.parametrize(
    ("read", "count"),
    [(read_broken_run, 35), (read_broken_log, 42), (read_broken_table, 42)],
    ids=["run", "log", "table"],
)
@pytest.mark.filterwarnings("default")  # of pandas and NumPy, about what was spoiled
def test_what_is_broken_is_refused_in_one_sentence_or_read(read, count):
    outcomes = [read(number) for number in range(count)]
    assert not [outcome for outcome in outcomes if outcome.answer in (TRACEBACK, NO_SENTENCE)]
    assert {outcome.answer for outcome in outcomes} == {REFUSED, READ}
