"""PYTHONPATH=.:tests/support python tests/fuzz/fuzz_folders.py [--count N]: read broken runs, logs and tables."""

from __future__ import annotations

import argparse

import pandas as pd
from broken_folders_reading import (
    NO_SENTENCE,
    READ,
    REFUSED,
    TRACEBACK,
    read_broken_log,
    read_broken_run,
    read_broken_table,
)
from fuzz_photos import to_markdown
from pebble import ProcessPool

READERS = {"run": read_broken_run, "log": read_broken_log, "table": read_broken_table}


def main() -> None:
    """Read the inputs, print the table, and name the inputs that went wrong."""
    parser = argparse.ArgumentParser(prog="python tests/fuzz/fuzz_folders.py", description=__doc__)
    parser.add_argument("--count", type=int, default=700, help="how many inputs of each kind")
    parser.add_argument("--start", type=int, default=0, help="number of the first")
    parser.add_argument("--workers", type=int, default=2, help="processes")
    arguments = parser.parse_args()
    numbers = range(arguments.start, arguments.start + arguments.count)
    outcomes = []
    with ProcessPool(arguments.workers) as pool:
        for kind, read in READERS.items():
            for outcome in pool.map(read, numbers).result():
                outcomes.append({"input": f"{kind}: {outcome.file}", **vars(outcome)})
    table = pd.DataFrame(outcomes)
    counts = {"inputs": table["answer"].notna()}
    counts |= {answer: table["answer"] == answer for answer in (REFUSED, READ, NO_SENTENCE, TRACEBACK)}
    rows = pd.DataFrame(counts).groupby(table["input"], sort=False).sum()
    rows.loc["all"] = rows.sum()
    print(to_markdown(rows).replace("| format |", "| file |"))
    wrong = table[table["answer"].isin([TRACEBACK, NO_SENTENCE])]
    print(wrong.to_string() if len(wrong) else "\nno traceback, one sentence each")


if __name__ == "__main__":
    main()
