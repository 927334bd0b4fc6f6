"""The walls of the house: which room may import which, and where Streamlit and TensorFlow may not be."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
# A room imports only from those before it.
ROOMS = [
    "diagnoses",
    "sources",
    "estimates",
    "photo",
    "run",
    "serving",
    "explain",
    "dataset",
    "evaluation",
    "audit",
    "training",
    "casebook",
    "charts",
    "documents",
    "operations",
    "api",
    "bench",
    "commands",
    "cli",
    "__main__",
]
NOT_FOR_PAGES = {"training", "api", "bench", "commands", "cli"}
TENSORFLOW = {"tensorflow", "keras", "tf_keras_vis"}
MAY_LOAD_TENSORFLOW = {"explain", "training", "bench"}
SCREENS = {
    "analyze",
    "explain",
    "worklist",
    "cases",
    "performance",
    "dataset",
    "model_card",
    "privacy",
    "reader_study",
    "compare_dates",
    "diagnoses",
}
TOP = {"__init__", "diagnoses", "sources", "estimates", "cli", "__main__"}

FILES = sorted([*ROOT.glob("melanoma/**/*.py"), *ROOT.glob("pages/**/*.py"), ROOT / "app.py"])


def imports(path: Path, *, at_import: bool = False) -> Iterator[str]:
    """Dotted names that a file imports; `at_import`: only what runs when it is itself imported."""
    skipped: set[ast.AST] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if (
            node in skipped
            or (isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test))
            or (at_import and isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda))
        ):
            skipped |= set(ast.walk(node))
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def room_of(path: Path) -> str:
    """The room of a file of melanoma/: its folder, or itself at the top."""
    return path.relative_to(ROOT / "melanoma").parts[0].removesuffix(".py")


def rooms_in(names: Iterator[str]) -> set[str]:
    return {name.split(".")[1] for name in names if name.startswith("melanoma.")} & set(ROOMS)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_run_one_way(path):
    found = rooms_in(imports(path))
    if path.is_relative_to(ROOT / "melanoma"):
        room = room_of(path)
        allowed = set(ROOMS[: ROOMS.index(room) + 1]) if room in ROOMS else set()
        assert found <= allowed, f"{room} may not import {sorted(found - allowed)}"
        assert not any(name.split(".")[0] == "streamlit" for name in imports(path)), "melanoma/ knows no screen"
        if room not in MAY_LOAD_TENSORFLOW:
            assert not TENSORFLOW & {name.split(".")[0] for name in imports(path, at_import=True)}
    else:
        assert not found & NOT_FOR_PAGES


def test_the_pages_folder_holds_screens_alone():
    assert {path.stem for path in (ROOT / "pages").glob("*.py")} <= SCREENS


def test_the_top_of_the_package_holds_what_every_room_shares():
    assert {path.stem for path in (ROOT / "melanoma").glob("*.py")} <= TOP


def test_every_room_says_what_it_is_for():
    for folder in sorted((ROOT / "melanoma").iterdir()):
        if folder.is_dir() and any(folder.glob("*.py")):
            assert folder.name in ROOMS
            assert ast.get_docstring(ast.parse((folder / "__init__.py").read_text())), folder.name


def test_no_file_grows_too_long():
    lines = {path: len(path.read_text().splitlines()) for path in FILES}
    assert {str(path.relative_to(ROOT)): n for path, n in lines.items() if n > 320} == {}


def test_the_app_runs_without_being_installed():
    """As README.md starts it: what it needs is installed then, and the project itself has no metadata."""
    asking = {path for path in FILES if "importlib.metadata" in imports(path)}
    assert {room_of(path) for path in asking} <= {"training", "bench"}, "melanoma.__version__ is the version"
