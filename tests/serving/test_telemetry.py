"""ONNX Runtime reports to nobody: it leaves neither the number of the computer nor what it would send."""

import os
import subprocess
import sys

CODE = """
import sys
from pathlib import Path
from melanoma.serving.engines import OnnxEngine
OnnxEngine(Path(sys.argv[1]))
"""


def test_opening_a_network_leaves_nothing_to_report(run, tmp_path):
    usual = {name: value for name, value in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"}
    places = {"HOME": str(tmp_path), "TMPDIR": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path)}
    command = [sys.executable, "-B", "-c", CODE, str(run.folder / "model.onnx")]
    subprocess.run(command, check=True, env=usual | places)
    assert list(tmp_path.rglob("*")) == []
