"""A photo is read in a process that can be ended, and comes back as from the app's own."""

import os
import select
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Lock

import numpy as np
import pytest
from broken_photos import FORMATS, encode_example
from encodings_of_photos import SPECIMEN, encode, exif
from PIL import Image
from unruly_readers import DIE, HANG, TAKE_MEMORY, WAIT, WRITE

from melanoma.photo import ENOUGH, PhotoError, draw_example, example_bytes, read_photo, read_photo_safely, safe_reading
from melanoma.photo.safe_reading import SECONDS, WorkerPool, allow_seconds

UNRULY = "unruly_readers:read_unruly"
SHORT = 0.2  # seconds
EXAMPLE = example_bytes()


@pytest.fixture
def pool():
    pool = WorkerPool(most=1, reader=UNRULY)
    yield pool
    pool.close()


def refused(read, data: bytes, *arguments) -> str:
    with pytest.raises(PhotoError) as caught:
        read(data, *arguments)
    message = str(caught.value)
    assert message.endswith(".") and message.count(". ") == 0 and ": " in message, "one sentence, and what to do"
    return message


def process_of(pool: WorkerPool) -> int:
    return int(pool.read(EXAMPLE).notes[0])


@pytest.mark.parametrize("format_", FORMATS)
def test_the_same_photo_comes_back_in_every_format(format_):
    check_same(encode_example(format_, 0))


def check_same(data: bytes, smallest_side: int | None = None) -> None:
    here, there = read_photo(data, smallest_side), read_photo_safely(data, smallest_side)
    assert np.array_equal(here.pixels, there.pixels)
    assert there.pixels.dtype == np.uint8
    assert there.pixels.flags.c_contiguous and not there.pixels.flags.writeable
    for part in ("sha256", "format", "notes", "original_size"):
        assert getattr(here, part) == getattr(there, part)


def test_notes_and_sizes_come_back_as_they_were():
    large = encode(Image.fromarray(draw_example()).resize((2600, 2200)), "JPEG", exif=exif(6))
    check_same(large, ENOUGH)
    assert read_photo_safely(large, ENOUGH).original_size == (2200, 2600)
    assert read_photo_safely(large, ENOUGH).notes


def test_errors_keep_their_sentences():
    whole, jpeg = encode(SPECIMEN, "PNG"), encode(SPECIMEN, "JPEG")
    for data in (b"", b"no photo", whole[:-40], whole[:90], jpeg[:700], encode(SPECIMEN[:20], "PNG")):
        assert refused(read_photo_safely, data) == refused(read_photo, data)


@pytest.mark.parametrize(("way", "patience"), [(HANG, 10**4), (WAIT, 1)])  # by its work, by the clock
def test_a_decoder_that_never_ends_is_ended_and_the_next_photo_is_read(pool, monkeypatch, way, patience):
    monkeypatch.setattr(safe_reading, "PATIENCE", patience)
    process = process_of(pool)
    assert "takes longer" in refused(pool.read, way, None, SHORT)
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)
    monkeypatch.undo()
    assert process_of(pool) != process


def test_a_small_file_gets_less_time_than_a_large_one():
    assert allow_seconds(EXAMPLE) < 10
    assert allow_seconds(bytes(1024**2)) < allow_seconds(bytes(2 * 1024**2)) <= SECONDS
    assert allow_seconds(bytes(10 * 1024**2)) == SECONDS


def test_a_photo_that_ends_its_worker_is_refused_and_the_next_is_read(pool):
    process = process_of(pool)
    assert "could not be read" in refused(pool.read, DIE)
    assert process_of(pool) != process


def test_a_worker_that_something_else_ends_costs_no_photo(pool):
    process = process_of(pool)
    os.kill(process, signal.SIGKILL)
    assert process_of(pool) != process


def test_a_worker_is_used_again_and_has_imported_nothing_heavy(pool):
    notes = pool.read(EXAMPLE).notes
    assert notes == pool.read(EXAMPLE).notes
    assert len(notes) == 1, f"imports {notes[1:]}"


def test_an_answer_that_nobody_waited_for_is_not_given_to_the_next_photo(pool, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    process = process_of(pool)
    monkeypatch.setattr(safe_reading, "receive", interrupt)
    with pytest.raises(KeyboardInterrupt):
        pool.read(example_bytes(seed=1))
    monkeypatch.undo()
    photo = pool.read(EXAMPLE)
    assert np.array_equal(photo.pixels, draw_example())
    assert photo.notes != (str(process),)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not limit it")
def test_a_decoder_gets_only_so_much_memory(pool):
    with pytest.raises(PhotoError, match="There is no such memory"):
        pool.read(TAKE_MEMORY)


def test_a_decoder_writes_no_file(pool, tmp_path):
    with pytest.raises(PhotoError, match="Nothing can be written"):
        pool.read(WRITE + os.fsencode(tmp_path / "photo"))


def test_threads_get_their_own_photos_from_a_few_processes():
    colours = [(20 * i, 255 - 20 * i, 90) for i in range(12)] * 3
    photos = [encode(Image.new("RGB", (600, 450), colour), "PNG") for colour in colours]
    pool = WorkerPool(most=2)
    with ThreadPoolExecutor(6) as threads:
        for colour, photo in zip(colours, threads.map(pool.read, photos), strict=True):
            assert (photo.pixels == colour).all()
    assert pool.processes == 2
    pool.close()


def test_one_large_picture_is_decoded_at_a_time(monkeypatch):
    waited, lock = [], Lock()

    @contextmanager
    def turn():
        with lock:
            waited.append("large")
            yield

    monkeypatch.setattr(safe_reading, "ONE_AT_A_TIME", turn())
    pool = WorkerPool(most=1, reader="unruly_readers:read_as_large")
    assert np.array_equal(pool.read(EXAMPLE).pixels, draw_example())
    pool.close()
    assert waited == ["large"]


SCRIPT = """
import signal, sys, threading
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGURG})  # for all threads that libraries start
from unruly_readers import HANG
from melanoma.photo import example_bytes
from melanoma.photo.safe_reading import WorkerPool

pool = WorkerPool(reader="unruly_readers:read_unruly")
worker = pool.read(example_bytes()).notes[0]
if seconds := float(sys.argv[1]):
    threading.Thread(target=pool.read, args=(HANG, None, seconds), daemon=True).start()
    signal.sigwait({signal.SIGURG})
print(worker, flush=True)
sys.stdin.readline()
"""


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="only Linux lets a process wait for another's child")
@pytest.mark.parametrize(
    ("seconds", "way"),
    [(0, "exit"), (10**4, "exit"), (0, "kill"), (0.5, "kill")],
    ids=["exit idle", "exit at work", "killed idle", "killed at work"],
)
def test_no_worker_outlives_whoever_started_it(seconds, way):
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-c", SCRIPT, str(seconds)], env=environment, **pipes) as app:
        worker = os.pidfd_open(int(app.stdout.readline()))
        if way == "kill":
            app.kill()
        app.communicate("\n")
    assert app.returncode == (-signal.SIGKILL if way == "kill" else 0)
    assert select.select([worker], [], [], 60)[0], "it still runs"
    os.close(worker)


def test_reading_can_be_prepared(pool):
    pool.start()
    pool.start()
    assert pool.processes == 1
    assert process_of(pool)
    assert pool.processes == 1
