"""Shared fixtures: real photos where they are, and a run to ask."""

import os
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
