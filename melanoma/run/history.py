"""Training logs as tables: which runs there are, and how each metric went."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from melanoma.run.facts import BestEpoch, RunFacts
from melanoma.run.folder import DEFAULT_RUN, HISTORY, Run
from melanoma.run.imported_logs import ImportedLog

Log = Run | ImportedLog  # what has curves

NOT_METRICS = ("epoch", "learning_rate", "seconds")
USUAL_METRICS = ("accuracy", "loss", "balanced_accuracy", "melanoma_auc", "malignant_auc")


def read_history(log: Log) -> pd.DataFrame:
    """One row an epoch; empty when there is none or it cannot be read."""
    try:
        history = log.history
    except ValueError:  # of pandas, whose own are of this kind
        return pd.DataFrame({"epoch": []})
    if "epoch" not in history:
        return history.assign(epoch=np.arange(1, len(history) + 1))
    return history.dropna(subset="epoch") if history["epoch"].isna().any() else history


def tabulate_runs(logs: Iterable[Log]) -> pd.DataFrame:
    """A row a run: what it is, its best validation result, how long it took."""
    return pd.DataFrame([tabulate_run(log) for log in logs])


def tabulate_run(log: Log) -> dict[str, object]:
    """A run's row of `tabulate_runs`."""
    history = read_history(log)
    best = find_best_epoch(history, log.monitor)
    facts = log.facts if isinstance(log, Run) else None
    network = log.network_path if isinstance(log, Run) else None
    seconds = float(history["seconds"].sum()) if "seconds" in history else None
    return {
        "run": log.name,
        "best validation result": f"{metric_name(best.metric)} {best.value:.3f}" if best else "none yet",
        # A run made of others has none, and is validated as epoch 0.
        "best epoch": best.epoch if best and best.epoch else None,
        "epochs": int((history["epoch"] > 0).sum()) or None,
        "minutes": round(seconds / 60, 1) if seconds is not None else None,
        "date": facts.started[:10] if facts else str(getattr(log, "written", None) or ""),
        "architecture": facts.architecture if facts else "not known",
        "data": describe_data(facts) if facts else "not known",
        "network, MB": round(network.stat().st_size / 1e6, 1) if network else None,
        "state": log.state,
    }


def describe_data(facts: RunFacts) -> str:
    """What a run learned from: number of photos, how they were split, at which size."""
    return f"{facts.data.photos:,} photos, {facts.protocol}, {facts.input.size} px"


def first_choice(logs: Sequence[Log]) -> list[str]:
    """Names of the runs whose curves are drawn before anyone chooses: the default, and those that it is made of."""
    named = {log.name: log for log in logs}
    default = named.get(DEFAULT_RUN)
    if not isinstance(default, Run):
        return list(named)[:1]
    return [name for name in (DEFAULT_RUN, *ingredients(default.facts)) if name in named]


def ingredients(facts: RunFacts) -> list[str]:
    """Names of the runs that a run was made of without training; none for a run that was trained."""
    members = [*facts.averaged, *(member.run for member in facts.ensemble)]
    return [facts.concept_erasure.run, *members] if facts.concept_erasure else members


@dataclass(frozen=True)
class Ancestor:
    """A run that another goes back to. generation: 0 for that other itself; role: what it gave, in words."""

    name: str
    generation: int
    role: str


def trace_lineage(runs: Mapping[str, RunFacts], name: str) -> list[Ancestor]:
    """The run and those that it goes back to, each followed by its own ancestors; known ones, and each once."""
    found: dict[str, Ancestor] = {}

    def follow(run: str, generation: int, role: str) -> None:
        if run in found:
            return
        found[run] = Ancestor(run, generation, role)
        if (facts := runs.get(run)) is not None:
            for parents, gave in ((facts.started_from, "weights"), (facts.teachers, "answers")):
                for parent in parents:
                    follow(parent, generation + 1, gave)
            for parent in ingredients(facts):
                follow(parent, generation + 1, "a part")

    follow(name, 0, "")
    return list(found.values())


def find_best_epoch(history: pd.DataFrame, metric: str) -> BestEpoch | None:
    """The epoch that a run keeps: the lowest `metric` where that is a loss, else the highest; None without one."""
    if metric not in history or history[metric].isna().all():
        return None
    row = history.loc[history[metric].idxmin() if is_loss(metric) else history[metric].idxmax()]
    return BestEpoch(int(row["epoch"]), metric, float(row[metric]))


