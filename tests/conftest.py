"""Shared fixtures: real photos where they are, and a run to ask."""

import os
import shutil
from pathlib import Path

import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

DATA = Path(os.environ.get("MELANOMA_DATA") or Path(__file__).resolve().parent.parent.parent / "shared" / "data")


@pytest.fixture(scope="session")
def data() -> Path:
    """Folder of real photos; a test that needs them is skipped, saying so, where it is absent."""
    if not DATA.is_dir():
        pytest.skip(f"no real photos at {DATA}: set MELANOMA_DATA to a folder of the public downloads")
    return DATA


@pytest.fixture(scope="session")
def run():
    """The run that the app opens with."""
    from melanoma.run import folder as runs

    return runs.find_run(runs.DEFAULT_RUN)


@pytest.fixture(scope="session")
def light_run(run, tmp_path_factory):
    """The same with its light engine: as it ships, or exported into a copy when it ships without."""
    from melanoma.run import folder as runs
    from melanoma.training.export import EXPORTED, export

    if (run.folder / EXPORTED).exists():
        return run
    folder = shutil.copytree(run.folder, tmp_path_factory.mktemp("runs") / run.name)
    export(folder)
    return runs.open_run(folder)
