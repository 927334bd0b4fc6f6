"""The planned cores and waits follow from the figure that was measured."""

import numpy as np
import pytest
from command_line import call

from melanoma.bench.capacity import BY_HOUR, DAY, UPLOAD, least_cores, peak_cores, simulate_day, simulate_waits


def test_cores_are_work_over_time():
    assert least_cores(1_000_000, 0.0864) == 1
    assert least_cores(1_000_000, 0.0865) == 2
    busiest = 1_000_000 * BY_HOUR.max() / BY_HOUR.sum()
    assert peak_cores(1_000_000, 0.05) == pytest.approx(busiest * 0.05 / 3600 / 0.8, abs=1)
    assert least_cores(1, 0.01) == peak_cores(1, 0.01) == 1


def test_an_idle_server_takes_the_time_of_the_work_alone():
    day = simulate_day(np.random.default_rng(1), 20_000, 0.001, 64)
    assert day.mean() == pytest.approx(0.001, rel=0.03)
    assert len(day) == pytest.approx(20_000, rel=3 * np.sqrt(2 * UPLOAD / 20_000))


def test_too_few_cores_make_a_queue_and_more_shorten_it():
    few, enough = (simulate_waits(40_000, 1.0, cores, days=2) for cores in (1, 3))
    assert few.p95.value > 600
    assert enough.median.value < 10
    assert few.busy == pytest.approx(40_000 / DAY)
    assert few.p95.low <= few.p95.value <= few.p95.high


def test_the_command_prints_what_the_figure_means():
    result = call("plan", "--milliseconds", "36", "--price", "0.1")
    assert "Measured, as you state it: 36 ms" in result.stdout
    extrapolated = "Extrapolated from it: 100,000 photos an hour and core; 10.0 core-hours, 1.00 at 0.1 a core-hour"
    assert extrapolated in " ".join(result.stdout.split())
    assert "Simulated with it, on made-up days:" in result.stdout
    assert "programme" in result.stdout
