"""Rows of a log as epochs: row_numbers from 1, one row each, with the seconds that each took."""

from __future__ import annotations

import numpy as np
import pandas as pd

from melanoma.run.imported_logs.names import says_since_start

CLOCK_TIME = 1e8  # seconds since 1970, three years of them: no training's length
GROWTH = 1.5  # a column of times that never falls and grows by more counts from the start


def merge_epochs(
    table: pd.DataFrame,
    epoch: pd.Series | None,
    step: pd.Series | None,
    progress: bool,
    in_order: bool,
    notes: list[str],
) -> pd.DataFrame:
    """One row an epoch, with its number in `epoch`: the mean of training values, the last of all others.

    progress: epochs are how many have passed. in_order: the rows stand as they were written.
    """
    row_numbers = pd.Series(np.arange(1.0, len(table) + 1))
    if epoch is None:
        epoch = row_numbers if step is None else step
    elif (epoch.dropna() % 1 != 0).any():
        progress = True
    keep = epoch.notna()
    table, epoch, row_numbers = table[keep], epoch[keep], row_numbers[keep]
    if in_order and (epoch.diff() < 0).any():
        notes.append("its epochs start over, so they are numbered through")
        epoch = _numbered_through(epoch)
    elif progress:
        epoch = _whole_epochs(epoch, step[keep] if step is not None else row_numbers, notes)
    elif epoch.min() == 0 or (epoch.min() == -1 and (epoch == 0).any()):  # Keras counts from 0, a first check is -1
        epoch = epoch - epoch.min() + 1
    training = [
        name for name in table if not name.startswith(("val_", "test_")) and name not in ("seconds", "learning_rate")
    ]
    groups = table.groupby(epoch.rename("epoch"), sort=True)
    if training and (groups[training].count() > 1).any(axis=None):
        notes.append("training values are the mean of an epoch's rows")
    history = groups.agg({name: "mean" if name in training else "last" for name in table}).reset_index()
    if (history["epoch"] % 1 == 0).all() and history["epoch"].abs().max() < 2**53:
        history["epoch"] = history["epoch"].astype(int)
    if not progress and len(history) > 1 and history["epoch"].diff().median() > 1:
        notes.append("its rows lie several steps apart, so its axis may count steps, not epochs")
    return history


def seconds_by_epoch(history: pd.DataFrame, label: str, notes: list[str]) -> pd.Series:
    """Seconds of each epoch, whether the column called `label` holds them or counts from the start of training."""
    times = history["seconds"]
    known = times.dropna()
    if known.empty:
        return times
    if known.max() > CLOCK_TIME:
        notes.append(f"its column {label} holds times of day, which are left out")
        return times * np.nan
    starts = known.diff() < 0  # a training that was taken up again counts from 0 again
    grows = known.max() >= GROWTH * known.iloc[0] and len(known) >= 2 + 3 * starts.sum()
    since_start = says_since_start(label)
    if since_start is False or len(known) < 2 or not (grows or (since_start and not starts.any())):
        return times
    notes.append(f"its column {label} counts from the start, so an epoch's seconds are the differences")
    differences = known.diff().where(~starts, known)
    differences.iloc[0] = known.iloc[0] if history["epoch"].iloc[0] <= 1 else np.nan
    return differences.reindex(times.index)


def _numbered_through(epoch: pd.Series) -> pd.Series:
    """1, 2, 3 ... for each change of the number."""
    return (epoch.diff() != 0).cumsum().astype(float)


def _whole_epochs(epoch: pd.Series, step: pd.Series, notes: list[str]) -> pd.Series:
    """The epoch that each row ends or lies in; steps, where the training did not reach a second epoch."""
    whole = np.ceil(epoch - 1e-6).clip(lower=0)
    if whole.max() > 1 or (epoch % 1 == 0).all():
        return whole
    notes.append("it is shorter than an epoch, so its axis counts steps, not epochs")
    return step.where(step.notna(), np.arange(1.0, len(step) + 1))