def is_loss(metric: str) -> bool:
    """Whether less of a history column is better."""
    return "loss" in metric


def list_metrics(logs: Iterable[Log]) -> list[str]:
    """Names, without `val_`, of all metrics in the logs, the usual ones first."""
    names = {column.removeprefix("val_") for log in logs for column in read_history(log).columns} - set(NOT_METRICS)
    return [name for name in USUAL_METRICS if name in names] + sorted(names - set(USUAL_METRICS))


def tabulate_curves(logs: Iterable[Log], metric: str, smoothing: float = 0.0) -> pd.DataFrame:
    """Long table run, part (training or validation), epoch, value, smoothed."""
    parts: dict[str, list[np.ndarray]] = {"run": [], "part": [], "epoch": [], "value": [], "smoothed": []}
    for log in logs:
        history = read_history(log)
        for part, column in (("training", metric), ("validation", f"val_{metric}")):
            if column in history:
                values = pd.to_numeric(history[column], errors="coerce").to_numpy(float)
                parts["run"].append(np.full(len(history), log.name, object))
                parts["part"].append(np.full(len(history), part, object))
                parts["epoch"].append(history["epoch"].to_numpy())
                parts["value"].append(values)
                parts["smoothed"].append(smooth(values, smoothing))
    # One table at the end: thirty runs in pieces take a third of a second.
    return pd.DataFrame({name: np.concatenate(pieces) if pieces else [] for name, pieces in parts.items()})


def smooth(values: np.ndarray, weight: float) -> np.ndarray:
    """Exponential moving average without the start's bias (as TensorBoard's). weight: 0 (raw) to below 1."""
    if not len(values) or not weight:
        return values
    return pd.Series(values).ewm(alpha=1 - weight, adjust=True).mean().to_numpy()


def tabulate_gaps(logs: Iterable[Log], metric: str) -> pd.DataFrame:
    """Generalisation gap an epoch: how much worse validation is than training; above 0 means worse."""
    table = tabulate_curves(logs, metric)
    if table.empty:
        return pd.DataFrame(columns=["run", "epoch", "gap"])
    training, validation = (
        table.loc[table["part"] == part, ["run", "epoch", "value"]] for part in ("training", "validation")
    )
    both = training.merge(validation, on=["run", "epoch"], suffixes=("_training", "_validation"))
    sign = -1 if is_loss(metric) else 1
    return both.assign(gap=sign * (both["value_training"] - both["value_validation"]))[["run", "epoch", "gap"]].dropna()


def tabulate_column(logs: Iterable[Log], column: str) -> pd.DataFrame:
    """Long table run, epoch, value of a column that has no validation twin (learning rate, seconds)."""
    having = [(log.name, history) for log in logs if column in (history := read_history(log))]
    if not having:
        return pd.DataFrame(columns=["run", "epoch", "value"])
    return pd.DataFrame(
        {
            "run": np.concatenate([np.full(len(history), name, object) for name, history in having]),
            "epoch": np.concatenate([history["epoch"].to_numpy() for _, history in having]),
            "value": np.concatenate(
                [pd.to_numeric(history[column], errors="coerce").to_numpy(float) for _, history in having]
            ),
        }
    )


def tabulate_last_epochs(logs: Iterable[Log]) -> pd.DataFrame:
    """The last epoch of each log, a row a run."""
    return pd.DataFrame(
        [{"run": log.name, **history.iloc[-1].to_dict()} for log in logs if len(history := read_history(log))]
    )


def metric_name(metric: str) -> str:
    """A metric's column name on screen: val_balanced_accuracy -> balanced accuracy."""
    return metric.removeprefix("val_").replace("_auc", " AUC").replace("_", " ")


def time_since_last_row(run: Run, now: datetime.datetime) -> str | None:
    """Since when a run that is training has written nothing, in words; None before its first epoch."""
    path = run.folder / HISTORY
    if not path.exists():
        return None
    minutes = (now.timestamp() - path.stat().st_mtime) / 60
    return f"{minutes:.0f} min ago" if minutes < 120 else f"{minutes / 60:.0f} h ago"
