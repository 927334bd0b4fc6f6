"""PYTHONPATH=.:tests/support python tests/fuzz/fuzz_photos.py [--count N]: read broken photos, print a table."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from concurrent.futures import TimeoutError as FutureTimeout
from pathlib import Path

import pandas as pd
from broken_photos import make_input
from broken_photos_reading import CRASH, REFUSED, TIMEOUT, TRACEBACK, Outcome, peak, read_input
from pebble import ProcessExpired, ProcessPool

LIMIT = 60  # seconds, after which an input is given up
SLOW = 5  # seconds


def run(numbers: range, workers: int) -> Iterator[Outcome]:
    """The outcome of each input, in order; a process that dies or hangs costs one input."""
    with ProcessPool(workers, max_tasks=2000) as pool:
        outcomes = pool.map(read_input, numbers, timeout=LIMIT).result()
        for number in numbers:
            try:
                yield next(outcomes)
            except (ProcessExpired, FutureTimeout) as error:
                made = make_input(number)
                answer = TIMEOUT if isinstance(error, FutureTimeout) else CRASH
                yield Outcome(number, made.format, made.kind, answer, seconds=LIMIT)


def tabulate(outcomes: pd.DataFrame, rest_mb: float) -> pd.DataFrame:
    """One row a format, and their sum: how many inputs gave what."""
    good = outcomes["visible"] & (outcomes["answer"] == "good")
    columns = {
        "inputs": outcomes["answer"].notna(),
        "refused": outcomes["answer"] == REFUSED,
        "visibly damaged, answered": outcomes["visible"],
        "of these good": good,
        "of these routine": outcomes["decision"] == "routine",
        "tracebacks": outcomes["answer"] == TRACEBACK,
        "crashes": outcomes["answer"] == CRASH,
        f"over {SLOW} s": outcomes["seconds"] > SLOW,
        "over 1 GB": outcomes["peak_mb"] > rest_mb + 1024,
    }
    table = pd.DataFrame(columns).groupby(outcomes["format"], sort=False).sum()
    table.loc["all"] = table.sum()
    return table


def to_markdown(table: pd.DataFrame) -> str:
    """A table as Markdown."""
    rows = [["format", *table.columns], ["---", *["---:"] * len(table.columns)]]
    rows += [[str(name), *map(str, row)] for name, row in zip(table.index, table.to_numpy(), strict=True)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def main() -> None:
    """Read the inputs, print the table, and name the inputs that went wrong."""
    parser = argparse.ArgumentParser(prog="python tests/fuzz/fuzz_photos.py", description=__doc__)
    parser.add_argument("--count", type=int, default=10_000, help="how many inputs")
    parser.add_argument("--start", type=int, default=0, help="number of the first")
    parser.add_argument("--workers", type=int, default=2, help="processes")
    parser.add_argument("--out", type=Path, help="a CSV file for the outcome of every input")
    arguments = parser.parse_args()
    rest_mb = peak()
    outcomes = pd.DataFrame(run(range(arguments.start, arguments.start + arguments.count), arguments.workers))
    print(to_markdown(tabulate(outcomes, rest_mb)))
    memory = outcomes["peak_mb"].max() - rest_mb
    print(f"\nslowest {outcomes['seconds'].max():.1f} s; most memory {memory:.0f} MB above rest")
    wrong = outcomes[outcomes["answer"].isin([TRACEBACK, CRASH, TIMEOUT]) | (outcomes["seconds"] > SLOW)]
    print(wrong.to_string() if len(wrong) else "no traceback, no crash, none slow")
    if arguments.out:
        outcomes.to_csv(arguments.out, index=False)


if __name__ == "__main__":
    main()
