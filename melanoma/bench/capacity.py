"""How many cores a clinic, a hospital or a programme needs: arithmetic from one measured figure, and a queue simulated.

The figure is the processor time of a photo in `score`. All else follows from it and from the assumptions named here.
"""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass

import numpy as np

from melanoma.estimates import Estimate

DAY, HOUR = 86_400.0, 3_600.0  # seconds
# Share of a day's photos by hour, of a made-up programme: practices from 8 to 18, busiest before noon; little at night.
BY_HOUR = np.array([0.2] * 6 + [1, 3, 9, 13, 14, 12, 6, 7, 10, 9, 6, 4, 2, 1, 1, 0.4, 0.4, 0.2])
UPLOAD = 4.0  # photos that come at once, on average: geometric
SPREAD = 0.5  # standard deviation of the logarithm of a photo's time: large files take several times as long
DAYS = 20  # simulated, each by itself


@dataclass(frozen=True)
class Site:
    """Somebody who has photos answered; a_day: photos of a working day."""

    name: str
    a_day: int


SITES = (Site("clinic", 40), Site("hospital", 2_000), Site("programme", 1_000_000))


@dataclass(frozen=True)
class Waits:
    """Seconds from a photo's coming to its answer over DAYS simulated days; intervals: of the days, 2.5 to 97.5 %."""

    cores: int
    median: Estimate
    p95: Estimate
    busy: float  # share of the cores' time over the whole day


def least_cores(a_day: int, seconds: float) -> int:
    """Cores that do a day's photos within a day, however they come."""
    return max(1, math.ceil(a_day * seconds / DAY))


def peak_cores(a_day: int, seconds: float) -> int:
    """Cores that keep pace in the busiest hour, with a fifth to spare: fuller, a queue grows long by chance alone."""
    share = float(BY_HOUR.max() / BY_HOUR.sum())
    return max(1, math.ceil(a_day * share * seconds / HOUR / 0.8))


def simulate_waits(a_day: int, seconds: float, cores: int, *, days: int = DAYS, seed: int = 0) -> Waits:
    """First come, first served, by `cores` that each take one photo at a time.

    Uploads come as a Poisson process whose rate goes by BY_HOUR; their photos all come at once. A photo takes a
    lognormal time of mean `seconds`.
    """
    random = np.random.default_rng(seed)
    quantiles = []
    for _ in range(days):
        waits = simulate_day(random, a_day, seconds, cores)
        quantiles.append(np.quantile(waits, [0.5, 0.95]) if len(waits) else np.zeros(2))
    median, p95 = (summarise(column) for column in np.array(quantiles).T)
    return Waits(cores, median, p95, a_day * seconds / DAY / cores)


def simulate_day(random: np.random.Generator, a_day: int, seconds: float, cores: int) -> np.ndarray:
    """(n,) seconds from coming to answer of each photo of a day."""
    uploads = random.poisson(a_day / UPLOAD)
    hours = random.choice(24, uploads, p=BY_HOUR / BY_HOUR.sum())
    came = np.sort((hours + random.random(uploads)) * HOUR)
    came = np.repeat(came, random.geometric(1 / UPLOAD, uploads))
    takes = random.lognormal(math.log(seconds) - SPREAD**2 / 2, SPREAD, len(came))
    free = [0.0] * cores  # when each core has done what it has
    done = np.empty(len(came))
    for number, (time, work) in enumerate(zip(came.tolist(), takes.tolist(), strict=True)):
        end = max(time, free[0]) + work
        heapq.heapreplace(free, end)
        done[number] = end
    return done - came


def summarise(values: np.ndarray) -> Estimate:
    """Mean over the days, and where 95 % of them lie."""
    low, high = np.quantile(values, [0.025, 0.975])
    return Estimate(float(values.mean()), float(low), float(high))
