"""systemd itself reads the service file."""

import shutil
import subprocess
from pathlib import Path

import pytest

SERVICE = Path(__file__).resolve().parents[2] / "deploy/melanoma@.service"


def verify(text: str, folder: Path) -> str:
    """What systemd says of a service file, nothing if it takes all. Places that a clinic makes are replaced."""
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("no systemd")
    for made, here in (
        ("/opt/melanoma/.venv/bin/streamlit", "/bin/true"),
        ("/opt/melanoma", "/"),
        ("=melanoma\n", "=root\n"),
    ):
        text = text.replace(made, here)
    file = folder / SERVICE.name
    file.write_text(text)
    done = subprocess.run(
        [program, "verify", "--man=no", file], capture_output=True, text=True, check=False, timeout=60
    )
    return done.stdout + done.stderr


def test_systemd_takes_the_service_file(tmp_path):
    text = SERVICE.read_text()
    assert verify(text, tmp_path) == ""
    assert "kill mode" in verify(text.replace("KillMode=mixed", "KillMode=gently"), tmp_path)
