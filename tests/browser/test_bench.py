"""The clicks that the bench times are clicks on the page as it is now."""

import pytest
from visiting import serve_app

from melanoma.bench.page import time_clicks, write_runs

pytestmark = pytest.mark.browser


def test_each_click_that_is_timed_is_drawn(desktop, tmp_path):
    write_runs(tmp_path, count=3, epochs=20)
    with serve_app(tmp_path) as address:
        seconds = time_clicks(desktop, address, repeats=1, points=2 * 3 * 20)
    assert set(seconds) == {"all runs", "smoothing", "log axis", "metric"}
    assert all(seconds.values())
