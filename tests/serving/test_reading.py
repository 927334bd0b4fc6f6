"""Costly files of one visitor do not keep another from being read, and are not read on and on."""

import sys
from threading import Thread

import pytest
from unruly_readers import HANG

from melanoma.photo import PhotoError, example_bytes, safe_reading
from melanoma.photo.safe_reading import WorkerPool
from melanoma.serving import reading
from melanoma.serving.reading import MOST_SLOW, Reader
from melanoma.serving.turns import Turns

EXAMPLE = example_bytes()
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="there no process is ended by its work"),
]


@pytest.fixture
def pool(monkeypatch):
    """Three processes, in which a file may hang."""
    monkeypatch.setattr(safe_reading, "LEAST_SECONDS", 2.5)
    opened = WorkerPool(3, "unruly_readers:read_unruly")
    yield opened
    opened.close()


def test_three_costly_files_of_one_visitor_leave_a_reader_for_another(pool):
    turns = Turns(3)
    greedy, other = Reader(turns, pool), Reader(turns, pool)
    refusals = []

    def read() -> None:
        with pytest.raises(PhotoError) as caught:
            greedy.read(HANG)
        refusals.append(str(caught.value))

    threads = [Thread(target=read, daemon=True) for _ in range(3)]
    for thread in threads:
        thread.start()
    while turns.in_work < 2:
        threads[0].join(0.01)
    assert other.read(EXAMPLE).pixels.size
    assert all(thread.is_alive() for thread in threads), "the other one waited for them"
    for thread in threads:
        thread.join(60)
    assert refusals == [safe_reading.TOO_SLOW] * 3


def test_who_opened_too_many_costly_files_is_not_read_for_a_while(pool, monkeypatch):
    monkeypatch.setattr(safe_reading, "LEAST_SECONDS", 0.3)
    greedy, other = Reader(Turns(3), pool), Reader(Turns(3), pool)
    for _ in range(MOST_SLOW):
        with pytest.raises(PhotoError, match="takes longer to read"):
            greedy.read(HANG)
    with pytest.raises(PhotoError, match=r"3 of your files took longer .* wait two minutes"):
        greedy.read(EXAMPLE)
    assert other.read(EXAMPLE).pixels.size
    monkeypatch.setattr(reading, "SPAN", 0)
    assert greedy.read(EXAMPLE).pixels.size
