"""`plan`: how many cores many photos need."""

from __future__ import annotations

from typing import Annotated

import typer

from melanoma.commands.console import make_table, show
from melanoma.estimates import percent


def plan(
    milliseconds: Annotated[
        float,
        typer.Option("--milliseconds", min=0.1, help="Processor time of a photo in `score`; `bench` measures it."),
    ],
    price: Annotated[float, typer.Option("--price", min=0, help="Of a core for an hour, in any currency.")] = 0.04,
    seed: Annotated[int, typer.Option("--seed", help="Of the simulated days.")] = 0,
) -> None:
    """Cores, waits and cost for a clinic, a hospital and a programme, by arithmetic and a simulated queue."""
    from melanoma.bench.capacity import DAYS, SITES, least_cores, peak_cores, simulate_waits

    seconds = milliseconds / 1e3
    rate = 3600 / seconds
    show(f"Measured, as you state it: {milliseconds:g} ms of a core for a photo.")
    show(f"Extrapolated from it: {rate:,.0f} photos an hour and core; {1e6 / rate:.1f} core-hours, "
         f"{1e6 / rate * price:.2f} at {price:g} a core-hour, for a million.")  # fmt: skip
    show("Simulated with it, on made-up days:")
    table = make_table("", "site", "photos a day", "cores", "busy", "median wait, s", "95th percentile, s")
    for site in SITES:
        for cores in dict.fromkeys((least_cores(site.a_day, seconds), peak_cores(site.a_day, seconds))):
            days = DAYS if site.a_day < 100_000 else 3  # a million photos vary little from day to day
            waits = simulate_waits(site.a_day, seconds, cores, days=days, seed=seed)
            figures = (one.text(3 if one.value < 10 else 0) for one in (waits.median, waits.p95))
            table.add_row(site.name, f"{site.a_day:,}", str(cores), percent(waits.busy), *figures)
    show(table)
    show(f"Waits: mean of {DAYS} simulated days (3 of the programme), in brackets where 95 % of them lie.")
