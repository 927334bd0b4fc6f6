"""The comparison tab: two tested runs, one tested run, one run beside itself."""

import shutil
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from melanoma.run import folder as runs

PAGE = Path(__file__).resolve().parents[2] / "pages" / "performance.py"


def words(page: AppTest) -> str:
    return "\n".join(e.value for e in (*page.markdown, *page.caption, *page.info))


def compare(**query: str) -> AppTest:
    page = AppTest.from_file(PAGE, default_timeout=60)
    for key, value in ({"tab": "Compare"} | query).items():
        page.query_params[key] = value
    page.run()
    assert not page.exception
    return page


@pytest.fixture
def two(models, tmp_path, monkeypatch) -> Path:
    """`whole`, and `other`, which takes every melanoma for a nevus and the reverse."""
    shutil.copytree(models / "whole", tmp_path / "whole")
    other = shutil.copytree(models / "whole", tmp_path / "other")
    predictions = runs.Run(other).predictions
    predictions[["p_MEL", "p_NV"]] = predictions[["p_NV", "p_MEL"]].to_numpy()
    predictions.iloc[:-1].to_csv(other / "predictions.csv", index=False)
    runs.seal(other)
    monkeypatch.setattr(runs, "MODELS", tmp_path)
    return tmp_path


def test_two_runs_are_compared_on_the_photos_that_both_tested(two):
    told = words(compare(first="whole", second="other"))
    assert "Compared on 134 test photos" in told
    assert "1 that only whole tested, 0 that only other did" in told
    assert "higher for whole" in told
    assert "McNemar's exact test" in told


def test_a_run_beside_itself_asks_for_another(two):
    assert "Choose two different runs." in words(compare(first="whole", second="whole"))


def test_one_tested_run_is_too_few(shown):
    assert "needs two runs with test predictions" in words(compare())
