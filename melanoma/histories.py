"""Training logs as tables: which runs there are, how each metric went, what a run lacks."""

from __future__ import annotations

import datetime

import numpy as np
import pandas as pd

from melanoma.runs import Run

NOT_METRICS = ("epoch", "learning_rate", "seconds")
PREFERRED = ("accuracy", "loss", "balanced_accuracy", "melanoma_auc", "malignant_auc")


def history(run: Run) -> pd.DataFrame:
    """A run's log, one row an epoch; empty when there is none or it cannot be read."""
    try:
        log = run.history
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError):
        return pd.DataFrame({"epoch": []})
    return log if "epoch" in log else log.assign(epoch=np.arange(1, len(log) + 1))


def catalogue(runs: list[Run]) -> pd.DataFrame:
    """One row a run: what it is, its best validation figure, how long it took."""
    return pd.DataFrame([catalogue_row(run) for run in runs])


def catalogue_row(run: Run) -> dict:
    """A run's row of `catalogue`."""
    facts, log = run.facts, history(run)
    best = best_epoch(run)
    seconds = float(log["seconds"].sum()) if "seconds" in log else None
    return {
        "run": run.name,
        "state": facts.get("state", "unknown"),
        "architecture": facts.get("architecture", "unknown"),
        "protocol": facts.get("protocol", "unknown"),
        "best validation figure": f"{spoken(best['metric'])} {best['value']:.3f}" if best else "none yet",
        "best epoch": best["epoch"] if best else None,
        "epochs": len(log),
        "minutes": round(seconds / 60, 1) if seconds is not None else None,
        "input, px": facts.get("input", {}).get("size"),
        "photos": facts.get("data", {}).get("photos"),
        "network, MB": round(run.network_path.stat().st_size / 1e6, 1) if run.network_path else None,
        "date": str(facts.get("started", ""))[:10],
    }


def best_epoch(run: Run) -> dict | None:
    """{"metric", "value", "epoch"} of the epoch that a run keeps; None before the first one has ended."""
    log = history(run)
    metric = run.facts.get("arguments", {}).get("monitor", "val_accuracy")
    if metric not in log or log[metric].dropna().empty:
        return None
    row = log.loc[log[metric].idxmin() if "loss" in metric else log[metric].idxmax()]
    return {"metric": metric, "value": float(row[metric]), "epoch": int(row["epoch"])}


def metrics(runs: list[Run]) -> list[str]:
    """Names, without `val_`, of all metrics that the runs logged, the usual ones first."""
    found = {c.removeprefix("val_") for run in runs for c in history(run).columns} - set(NOT_METRICS)
    return [m for m in PREFERRED if m in found] + sorted(found - set(PREFERRED))


def curves(runs: list[Run], metric: str, smoothing: float = 0.0) -> pd.DataFrame:
    """Long table run, part (training or validation), epoch, value, smoothed."""
    parts = []
    for run in runs:
        log = history(run)
        for part, column in (("training", metric), ("validation", f"val_{metric}")):
            if column in log:
                values = pd.to_numeric(log[column], errors="coerce")
                parts.append(
                    pd.DataFrame(
                        {
                            "run": run.name,
                            "part": part,
                            "epoch": log["epoch"],
                            "value": values,
                            "smoothed": smooth(values.to_numpy(float), smoothing),
                        }
                    )
                )
    columns = ["run", "part", "epoch", "value", "smoothed"]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)


def smooth(values: np.ndarray, weight: float) -> np.ndarray:
    """Exponential moving average without the start's bias (as TensorBoard's). weight: 0 (raw) to below 1."""
    if not len(values):
        return values
    return pd.Series(values).ewm(alpha=1 - weight, adjust=True).mean().to_numpy()


def gaps(runs: list[Run], metric: str) -> pd.DataFrame:
    """Generalisation gap an epoch: how much worse validation is than training, >0 means worse."""
    table = curves(runs, metric)
    if table.empty:
        return pd.DataFrame(columns=["run", "epoch", "gap"])
    wide = table.pivot_table(index=["run", "epoch"], columns="part", values="value").reset_index()
    if not {"training", "validation"} <= set(wide.columns):
        return pd.DataFrame(columns=["run", "epoch", "gap"])
    sign = -1 if "loss" in metric else 1
    return wide.assign(gap=sign * (wide["training"] - wide["validation"]))[["run", "epoch", "gap"]].dropna()


def series(runs: list[Run], column: str) -> pd.DataFrame:
    """Long table run, epoch, value of a column that has no validation twin (learning rate, seconds)."""
    parts = [
        pd.DataFrame({"run": run.name, "epoch": log["epoch"], "value": log[column]})
        for run in runs
        if column in (log := history(run))
    ]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=["run", "epoch", "value"])


def last_epochs(runs: list[Run]) -> pd.DataFrame:
    """The last logged epoch of each run, a row a run."""
    return pd.DataFrame([{"run": run.name, **log.iloc[-1].to_dict()} for run in runs if len(log := history(run))])


def lacks(run: Run) -> list[str]:
    """What a run is without, each in one plain sentence; empty when it is complete."""
    sentences = []
    state = run.facts.get("state")
    if state == "training":
        epochs = run.facts.get("arguments", {}).get("epochs", "?")
        sentences.append(f"still training: {len(history(run))} of {epochs} epochs are done")
    elif state == "interrupted":
        epochs = run.facts.get("arguments", {}).get("epochs", "?")
        sentences.append(f"training was stopped after {len(history(run))} of {epochs} epochs; its best epoch is kept")
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
