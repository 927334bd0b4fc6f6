"""`bench`: what it makes of a report, and what it refuses; the measurements themselves are no test."""

import copy
import json
import sys
from pathlib import Path

from command_line import call

import melanoma.bench
from melanoma.commands.bench import MISSING, print_bench

MEASURED = json.loads((Path(melanoma.bench.__file__).parent / "measured.json").read_text())


def test_the_stored_report_is_printed_with_its_bars(capsys):
    print_bench(MEASURED, None)
    lines = capsys.readouterr().out
    assert "ONNX Runtime, threads 2" in lines
    assert "≥ 0.9" in lines
    assert "before" not in lines


def test_an_earlier_report_is_shown_beside(capsys):
    former = copy.deepcopy(MEASURED)
    former["ratios"] |= {"score_over_batch": 123.0}
    del former["ratios"]["heavy_modules"]
    print_bench(MEASURED, former)
    lines = capsys.readouterr().out
    assert "before" in lines
    assert "123" in lines


def test_a_run_or_an_earlier_report_that_cannot_be_used_is_one_sentence(tmp_path):
    (tmp_path / "notes [b].txt").write_text("{}")
    for words, sentence in (
        (["nobody [a]"], "nobody [a] is not a run"),
        (["--compare", tmp_path / "notes [b].txt"], "notes [b].txt was not written by bench"),
        (["--compare", tmp_path / "gone [c].json"], "gone [c].json cannot be used"),
        (["--out", tmp_path], "is a folder"),
        (["--data", tmp_path / "gone [d]"], "gone [d] is no folder"),
    ):
        result = call("bench", *words)
        assert result.exit_code == 2
        assert sentence in result.stderr


def test_a_package_that_it_needs_is_named_before_anything_is_measured(monkeypatch):
    monkeypatch.setitem(sys.modules, "psutil", None)  # as where it is not installed
    result = call("bench")
    assert result.exit_code == 2
    assert result.stderr.splitlines() == [MISSING]
