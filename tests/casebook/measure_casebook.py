"""How long a casebook of many lesions takes, and how much memory: `PLACE EMPTY_PLACE [LESIONS [BYTES]]`.

`postgresql` for both places starts a server of its own. BYTES: of a photo, else 50,000.

Not a test. Each step is a process of its own; the photos are random bytes, half of them one and the same.
"""

import multiprocessing
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from casebook_samples import fill
from postgres import run_server
from test_exporting import read_all

from melanoma.casebook import Casebook, Search, open_casebook
from melanoma.casebook.agreement import JUDGES, compare_judges, measure_groups
from melanoma.casebook.settled import read_settled

AT_ONCE = 100  # lesions saved in one transaction
PHOTO = int((sys.argv[4:] or ["50000"])[0])  # bytes; here, as each step is a process of its own


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


def open_list(book: Casebook, _: Path, __: int) -> None:
    """The list as it opens, ten times."""
    for _ in range(10):
        book.search(Search())


def open_case(book: Casebook, _: Path, __: int) -> None:
    """The first ten lesions of the list, one after the other."""
    for found in book.search(Search(), limit=10).lesions:
        book.case(found.lesion.id)
        book.history(lesion_id=found.lesion.id)


def list_follow_ups(book: Casebook, _: Path, __: int) -> None:
    """What is due, ten times."""
    for _ in range(10):
        book.follow_ups()


def count_agreement(book: Casebook, _: Path, __: int) -> None:
    """The tab Agreement: read, the three judges, and their groups by quarter."""
    lesions = read_settled(book)
    compare_judges(lesions)
    measure_groups(JUDGES, lesions, "quarter")


def measure(step: Callable[[Casebook, Path, int], None], place: str, path: Path, lesions: int) -> None:
    """Print seconds of one core and the peak of memory of one step."""
    book = open_casebook(place)
    start, began = time.process_time(), time.perf_counter()
    step(book, path, lesions)
    seconds, waited = time.process_time() - start, time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    size = path.stat().st_size / 1e6
    print(
        f"{step.__name__}: {seconds:.1f} s of one core, {waited:.1f} s in all, at most {peak:.0f} MB of memory, "
        f"ZIP {size:.0f} MB",
        flush=True,
    )
    book.close()


LOOKS = (search, open_list, open_case, list_follow_ups, count_agreement)

if __name__ == "__main__":
    place, empty, lesions = sys.argv[1], sys.argv[2], int((sys.argv[3:] or ["10000"])[0])
    with ExitStack() as stack:
        if place == "postgresql":
            server = stack.enter_context(run_server(fsync=True))
            place, empty = server.create("first"), server.create("second")
        file = stack.enter_context(tempfile.NamedTemporaryFile(suffix=".zip"))
        for step, where in ((save, place), *((look, place) for look in LOOKS), (export, place), (take, empty)):
            process = multiprocessing.get_context("spawn").Process(
                target=measure, args=(step, where, Path(file.name), lesions)
            )
            process.start()
            process.join()
        first, second = (open_casebook(one) for one in (place, empty))
        print(first.count(), "equal" if read_all(first) == read_all(second) else "NOT EQUAL")
