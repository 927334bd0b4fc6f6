"""Training logs as tables: which runs there are, how each metric went, what a run lacks."""

from __future__ import annotations

import datetime

import numpy as np
import pandas as pd

from melanoma.run.folder import DEFAULT_RUN, Run
from melanoma.run.imported_logs import WITHOUT, ForeignLog

Logged = Run | ForeignLog  # what has curves

NOT_METRICS = ("epoch", "learning_rate", "seconds")
PREFERRED = ("accuracy", "loss", "balanced_accuracy", "melanoma_auc", "malignant_auc")


def history(run: Logged) -> pd.DataFrame:
    """A run's log, one row an epoch; empty when there is none or it cannot be read."""
    try:
        log = run.history
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError):
        return pd.DataFrame({"epoch": []})
    return log if "epoch" in log else log.assign(epoch=np.arange(1, len(log) + 1))


def catalogue(runs: list[Logged]) -> pd.DataFrame:
    """One row a run: what it is, its best validation figure, how long it took."""
    return pd.DataFrame([catalogue_row(run) for run in runs])


def shown_first(runs: list[Logged]) -> list[str]:
    """Names of the runs whose curves are shown before any is chosen: the default, and those that it is made of."""
    named = {run.name: run for run in runs}
    if DEFAULT_RUN not in named:
        return list(named)[:1]
    return [name for name in (DEFAULT_RUN, *made_of(named[DEFAULT_RUN].facts)) if name in named]


def made_of(facts: dict) -> list[str]:
    """Names of the runs that a run was made of without training; none for a run that was trained."""
    parts = [*facts.get("blend", ()), *(part["run"] for part in facts.get("joined", ()))]
    return [facts["erased"]["run"], *parts] if facts.get("erased") else parts


def catalogue_row(run: Logged) -> dict:
    """A run's row of `catalogue`."""
    facts, log = run.facts, history(run)
    best = best_epoch(run)
    seconds = float(log["seconds"].sum()) if "seconds" in log else None
    foreign = isinstance(run, ForeignLog)
    network = None if foreign else run.network_path
    return {
        "run": run.name,
        "best validation figure": f"{spoken(best['metric'])} {best['value']:.3f}" if best else "none yet",
        "best epoch": best["epoch"] if best else None,
        "epochs": int((log["epoch"] > 0).sum()),  # a blend is validated as epoch 0
        "minutes": round(seconds / 60, 1) if seconds is not None else None,
        "date": str(run.written or "") if foreign else str(facts.get("started", ""))[:10],
        "architecture": facts.get("architecture", "not known"),
        "data": data_words(facts),
        "network, MB": round(network.stat().st_size / 1e6, 1) if network else None,
        "state": facts.get("state", "not known"),
    }


def data_words(facts: dict) -> str:
    """What a run learned from: number of photos, how they were split, at which size."""
    photos, protocol = facts.get("data", {}).get("photos"), facts.get("protocol")
    size = facts.get("input", {}).get("size")
    parts = [f"{photos:,} photos" if photos else "", protocol or "", f"{size} px" if size else ""]
    return ", ".join(part for part in parts if part) or "not known"


def best_epoch(run: Logged) -> dict | None:
    """{"metric", "value", "epoch"} of the epoch that a run keeps; None before the first one has ended."""
    log = history(run)
    metric = run.facts.get("arguments", {}).get("monitor", "val_accuracy")
    if metric not in log or log[metric].dropna().empty:
        return None
    row = log.loc[log[metric].idxmin() if "loss" in metric else log[metric].idxmax()]
    return {"metric": metric, "value": float(row[metric]), "epoch": int(row["epoch"])}


def metrics(runs: list[Logged]) -> list[str]:
    """Names, without `val_`, of all metrics that the runs logged, the usual ones first."""
    found = {c.removeprefix("val_") for run in runs for c in history(run).columns} - set(NOT_METRICS)
    return [m for m in PREFERRED if m in found] + sorted(found - set(PREFERRED))


def curves(runs: list[Logged], metric: str, smoothing: float = 0.0) -> pd.DataFrame:
    """Long table run, part (training or validation), epoch, value, smoothed."""
    parts: dict[str, list] = {"run": [], "part": [], "epoch": [], "value": [], "smoothed": []}
    for run in runs:
        log = history(run)
        for part, column in (("training", metric), ("validation", f"val_{metric}")):
            if column in log:
                values = pd.to_numeric(log[column], errors="coerce").to_numpy(float)
                parts["run"].append(np.full(len(log), run.name, object))
                parts["part"].append(np.full(len(log), part, object))
                parts["epoch"].append(log["epoch"].to_numpy())
                parts["value"].append(values)
                parts["smoothed"].append(smooth(values, smoothing))
    # One table at the end: thirty runs in pieces take a third of a second.
    return pd.DataFrame({name: np.concatenate(pieces) if pieces else [] for name, pieces in parts.items()})


def smooth(values: np.ndarray, weight: float) -> np.ndarray:
    """Exponential moving average without the start's bias (as TensorBoard's). weight: 0 (raw) to below 1."""
    if not len(values) or not weight:
        return values
    return pd.Series(values).ewm(alpha=1 - weight, adjust=True).mean().to_numpy()


