"""Two processes train one network: each ends with the same weights, and what cannot be shared is refused."""

import json
import os
import pickle
import socket
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest
from rich.console import Console

from melanoma.run import RunError, open_run
from melanoma.training import TrainingRecipe, resume, train
from melanoma.training.run_files import start_run
from melanoma.training.several_processes import connect_processes

ROOT = Path(__file__).resolve().parents[2]
TRAIN = """
import pickle, sys
from pathlib import Path
from melanoma.training.fitting import fit_run
from melanoma.training.run_files import start_run
settings, photos, table = pickle.loads(Path(sys.argv[1]).read_bytes())
start_run(Path(sys.argv[2]), settings, table)
fit_run(Path(sys.argv[2]), settings, photos, photos)
"""

pytestmark = pytest.mark.slow


def write_config(ports: list[int], number: int) -> str:
    """TF_CONFIG of one of the processes."""
    workers = [f"127.0.0.1:{port}" for port in ports]
    return json.dumps({"cluster": {"worker": workers}, "task": {"type": "worker", "index": number}})


def find_ports(count: int) -> list[int]:
    """Ports of this machine that are free."""
    probes = [socket.socket() for _ in range(count)]
    for probe in probes:
        probe.bind(("127.0.0.1", 0))
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports


def start(words: list[str], config: str) -> subprocess.Popen:
    """One of the processes."""
    own = {"PYTHONPATH": str(ROOT), "TF_CONFIG": config, "CUDA_VISIBLE_DEVICES": ""}
    return subprocess.Popen(words, env=os.environ | own, stderr=subprocess.PIPE, text=True)


def test_two_processes_end_with_the_same_network(tmp_path, settings, photos, table):
    (tmp_path / "all").write_bytes(pickle.dumps((settings, photos, table)))
    ports = find_ports(2)
    words = [[sys.executable, "-c", TRAIN, str(tmp_path / "all"), str(tmp_path / str(n) / "run")] for n in range(2)]
    with ExitStack() as running:
        started = [running.enter_context(start(one, write_config(ports, n))) for n, one in enumerate(words)]
        for process in started:
            _, said = process.communicate(timeout=120)
            assert process.returncode == 0, said
    one, other = (open_run(tmp_path / str(n) / "run") for n in range(2))
    assert one.state == other.state == "finished"
    assert one.history["val_loss"].tolist() == other.history["val_loss"].tolist()
    assert one.history["val_balanced_accuracy"].max() > 0.3  # chance is 0.11
    assert one.history["loss"].tolist() != other.history["loss"].tolist()  # of photos of its own
    weights = [keras.saving.load_model(run.network_path).get_weights() for run in (one, other)]
    for of_one, of_other in zip(*weights, strict=True):
        np.testing.assert_array_equal(of_one, of_other)


def test_what_several_cannot_train_is_refused_before_photos_are_read(settings, table, monkeypatch, tmp_path):
    assert connect_processes(settings) is None
    normalised = replace(settings, architecture="efficientnet-lite0")
    monkeypatch.setenv("TF_CONFIG", write_config([1, 2], 0))
    with pytest.raises(RunError, match="--freeze-batch-norm"):
        connect_processes(normalised)
    with pytest.raises(RunError, match="--freeze-batch-norm"):
        train(tmp_path / "no data", tmp_path / "run", TrainingRecipe(normalised), Console())
    start_run(tmp_path / "run", normalised, table)
    with pytest.raises(RunError, match="--freeze-batch-norm"):
        resume(tmp_path / "no data", tmp_path / "run", Console())
    monkeypatch.setenv("TF_CONFIG", write_config([1], 0))
    assert connect_processes(settings) is None
