"""The rows of one folder of photos in each way that there is: `score`, killed and resumed, by Ray, by the API."""

import csv
import os
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx
import pyarrow.parquet
from command_line import call
from other_processes import list_children

from melanoma.diagnoses import CODES
from melanoma.serving.rows import COLUMNS

ROOT = Path(__file__).resolve().parents[2]
CLIENTS = 4  # of the API at once, each with a key of its own: as many requests as it takes
Rows = dict[str, dict[str, str]]  # by the file's name


def start(*words: object) -> subprocess.Popen:
    """`python -m melanoma WORDS`, in a process of its own."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [sys.executable, "-m", "melanoma", *map(str, words)],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process: subprocess.Popen) -> str:
    """What a process has said when it has ended well."""
    _, said = process.communicate()
    assert process.returncode == 0, said
    return said


def read_rows(table: Path) -> Rows:
    """The rows of a CSV or a Parquet folder, each cell as text with the digits of a CSV. No file may have two."""
    if table.suffix == ".csv":
        with table.open(newline="") as file:
            rows = list(csv.DictReader(file))
    else:
        rows = [
            {name: f"{cell:.6f}" if isinstance(cell, float) else cell or "" for name, cell in row.items()}
            for row in pyarrow.parquet.read_table(table, columns=list(COLUMNS)).to_pylist()
        ]
    by_name = {Path(row["file"]).name: row | {"file": ""} for row in rows}
    assert len(by_name) == len(rows), f"{table}: {len(rows) - len(by_name)} rows more than files"
    return by_name


def score_here(photos: Path, out: Path) -> Rows:
    """By `score` on this machine."""
    finish(start("score", photos, "--out", out))
    return read_rows(out)


def score_killed(photos: Path, out: Path, after: int) -> Rows:
    """By `score`, ended by SIGKILL once so many rows of the CSV stand, and by `score --resume`."""
    with start("score", photos, "--out", out) as process:
        while not out.exists() or out.read_bytes().count(b"\n") <= after:
            assert process.poll() is None, process.stderr.read()
        process.send_signal(signal.SIGKILL)
    kept = out.read_bytes().count(b"\n") - 1
    said = finish(start("score", photos, "--out", out, "--resume"))
    assert after <= kept < len(list(photos.iterdir())), "it was not killed on its way"
    assert f"{kept} had a row already" in said or f"{kept - 1} had a row already" in said, said  # the last may be cut
    return read_rows(out)


def score_by_ray(photos: Path, out: Path) -> Rows:
    """By `score --engine ray` with two workers, of which one is ended by SIGKILL while it is at work."""
    with start("score", photos, "--out", out, "--engine", "ray", "--workers", 2) as process:
        while (worker := find_worker(process.pid)) is None:
            assert process.poll() is None, process.stderr.read()
        os.kill(worker, signal.SIGKILL)
        finish(process)
    return read_rows(out)


def find_worker(pid: int) -> int | None:
    """A process of Ray's that scores: one that has started a process that decodes photos."""
    for child, name in list_children(pid).items():
        if name.startswith("ray::") and any("melanoma.photo.worker" in one for one in list_children(child).values()):
            return child
    return None


@contextmanager
def serve_api(folder: Path):
    """Address and keys of `serve-api`, while it runs."""
    keys = folder / "keys.txt"
    secrets = [call("api-key", f"client{n}", "--keys", keys).stdout.strip() for n in range(CLIENTS)]
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = (folder / "api.log").open("w")
    words = [sys.executable, "-m", "melanoma", "serve-api", "--keys", str(keys), "--port", str(port)]
    with subprocess.Popen(words, env=os.environ | {"PYTHONPATH": str(ROOT)}, stdout=log, stderr=log) as server:
        try:
            wait_for(server, port)
            yield f"http://127.0.0.1:{port}", secrets
        finally:
            server.terminate()
            log.close()


def wait_for(server: subprocess.Popen, port: int) -> None:
    """Until the server listens."""
    while server.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
    raise AssertionError("the API does not start: see api.log")


def score_by_api(photos: Path, folder: Path) -> Rows:
    """By `POST /v1/lesions`, a photo a request, from CLIENTS at once, which wait when they are told to."""
    files = sorted(photos.iterdir())
    with serve_api(folder) as (address, secrets), ThreadPoolExecutor(CLIENTS) as pool:
        lists = pool.map(lambda n: ask(address, secrets[n], files[n::CLIENTS]), range(CLIENTS))
        return {name: row for rows in lists for name, row in rows.items()}


def ask(address: str, key: str, files: list[Path]) -> Rows:
    """The rows of these files, one request after the other."""
    rows = {}
    with httpx.Client(base_url=address, headers={"Authorization": f"Bearer {key}"}, timeout=120) as client:
        for file in files:
            photo = {"photos": (file.name, file.read_bytes())}
            while "Retry-After" in (answer := client.post("/v1/lesions", files=photo)).headers:
                time.sleep(float(answer.headers["Retry-After"]))
            rows[file.name] = as_row(answer.status_code, answer.json())
    return rows


def as_row(status: int, answer: list[dict] | dict) -> dict[str, str]:
    """What the API answers to one photo, in the columns of `score` that it fills."""
    if status != 200:
        return {"status": "error", "message": answer["error"]}
    (record,) = answer
    said = {"quality": record["quality_reasons"], "suspicion": record["suspicions"]}
    return {
        "sha256": record["sha256"],
        "status": "ok",
        "message": " ".join([*said.get(record["decision_reason"], []), *record["cautions"]]),
        **{name: record[name] for name in ("quality", "diagnosis", "decision", "run", "kind")},
        **{f"p_{code}": f"{record['probabilities'][code]:.6f}" for code in CODES},
        "malignant": f"{record['malignant']:.6f}",
    }


def list_differences(one: Rows, other: Rows) -> list[str]:
    """A line for each file that has a row in one table alone, or cells that differ in those that both have."""
    lines = [f"{name}: in one table alone" for name in sorted(one.keys() ^ other.keys())]
    for name in sorted(one.keys() & other.keys()):
        columns = [key for key in one[name].keys() & other[name].keys() if one[name][key] != other[name][key]]
        lines += [f"{name} {key}: {one[name][key]} | {other[name][key]}" for key in sorted(columns)]
    return lines
