"""The same photos give the same rows by `score`, after a kill, and by the API; by Ray: test_score.py."""

import sys

import pytest
from same_rows import list_differences, score_by_api, score_here, score_killed

from melanoma.photo import example_bytes

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc"),
]


def test_the_same_photos_give_the_same_rows(tmp_path):
    pytest.importorskip("fastapi")
    (photos := tmp_path / "photos").mkdir()
    for seed in range(24):
        (photos / f"{seed}.png").write_bytes(example_bytes(seed=seed) if seed else b"no photo")
    here = score_here(photos, tmp_path / "here.parquet")
    assert [row["status"] for row in here.values()].count("ok") == 23
    assert list_differences(here, score_killed(photos, tmp_path / "killed.csv", 1)) == []
    assert list_differences(here, score_by_api(photos, tmp_path)) == []
