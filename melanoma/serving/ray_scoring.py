"""Photos -> Parquet files by Ray Data: the rows of `score`, by as many networks as there are workers, on any machines.

What a worker is given at once becomes one file, named for what it was given. A worker that is ended is started anew by
Ray and given the same again, and finds the file where it had been finished. Who starts the whole again with `resume`
gives it what has no row yet. So nothing is lost, and nothing is done twice but what was in work.

Reached by `--engine ray`: on this machine alone, or on the cluster that the variable RAY_ADDRESS names. The workers of
a cluster need this program, the run's folder and the photos under the same names.
"""

from __future__ import annotations

import hashlib
import logging
import os
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from melanoma.run import open_run
from melanoma.serving.cells import plain_cell, plain_text
from melanoma.serving.classifier import Classifier
from melanoma.serving.row_files import PARQUET, Done, ScoreSettings, open_rows, read_statuses, write_shard
from melanoma.serving.rows import ScoreJob
from melanoma.serving.stores import is_address, open_store, read_photo_file

AT_ONCE = 200  # photos that a worker is given, and rows of a file: some seconds of work, which a kill costs
THREADS = 2  # photos that a worker has in work: one is decoded while another is in its network
UNREAD = "-"  # stands for the SHA-256 of a file that could not be read
# Ray reports its use to its makers, and says much, unless it is told not to.
QUIET = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_DATA_LOG_LEVEL": "ERROR", "RAY_BACKEND_LOG_LEVEL": "fatal"}
# A Ray that is alone then listens at the loopback address, on Linux too; by itself it would at every address.
LOOPBACK = {"RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0"}
PATHS, KEYS = "path", "keys"  # columns of what a worker is given: its name as bytes, and the SHA-256 of what has a row


class Scorer:
    """One network in one of Ray's workers."""

    def __init__(self, run_folder: str, settings: ScoreSettings, out: str, here: str):
        if Path(here).is_dir():
            os.chdir(here)  # where names of photos are relative to
        self._classifier = Classifier.open(open_run(Path(run_folder)), many=True)
        self._settings, self._store = settings, open_store(out)

    def __call__(self, batch: dict[str, np.ndarray]) -> dict[str, list[int]]:
        """Write the rows of these photos as one file; how many were scored, not usable, and had a row."""
        given = {os.fsdecode(name): keys.split() for name, keys in zip(batch[PATHS], batch[KEYS], strict=True)}
        shard = name_shard(given)
        if not self._store.has(shard):
            job = ScoreJob(
                self._classifier,
                self._settings.operating_point,
                self._settings.kind,
                read_photo_file,
                make_done(given).__contains__,
            )
            rows = [row for row in job.score(given, THREADS) if row is not None]
            if rows:
                write_shard(self._store, shard, rows)
            return count([row["status"] for row in rows], len(given))
        return count(read_statuses(self._store, shard), len(given))


def score_with_ray(
    run_folder: Path, settings: ScoreSettings, names: Sequence[str], out: str, *, resume: bool, workers: int | None
) -> Iterator[str]:
    """Write the rows to the Parquet folder `out`, and say for each photo `ok`, `error`, or `left` where it had one.

    workers: networks; None: one a core. Raises RunError as `open_rows` does.
    """
    done = open_rows(out, settings, resume=resume).done
    return _score(run_folder, settings, names, out, done, workers)


def _score(
    run_folder: Path, settings: ScoreSettings, names: Sequence[str], out: str, done: Done, workers: int | None
) -> Iterator[str]:
    keys: dict[str, list[str]] = defaultdict(list)
    for file, sha256 in done:
        keys[file].append(sha256 or UNREAD)
    items = [{PATHS: os.fsencode(name), KEYS: " ".join(keys[plain_text(plain_cell(name))])} for name in names]
    target = out if is_address(out) else str(Path(out).absolute())
    ray = start_ray(workers)
    try:
        workers = min(workers or int(ray.cluster_resources()["CPU"]), len(items))
        blocks = max(workers, -(-len(items) // AT_ONCE))
        results = ray.data.from_items(items, override_num_blocks=blocks).map_batches(
            Scorer,
            batch_size=None,  # a block: what is given anew after a kill is the same
            compute=ray.data.ActorPoolStrategy(size=workers),  # which Ray starts anew when they end
            num_cpus=1,
            fn_constructor_args=(str(run_folder.absolute()), settings, target, str(Path.cwd())),
        )
        for row in results.iter_rows():
            for standing in ("ok", "error", "left"):
                yield from [standing] * int(row[standing])
    finally:
        ray.shutdown()


def start_ray(workers: int | None) -> Any:
    """Ray, quiet: on the cluster of RAY_ADDRESS, else here, for this process alone, at the loopback address."""
    alone = "RAY_ADDRESS" not in os.environ
    for name, value in (QUIET | LOOPBACK if alone else QUIET).items():
        os.environ.setdefault(name, value)
    import ray
    import ray.data

    here: dict[str, Any] = {}
    if alone:
        here = {"_node_ip_address": "127.0.0.1", "include_dashboard": False, "num_cpus": workers}
    ray.init(log_to_driver=False, logging_level=logging.ERROR, **here)
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = context.print_on_execution_start = False
    return ray


def name_shard(given: dict[str, list[str]]) -> str:
    """The file for the rows of these photos: the same name for the same photos with the same rows before."""
    text = "\0".join(f"{name} {' '.join(keys)}" for name, keys in given.items())
    return f"part-{hashlib.sha256(text.encode('utf-8', 'surrogateescape')).hexdigest()[:32]}{PARQUET}"


def make_done(given: dict[str, list[str]]) -> Done:
    """What of these photos has a row."""
    return frozenset((plain_text(plain_cell(name)), key.strip(UNREAD)) for name, keys in given.items() for key in keys)


def count(statuses: list[str], photos: int) -> dict[str, list[int]]:
    """A row of counts of a worker's photos."""
    ok = statuses.count("ok")
    return {"ok": [ok], "error": [len(statuses) - ok], "left": [photos - len(statuses)]}
