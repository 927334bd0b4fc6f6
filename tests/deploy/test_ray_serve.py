"""The deployment file of Ray Serve is started, and answers as this process does."""

import os
import re
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import numpy as np
import pytest
from other_processes import list_open_addresses

from melanoma.photo import draw_example, network_input
from melanoma.run import RunError
from melanoma.serving.classifier import open_local_engine
from melanoma.serving.remote_engine import RemoteEngine

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.slow
def test_the_deployment_file_starts_the_network(run, tmp_path):
    pytest.importorskip("ray.serve")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    file = tmp_path / "ray_serve.yaml"
    file.write_text((ROOT / "deploy/ray_serve.yaml").read_text().replace("port: 8000", f"port: {port}"))
    serve = [str(Path(sys.executable).parent / "serve"), "run", str(file)]
    quiet = dict(re.findall(r"(RAY_\w+)=(\d)", file.read_text())) | {"PYTHONPATH": str(ROOT)}  # as the file says
    quiet |= {"RAY_SERVE_PROXY_READY_CHECK_TIMEOUT_S": "60"}  # of 5: on a busy machine it takes longer to start
    engine = RemoteEngine(f"http://127.0.0.1:{port}/", run)
    crops = np.stack([network_input(draw_example(seed), run.input_size) for seed in range(3)])
    with subprocess.Popen(serve, env=os.environ | quiet, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL) as server:
        try:
            there = wait_for_answer(server, engine, crops)
            assert list_open_addresses(server.pid) == {"127.0.0.1"}  # strangers reach nothing of it
            with pytest.raises(urllib.error.HTTPError, match="422"):
                urllib.request.urlopen(f"http://127.0.0.1:{port}/", b"no arrays")
        finally:
            server.terminate()
            server.communicate(timeout=60)
    np.testing.assert_array_equal(there.logits, open_local_engine(run).forward(crops).logits)
    with pytest.raises(RunError, match="does not answer"):
        engine.forward(crops)


def wait_for_answer(server, engine, crops):
    """The first answer; a server that ends before it says why."""
    for _ in range(240):
        try:
            return engine.forward(crops)
        except RunError:
            try:
                server.wait(0.5)
            except subprocess.TimeoutExpired:
                continue
            raise AssertionError(server.stderr.read().decode()) from None
    raise AssertionError("no answer within two minutes")
