"""Costly files of some visitors do not keep another from being read, and are not read on and on."""

import sys
from threading import Event, Thread

import pytest
from encodings_of_photos import encode
from PIL import Image
from unruly_readers import HANG

from melanoma.photo import PhotoError, draw_example, example_bytes, safe_reading
from melanoma.photo.interruption import OTHERS_WAITED
from melanoma.photo.limits import MAX_SCANS
from melanoma.photo.safe_reading import WorkerPool
from melanoma.serving import reading
from melanoma.serving import turns as line
from melanoma.serving.reading import MOST_SLOW, Reader
from melanoma.serving.turns import Turns

EXAMPLE = example_bytes()
SOON = 60  # seconds until a thread is given up on; it takes one or two
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="there no process is ended by its work"),
]


class Reading(Thread):
    """A visitor who has a file read. waits: set while others are before; result: the photo's, or what refused it."""

    def __init__(self, reader: Reader, data: bytes = HANG, waits: Event | None = None):
        super().__init__(daemon=True)
        self.reader, self.data, self.waits, self.result = reader, data, waits or Event(), None
        self.start()

    def run(self) -> None:
        try:
            self.result = self.reader.read(self.data, lambda place: self.waits.set())
        except (PhotoError, RuntimeError) as error:  # also of a pool that is closed
            self.result = error


@pytest.fixture
def pool(monkeypatch):
    """Three processes, in which a file may hang."""
    monkeypatch.setattr(safe_reading, "LEAST_SECONDS", 2.5)
    opened = WorkerPool(3, "unruly_readers:read_unruly")
    yield opened
    opened.close()


@pytest.fixture
def endless(monkeypatch):
    """Opens pools whose files hang until they are ended for others, which they soon are."""
    monkeypatch.setattr(safe_reading, "LEAST_SECONDS", 10**4)
    monkeypatch.setattr(line, "LONG", 0.2)
    monkeypatch.setattr(line, "POLL", 0.01)
    opened, readings = [], []

    def open_pool(reader: str = "read_unruly") -> tuple[WorkerPool, list[Reading]]:
        opened.append(WorkerPool(3, f"unruly_readers:{reader}"))
        return opened[-1], readings

    yield open_pool
    while any(one.is_alive() for one in readings):  # each begins a few times anew
        for pool in opened:
            pool.close()
        for one in readings:
            one.join(0.05)
    for pool in opened:
        pool.close()


def wait_until_full(turns: Turns, count: int, *threads: Thread) -> None:
    while turns.in_work < count or turns.waiting:
        assert any(one.is_alive() for one in threads)
        threads[0].join(0.01)


def test_three_costly_files_of_one_visitor_leave_a_reader_for_another(pool):
    turns = Turns(3)
    greedy, other = Reader(turns, pool), Reader(turns, pool)
    costly = [Reading(greedy) for _ in range(3)]
    while turns.in_work < 2:
        costly[0].join(0.01)
    assert other.read(EXAMPLE).pixels.size
    assert all(one.is_alive() for one in costly), "the other one waited for them"
    for one in costly:
        one.join(SOON)
    assert [str(one.result) for one in costly] == [safe_reading.TOO_SLOW] * 3


def test_costly_files_of_two_visitors_do_not_fill_all_readers(endless):
    turns, (pool, readings) = Turns(3), endless()
    first, second, other = (Reader(turns, pool) for _ in range(3))
    gives_one_up = Event()
    readings += [Reading(first, waits=gives_one_up), Reading(first, waits=gives_one_up)]
    wait_until_full(turns, 2, *readings)
    readings.append(Reading(second))
    wait_until_full(turns, 3, *readings)
    ordinary = Reading(other, EXAMPLE)
    readings.append(ordinary)
    ordinary.join(SOON)
    assert ordinary.result.pixels.size
    assert gives_one_up.wait(SOON), "and begins anew"
    assert all(one.is_alive() for one in readings[:3])
    assert not readings[2].waits.is_set()


def test_real_files_that_take_long_do_not_keep_an_ordinary_photo_from_being_read(endless):
    """A camera's number of pixels in as many passes as are read: seconds of work, and nothing that a header tells."""
    large = Image.fromarray(draw_example()).resize((5400, 3600))
    data = encode(large, "JPEG", progressive=True)
    last_pass = data[data.rindex(b"\xff\xda") : -2]
    costly = data[:-2] + last_pass * (MAX_SCANS - data.count(b"\xff\xda")) + b"\xff\xd9"
    turns, (pool, readings) = Turns(3), endless()
    first, second, other = (Reader(turns, pool) for _ in range(3))
    readings += [Reading(first, costly), Reading(first, costly)]
    wait_until_full(turns, 2, *readings)
    readings.append(Reading(second, costly))
    wait_until_full(turns, 3, *readings)
    assert other.read(EXAMPLE).pixels.size
    assert all(one.is_alive() for one in readings), "each has seconds to go"


def test_a_file_that_others_waited_for_twice_is_refused(endless):
    turns, (pool, readings) = Turns(1), endless()
    greedy, other = Reader(turns, pool), Reader(turns, pool)
    readings.append(Reading(greedy))
    for _ in range(2):
        assert readings[0].is_alive()
        wait_until_full(turns, 1, *readings)
        assert other.read(EXAMPLE).pixels.size
    readings[0].join(SOON)
    assert str(readings[0].result) == OTHERS_WAITED


def test_a_costly_large_picture_does_not_keep_those_of_others_from_being_read(endless):
    turns, large, (pool, readings) = Turns(3), Turns(1), endless("read_as_large")
    greedy, other = (Reader(turns, pool, large) for _ in range(2))
    readings.append(Reading(greedy))
    wait_until_full(large, 1, *readings)
    readings.append(Reading(other, EXAMPLE))
    readings[1].join(SOON)
    assert readings[1].result.pixels.size
    assert readings[0].is_alive()


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
