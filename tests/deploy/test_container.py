"""What the container file names is there, holds nothing private, and starts the app; without building the image."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path, PurePath

import pytest
from visiting import ROOT, find_port, wait_until_healthy

from melanoma.photo.synthetic import example_bytes

TEXT = (ROOT / "deploy/Containerfile").read_text()
PRIVATE = (
    ".git/config",
    ".streamlit/secrets.toml",
    ".venv/pyvenv.cfg",
    "audit.jsonl",
    "casebook/casebook.db",
    "deploy/secrets.toml",
    "keys.txt",
    "photos/lesion.jpg",
)


def find_instructions(name: str) -> list[str]:
    return re.findall(rf"^{name} (.+)$", TEXT, re.MULTILINE)


def list_copies() -> list[tuple[str, str]]:
    """What goes into the image, and where to."""
    return [(source, words[-1]) for words in map(str.split, find_instructions("COPY")) for source in words[:-1]]


def test_the_image_gets_what_is_there_and_nothing_private():
    sources = [source for source, _ in list_copies()]
    assert sources
    for source in sources:
        assert (ROOT / source).exists(), source
        assert not [private for private in PRIVATE if PurePath(private).is_relative_to(source)], source


@pytest.fixture
def image(tmp_path) -> Path:
    """A folder with the image's files of the app, and no others."""
    for source, target in list_copies():
        place = tmp_path / target / (Path(source).name if target.endswith("/") else "")
        place.parent.mkdir(parents=True, exist_ok=True)
        copy = shutil.copytree if (ROOT / source).is_dir() else shutil.copy
        copy(ROOT / source, place)
    return tmp_path


@pytest.mark.slow
def test_these_files_are_enough_to_start_and_to_answer(image):
    command, port = json.loads(*find_instructions("CMD")), find_port()
    command[0] = str(Path(sys.executable).parent / command[0])
    own = dict(one.split("=", 1) for line in find_instructions("ENV") for one in shlex.split(line))
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"} | own
    check = re.search(r"CMD (.+)", *find_instructions("HEALTHCHECK"))[1].replace("8501", str(port))
    check = check.replace("python", sys.executable, 1) + " 2>&1"
    (image / "lesion.png").write_bytes(example_bytes())
    predict = [sys.executable, "-m", "melanoma", "predict", "lesion.png", "--json"]
    answer = subprocess.run(predict, cwd=image, env=environment, capture_output=True, text=True, check=True).stdout
    assert json.loads(answer)[0]["decision"]
    with subprocess.Popen([*command, "--server.port", str(port)], cwd=image, env=environment) as server:
        try:
            wait_until_healthy(f"http://127.0.0.1:{port}", server)
            give_up = time.monotonic() + 120
            while subprocess.run(check, shell=True, check=False, capture_output=True).returncode:
                assert time.monotonic() < give_up, "never ready"
        finally:
            server.terminate()
            server.wait(30)
    assert subprocess.run(check, shell=True, check=False, capture_output=True).returncode, "nobody is there now"
