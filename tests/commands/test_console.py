"""What is printed is what was said, letter for letter; what goes wrong is one sentence and exit code 2."""

import os
import subprocess
import sys

import pytest
import typer

from melanoma.commands.console import ProgressBar, make_table, refuse, refuse_errors, say, show
from melanoma.run import RunError

ODD = "photos [old] [/bold] :smile: 12.5 %"


def test_sentences_and_tables_keep_their_brackets(capsys):
    show(ODD)
    say(ODD)
    table = make_table(ODD, "", "estimate [x]")
    table.add_row(ODD, "[1]")
    show(table)
    out, err = capsys.readouterr()
    assert err == f"{ODD}\n"
    assert out.count(ODD) == 3
    assert "estimate [x]" in out
    assert "[1]" in out


def test_a_long_sentence_is_not_broken(capsys):
    say("word " * 60)
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_a_progress_bar_goes_to_stderr_and_keeps_brackets(capsys):
    with ProgressBar() as progress:
        assert list(progress.track(["a", "b"], 2, ODD)) == ["a", "b"]
        progress.begin("unknown length")
        progress.advance()
    assert capsys.readouterr().out == ""


def test_a_refusal_is_said_and_exits_with_two(capsys):
    assert refuse("No [x].").exit_code == 2
    assert capsys.readouterr().err == "No [x].\n"


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (RunError("photos [old] is not a run."), "photos [old] is not a run."),
        (PermissionError(13, "Permission denied", "a [b].csv"), "a [b].csv cannot be used: Permission denied."),
        (FileNotFoundError("DATA holds no photos."), "DATA holds no photos."),
        (ModuleNotFoundError("no such part", name="tensorflow"), "TensorFlow cannot be imported: no such part."),
    ],
)
def test_errors_for_users_become_one_sentence(capsys, error, sentence):
    with pytest.raises(typer.Exit) as exit_, refuse_errors(RunError):
        raise error
    assert exit_.value.exit_code == 2
    assert capsys.readouterr().err.startswith(sentence)


def test_a_programmers_mistake_stays_loud():
    with pytest.raises(ValueError, match="wrong"), refuse_errors(RunError):
        raise ValueError("wrong")
    with pytest.raises(ModuleNotFoundError), refuse_errors(RunError):
        raise ModuleNotFoundError("no", name="melanoma.gone")


@pytest.mark.parametrize("odd", ["\x1b[31mred", "\x07", "gpj.\u202eexe", os.fsdecode(b"bad\xff"), "\u2028"])
def test_a_name_prints_whatever_is_in_it_and_moves_no_cursor(odd):
    """On a real standard output, which takes UTF-8 alone."""
    code = f"from melanoma.commands.console import *; odd = {odd!r}; show(odd); show(make_table(odd, odd)); say(odd)"
    utf8 = os.environ | {"PYTHONUTF8": "1", "PYTHONIOENCODING": "utf-8:strict"}
    result = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, env=utf8)
    assert result.returncode == 0
    printed = (result.stdout + result.stderr).decode()
    assert printed.count("�") >= 4
    assert not any(character in printed for character in odd if not character.isprintable())


def test_an_error_of_a_library_is_said_in_the_systems_words(capsys):
    with pytest.raises(typer.Exit), refuse_errors(RunError):
        raise OSError(28, "Error writing bytes to file. Detail: [errno 28]")
    assert capsys.readouterr().err == "A file or folder cannot be used: No space left on device.\n"
