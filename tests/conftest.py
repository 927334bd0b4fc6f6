"""Shared fixtures: real photos where they are, and a run to ask."""

import os
import sys
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import pytest
from streamlit.runtime.scriptrunner import script_runner

import melanoma.photo
from melanoma.photo import synthetic
from melanoma.run import DEFAULT_RUN, Run, find_run

# Hundreds of tests draw the same few examples, each of which takes as long as an answer. Before any test is imported.
synthetic.draw_example = melanoma.photo.draw_example = lru_cache(64)(synthetic.draw_example)

# After each run of a page, Streamlit has a Keras that is loaded forget its networks, which collects the garbage of the
# whole process. The app's own process loads no Keras; one that tests share would spend half its time so.
script_runner._clean_problem_modules = lambda: None

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
if "PYTEST_XDIST_WORKER" in os.environ:  # each worker has a core
    os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")

DATA = Path(os.environ.get("MELANOMA_DATA") or Path(__file__).resolve().parent.parent.parent / "shared" / "data")


SLOW_FILE = "\npytestmark = pytest.mark.slow"


def is_fast(config: pytest.Config) -> bool:
    """Whether this is the fast lane, which leaves slow tests out."""
    return "not slow" in config.option.markexpr


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """The fast lane does not even import a file of slow tests: loading TensorFlow takes seconds."""
    if is_fast(config) and collection_path.suffix == ".py" and SLOW_FILE in collection_path.read_text():
        return True
    return None


@pytest.fixture(autouse=True)
def without_tensorflow(request) -> Iterator[None]:
    """A test of the fast lane that loads TensorFlow fails: it is a slow one."""
    before = "tensorflow" in sys.modules
    yield
    if is_fast(request.config) and not before:
        assert "tensorflow" not in sys.modules, "this test loads TensorFlow: mark it slow"


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
