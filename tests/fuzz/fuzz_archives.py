"""PYTHONPATH=.:tests/support python tests/fuzz/fuzz_archives.py [--count N]: open hostile ZIPs, print a table."""

from __future__ import annotations

import argparse

import pandas as pd
from broken_archives_reading import NO_SENTENCE, READ, REFUSED, TRACEBACK, read_archive
from broken_photos_reading import peak
from fuzz_photos import SLOW, to_markdown
from pebble import ProcessPool

MEMORY = 1024  # MB above rest


def main() -> None:
    """Open the ZIPs, print the table, and name those that went wrong."""
    parser = argparse.ArgumentParser(prog="python tests/fuzz/fuzz_archives.py", description=__doc__)
    parser.add_argument("--count", type=int, default=1400, help="how many ZIPs")
    parser.add_argument("--start", type=int, default=0, help="number of the first")
    parser.add_argument("--workers", type=int, default=2, help="processes")
    arguments = parser.parse_args()
    rest = peak()
    numbers = range(arguments.start, arguments.start + arguments.count)
    with ProcessPool(arguments.workers) as pool:
        table = pd.DataFrame(pool.map(read_archive, numbers).result())
    counts = {"inputs": table["answer"].notna(), "no file read": table["answer"] == REFUSED}
    counts |= {"files read as photos": table["photos"], "files refused": table["problems"]}
    counts |= {"tracebacks": table["answer"] == TRACEBACK, "not one sentence": table["answer"] == NO_SENTENCE}
    counts |= {f"over {SLOW} s": table["seconds"] > SLOW, "over 1 GB": table["peak_mb"] > rest + MEMORY}
    rows = pd.DataFrame(counts).groupby(table["kind"], sort=False).sum()
    rows.loc["all"] = rows.sum()
    print(to_markdown(rows).replace("| format |", "| what is wrong |"))
    print(f"\nslowest {table['seconds'].max():.1f} s; most memory {table['peak_mb'].max() - rest:.0f} MB above rest")
    wrong = table[~table["answer"].isin([READ, REFUSED])]
    print(wrong.to_string() if len(wrong) else "no traceback, one sentence each")


if __name__ == "__main__":
    main()
