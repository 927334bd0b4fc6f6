"""The same photos give the same rows in each way: `PYTHONPATH=.:tests/support python THIS --data DATA --work FOLDER`.

Each way is gone only where its rows do not stand in FOLDER yet, so that it can be done piece by piece: --ways.
"""

import argparse
import json
import time
from pathlib import Path

from same_rows import Rows, list_differences, read_rows, score_by_api, score_by_ray, score_here, score_killed

SOURCES = {"ham10000/images": "*.jpg", "milk10k/MILK10k_Training_Input": "*/*.webp", "ham10000_600x450": "*.jpg"}
WAYS = ("here", "killed", "ray", "api")


def choose_photos(data: Path, count: int, folder: Path) -> None:
    """Links to so many photos of both kinds, evenly from each source, and four files that cannot be used."""
    folder.mkdir(parents=True)
    for source, pattern in SOURCES.items():
        files = sorted((data / source).glob(pattern))
        share = min(len(files), 100 if source.endswith("600x450") else (count - 100) // 2)
        for file in files[:: max(1, len(files) // share)][:share]:
            (folder / f"{file.parent.name}-{file.name}").symlink_to(file)
    whole = min(folder.iterdir()).read_bytes()
    for name, content in {"empty": b"", "text": b"no photo", "cut": whole[:2000], "head": whole[:200]}.items():
        (folder / f"{name}.jpg").write_bytes(content)


def go(way: str, photos: Path, work: Path, count: int) -> Rows:
    """The rows of one way."""
    if way == "here":
        return score_here(photos, work / "here.parquet")
    if way == "killed":
        return score_killed(photos, work / "killed.csv", count // 2)
    if way == "ray":
        return score_by_ray(photos, work / "ray.parquet")
    rows = score_by_api(photos, work)
    (work / "api.json").write_text(json.dumps(rows))
    return rows


def read(way: str, work: Path) -> Rows | None:
    """The rows that stand there from before."""
    file = work / {"here": "here.parquet", "killed": "killed.csv", "ray": "ray.parquet", "api": "api.json"}[way]
    if not file.exists():
        return None
    return json.loads(file.read_text()) if way == "api" else read_rows(file)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the public downloads")
    parser.add_argument("--work", type=Path, required=True, help="folder for the rows")
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--ways", nargs="*", choices=WAYS, default=WAYS)
    asked = parser.parse_args()
    photos = asked.work / "photos"
    if not photos.exists():
        choose_photos(asked.data.resolve(), asked.count, photos)
    for way in asked.ways:
        if read(way, asked.work) is None:
            start = time.monotonic()
            rows = go(way, photos, asked.work, asked.count)
            print(f"{way}: {len(rows)} rows in {time.monotonic() - start:.0f} s", flush=True)
    here = read("here", asked.work)
    assert here is not None
    for way in WAYS[1:]:
        if (rows := read(way, asked.work)) is not None:
            lines = list_differences(here, rows)
            print(f"{way}: {len(rows)} rows, {len(lines)} differences to `score`", *lines[:20], sep="\n  ", flush=True)


if __name__ == "__main__":
    main()
