"""The comparison tab: two tested runs, one tested run, one run beside itself."""

import shutil
from pathlib import Path

import pytest
from reading_pages import open_page, read

from melanoma.run import Run, folder, write_checksums


@pytest.fixture
def two(example_models, tmp_path, monkeypatch) -> Path:
    """`whole`, and `other`, which takes every melanoma for a nevus and the reverse."""
    shutil.copytree(example_models / "whole", tmp_path / "whole")
    other = shutil.copytree(example_models / "whole", tmp_path / "other")
    predictions = Run(other).predictions
    predictions[["p_MEL", "p_NV"]] = predictions[["p_NV", "p_MEL"]].to_numpy()
    predictions.iloc[:-1].to_csv(other / "predictions.csv", index=False)
    write_checksums(other)
    monkeypatch.setattr(folder, "MODELS", tmp_path)
    return tmp_path


def test_two_runs_are_compared_on_the_photos_that_both_tested(two):
    words = read(open_page("performance", tab="Compare", first="whole", second="other"))
    assert "Compared on 134 test photos" in words
    assert "1 that only whole tested, 0 that only other tested" in words
    assert "higher for whole" in words
    assert "McNemar's exact test" in words


def test_a_run_beside_itself_asks_for_another(two):
    assert "Choose two different runs." in read(open_page("performance", tab="Compare", first="whole", second="whole"))


def test_one_tested_run_is_too_few(models):
    assert "needs two runs with test predictions" in read(open_page("performance", tab="Compare"))


def test_the_newest_other_run_stands_beside_the_default(run):
    page = open_page("performance", tab="Compare")
    assert page.selectbox(key="first").value == run.name
    assert page.selectbox(key="second").value == "2026-11-lite0"
