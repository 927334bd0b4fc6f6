"""Shared fixtures: real photos where they are, and a run to ask."""

import os
from pathlib import Path

import pytest

from melanoma.run import DEFAULT_RUN, Run, find_run

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

DATA = Path(os.environ.get("MELANOMA_DATA") or Path(__file__).resolve().parent.parent.parent / "shared" / "data")


@pytest.fixture(scope="session")
def data() -> Path:
    """Folder of real photos; a test that needs them is skipped, saying so, where it is absent."""
    if not DATA.is_dir():
        pytest.skip(f"no real photos at {DATA}: set MELANOMA_DATA to a folder of the public downloads")
    return DATA


@pytest.fixture(scope="session")
def run() -> Run:
    """The run that the app opens with."""
    return find_run(DEFAULT_RUN)
