"""The command line as a whole: groups, what names mean everywhere, and that nothing eats square brackets."""

import subprocess
import sys

import pytest
from command_line import call
from typer.main import get_command

from melanoma.cli import GROUPS, app

COMMANDS = {command.__name__.replace("_", "-"): command for commands in GROUPS.values() for command in commands}
WITHOUT_RUN = {"audit", "api-key", "plan"}
RUN_FIRST = ("evaluate", "export", "bench", "explain-check", "compare", "neighbours")
RUN_OPTION = ("predict", "score", "explain")


def options(name: str) -> set[str]:
    return {option for parameter in get_command(app).commands[name].params for option in parameter.opts}


def test_help_names_every_command_in_its_group():
    result = call("--help")
    lines = result.stdout
    for group in GROUPS:
        assert f" {group} " in lines
    for name in COMMANDS:
        assert f" {name} " in lines
    assert "Research use only" in lines


def test_the_module_runs_and_loads_no_tensorflow_for_its_help():
    code = "import sys; from melanoma.cli import app; print({'tensorflow', 'keras', 'onnxruntime'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "set()\n"
    result = subprocess.run([sys.executable, "-m", "melanoma", "--help"], capture_output=True, text=True, check=True)
    assert "python -m melanoma [OPTIONS] COMMAND" in result.stdout


@pytest.mark.parametrize("name", [name for name in COMMANDS if name not in WITHOUT_RUN])
def test_every_command_that_names_a_run_takes_a_folder_of_runs(name):
    assert "--models" in options(name)


@pytest.mark.parametrize("name", RUN_OPTION)
def test_what_a_clinic_uses_names_its_run_by_an_option(name):
    assert "--run" in options(name)


@pytest.mark.parametrize("name", RUN_FIRST)
def test_a_run_that_is_none_is_one_sentence_with_its_brackets(name, tmp_path):
    words = {"compare": ["other [b]"], "explain-check": ["--data", tmp_path]}.get(name, [])
    result = call(name, "photos [old]", *words, "--models", tmp_path)
    assert result.exit_code == 2
    assert result.stderr == "photos [old] is not a run: it has no run.json. Choose a folder that `train` wrote.\n"


@pytest.mark.parametrize("name", RUN_OPTION)
def test_the_same_where_the_run_is_an_option(name, photo, tmp_path):
    out = {"score": ["--out", tmp_path / "s.csv"], "explain": ["--out", tmp_path / "maps"]}.get(name, [])
    result = call(name, photo, *out, "--run", "photos [old]", "--models", tmp_path)
    assert result.exit_code == 2
    assert result.stderr == "photos [old] is not a run: it has no run.json. Choose a folder that `train` wrote.\n"
    assert not (tmp_path / "s.csv").exists()


@pytest.mark.parametrize("name", [*RUN_FIRST, *RUN_OPTION])
def test_without_a_folder_of_runs_it_says_where_to_work(name, photo, tmp_path):
    words = {
        "compare": ["one", "two"],
        "explain-check": ["one", "--data", tmp_path],
        "predict": [photo],
        "score": [photo, "--out", tmp_path / "s.csv"],
        "explain": [photo, "--out", tmp_path / "maps"],
    }.get(name, ["one"])
    result = call(name, *words, "--models", tmp_path / "none [x]")
    assert result.exit_code == 2
    assert f"There is no folder of runs at {tmp_path / 'none [x]'}. Work in a clone of the repository" in result.stderr


@pytest.mark.parametrize("name", ["train", "ensemble", "average", "erase", "audit", "evaluate", "explain-check"])
def test_a_data_folder_that_is_none_is_one_sentence(name, tmp_path):
    path = tmp_path / "gone [y]"
    words = {
        "train": [path, "--name", "x"],
        "ensemble": [path, "--name", "x", "--of", "a"],
        "average": [path, "--name", "x", "--of", "a", "--input-size", 64],
        "erase": [path, "--name", "x", "--of", "a"],
        "audit": [path],
        "evaluate": ["a", "--data", path],
        "explain-check": ["a", "--data", path],
    }[name]
    result = call(name, *words)
    assert result.exit_code == 2
    assert result.stderr == f"{path} is no folder. Check the path.\n"


@pytest.mark.parametrize(("former", "name"), [("join", "ensemble"), ("blend", "average")])
def test_a_former_name_says_what_it_is_called_now(former, name):
    result = call(former, "data", "--name", "x", "--of", "a", "--size", 64)
    assert result.exit_code == 2
    assert result.stderr == f"{former} is called {name} now.\n"
    assert former not in call("--help").stdout.split()
