"""How long a casebook of many lesions takes, and how much memory: `PLACE EMPTY_PLACE [LESIONS]`.

Not a test. Each step is a process of its own; the photos are random bytes, half of them one and the same.
"""

import multiprocessing
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from casebook_samples import fill
from test_exporting import read_all

from melanoma.casebook import Casebook, Search, open_casebook

AT_ONCE, PHOTO = 100, 50_000  # lesions saved in one transaction; bytes of a photo


def save(book: Casebook, _: Path, lesions: int) -> None:
    """Save all lesions, some at a time."""
    for part in range(lesions // AT_ONCE):
        with book.write("dr-a") as writer:
            fill(writer, AT_ONCE, seed=part, content_size=PHOTO, first=part * AT_ONCE)


def export(book: Casebook, path: Path, _: int) -> None:
    """Export all of it."""
    book.export(path)


def take(book: Casebook, path: Path, _: int) -> None:
    """Import it into the empty place."""
    book.take(path)


def search(book: Casebook, _: Path, __: int) -> None:
    """A page of the search for melanomas, a hundred times."""
    for _ in range(100):
        book.search(Search(diagnosis="MEL", site="foot"))


def measure(step: Callable[[Casebook, Path, int], None], place: str, path: Path, lesions: int) -> None:
    """Print seconds of one core and the peak of memory of one step."""
    book = open_casebook(place)
    start = time.process_time()
    step(book, path, lesions)
    seconds = time.process_time() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    size = path.stat().st_size / 1e6
    print(
        f"{step.__name__}: {seconds:.1f} s of one core, at most {peak:.0f} MB of memory, ZIP {size:.0f} MB", flush=True
    )
    book.close()


if __name__ == "__main__":
    place, empty, lesions = sys.argv[1], sys.argv[2], int((sys.argv[3:] or ["10000"])[0])
    with tempfile.NamedTemporaryFile(suffix=".zip") as file:
        for step, where in ((save, place), (search, place), (export, place), (take, empty), (search, empty)):
            process = multiprocessing.get_context("spawn").Process(
                target=measure, args=(step, where, Path(file.name), lesions)
            )
            process.start()
            process.join()
        first, second = (open_casebook(one) for one in (place, empty))
        print(first.count(), "equal" if read_all(first) == read_all(second) else "NOT EQUAL")