def gaps(runs: list[Logged], metric: str) -> pd.DataFrame:
    """Generalisation gap an epoch: how much worse validation is than training, >0 means worse."""
    table = curves(runs, metric)
    if table.empty:
        return pd.DataFrame(columns=["run", "epoch", "gap"])
    training, validation = (
        table.loc[table["part"] == p, ["run", "epoch", "value"]] for p in ("training", "validation")
    )
    both = training.merge(validation, on=["run", "epoch"], suffixes=("_training", "_validation"))
    sign = -1 if "loss" in metric else 1
    return both.assign(gap=sign * (both["value_training"] - both["value_validation"]))[["run", "epoch", "gap"]].dropna()


def series(runs: list[Logged], column: str) -> pd.DataFrame:
    """Long table run, epoch, value of a column that has no validation twin (learning rate, seconds)."""
    logs = [(run.name, log) for run in runs if column in (log := history(run))]
    if not logs:
        return pd.DataFrame(columns=["run", "epoch", "value"])
    return pd.DataFrame(
        {
            "run": np.concatenate([np.full(len(log), name, object) for name, log in logs]),
            "epoch": np.concatenate([log["epoch"].to_numpy() for _, log in logs]),
            "value": np.concatenate([pd.to_numeric(log[column], errors="coerce").to_numpy(float) for _, log in logs]),
        }
    )


def last_epochs(runs: list[Logged]) -> pd.DataFrame:
    """The last logged epoch of each run, a row a run."""
    return pd.DataFrame([{"run": run.name, **log.iloc[-1].to_dict()} for run in runs if len(log := history(run))])


def lacks(run: Logged) -> list[str]:
    """What a run is without, each in one plain sentence; empty when it is complete."""
    if isinstance(run, ForeignLog):
        return [WITHOUT, f"read from {run.origin}", *run.notes]
    sentences = []
    state = run.facts.get("state")
    if state == "training":
        epochs = run.facts.get("arguments", {}).get("epochs", "?")
        sentences.append(f"still training: {len(history(run))} of {epochs} epochs are done")
    elif state == "interrupted":
        epochs = run.facts.get("arguments", {}).get("epochs", "?")
        sentences.append(f"training was stopped after {len(history(run))} of {epochs} epochs; its best epoch is kept")
    if parents := run.facts.get("blend"):
        sentences.append(f"not trained itself: its weights are the mean of those of {' and '.join(parents)}")
    if erased := run.facts.get("erased"):
        changed = "changed so that its answer tells less of which archive a photo is from"
        sentences.append(f"not trained itself: it is {erased['run']}, {changed}")
    elif parts := run.facts.get("joined"):
        each = " and ".join(f"{part['run']} (at {part['size']} px)" for part in parts)
        sentences.append(f"not trained itself: its network is {each} side by side, of which it gives the mean answer")
    if teachers := run.facts.get("teachers"):
        share = run.facts["arguments"]["taught"]
        sentences.append(f"taught by {' and '.join(teachers)}: their answers are {100 * share:.0f} % of each label")
    if not len(history(run)):
        sentences.append("no epoch has been logged yet")
    if state != "training" and run.network_path is None:
        sentences.append("it keeps figures only, no network, so it cannot be asked")
    if state != "training" and run.predictions is None and run.network_path:
        sentences.append("no test predictions yet; `evaluate` makes them")
    if state != "training" and run.predictions is not None and run.evaluation is None:
        sentences.append("its test figures have not been made yet; `evaluate` makes them")
    return sentences


def spoken(metric: str) -> str:
    """A metric's column name in words: val_balanced_accuracy -> balanced accuracy."""
    return metric.removeprefix("val_").replace("_auc", " AUC").replace("_", " ")


def how_long_ago(run: Run, now: datetime.datetime) -> str | None:
    """Since when a run that is training has written nothing, in words; None before its first epoch."""
    path = run.folder / "history.csv"
    if not path.exists():
        return None
    minutes = (now.timestamp() - path.stat().st_mtime) / 60
    return f"{minutes:.0f} min ago" if minutes < 120 else f"{minutes / 60:.0f} h ago"


def tale(leaky: Run, honest: Run) -> str:
    """The cautionary tale in words, from what the two runs logged and measured."""
    claimed, kept = history(leaky)["val_accuracy"].max(), history(honest)["val_accuracy"].max()
    share = leaky.facts.get("leaked_share")
    measured = f" Of its validation rows, {share:.0%} were copies of a photo that was also trained on." if share else ""
    figure = (honest.evaluation or {}).get("figures", {}).get("accuracy")
    test = f", and {figure['value']:.0%} ({figure['low']:.0%} to {figure['high']:.0%}) on test photos" if figure else ""
    return (
        f"The same small network reaches **{claimed:.0%}** validation accuracy under one protocol and "
        f"**{kept:.0%}** under the other{test}. The first one makes hundreds of augmented copies of each class's "
        f"photos, pools them with the originals and only then draws a random 20 % for validation.{measured} "
        "It measures memory. The second one keeps all photos of a lesion on one side of the split, before anything is "
        "augmented: it measures what the network knows about lesions that it has not seen."
    )
