"""The client of the README asks the real server."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import call

pytest.importorskip("fastapi")

from melanoma.photo import example_bytes

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.slow
def test_the_client_of_the_readme_asks_the_server(tmp_path):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    key = call("api-key", "clinic", "--keys", tmp_path / "keys").stdout.strip()
    client = (ROOT / "melanoma/api/README.md").read_text().split("```python\n")[1].split("```")[0]
    assert len(client.strip().splitlines()) <= 10
    (tmp_path / "a.png").write_bytes(example_bytes())
    (tmp_path / "b.png").write_bytes(b"no photo")
    words = [sys.executable, "-m", "melanoma", "serve-api", "--port", str(port), "--keys", str(tmp_path / "keys")]
    with subprocess.Popen(words, cwd=ROOT, stderr=subprocess.PIPE, text=True) as server:
        assert "answers; keys: 1" in server.stderr.readline()
        for secret, photo, said in (
            (key, "a.png", "refer, malignancy "),
            (key, "b.png", "This file is not a photo"),
            ("wrong", "a.png", "This key is not known"),
        ):
            environment = os.environ | {"MELANOMA_API": f"http://127.0.0.1:{port}", "MELANOMA_KEY": secret}
            done = subprocess.run(
                [sys.executable, "-c", RETRYING + client, photo],
                cwd=tmp_path, env=environment, capture_output=True, text=True, check=True,
            )  # fmt: skip
            assert done.stdout.startswith(said), done.stdout
        server.terminate()
        log = server.stderr.read()
    assert "clinic POST /v1/lesions 200" in log
    assert "a.png" not in log


# The server says its address before it listens.
RETRYING = """
import httpx
httpx.post = lambda url, **words: httpx.Client(transport=httpx.HTTPTransport(retries=8)).post(url, **words)
"""


def test_who_can_be_reached_by_others_needs_keys(tmp_path):
    result = call("serve-api", "--host", "0.0.0.0")
    assert (result.exit_code, "Make a key with `python -m melanoma api-key`" in result.stderr) == (2, True)
    (tmp_path / "keys").write_text("")
    assert "holds no key" in call("serve-api", "--keys", tmp_path / "keys").stderr
    assert "cannot name a key" in call("api-key", "two words", "--keys", tmp_path / "keys").stderr


def test_without_the_extra_the_command_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr("melanoma.commands.serve_api.find_spec", lambda name: None)
    result = call("serve-api")
    assert (result.exit_code, "pip install 'melanoma[server]'" in result.stderr) == (2, True)
