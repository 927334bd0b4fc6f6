"""How the shipped runs came about, as the table of models/README.md."""

from __future__ import annotations

from collections.abc import Iterable

from melanoma.estimates import Estimate
from melanoma.run import Run, RunFacts

COLUMNS = ("run", "network", "made by", "melanoma AUC, test", "balanced accuracy, test")


def write_lineage(runs: Iterable[Run]) -> str:
    """A Markdown table, a row a run, in the order in which they were started."""
    ordered = sorted(runs, key=lambda run: run.facts.started)
    rows = [COLUMNS, ("---",) * len(COLUMNS), *(lineage_row(run) for run in ordered)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def lineage_row(run: Run) -> tuple[str, ...]:
    """A run's cells."""
    headline = run.evaluation.headline if run.evaluation else None
    return (
        f"`{run.name}`",
        f"{run.facts.architecture}, {run.input_size} px",
        f"`{making_command(run.facts)}`",
        _cell(headline.melanoma_auc if headline else None),
        _cell(headline.balanced_accuracy_9 if headline else None),
    )


def making_command(facts: RunFacts) -> str:
    """The arguments after `python -m melanoma` that make a run of this name again from its ingredients.

    `--like` reads a trained run's settings, starting runs and teachers from its run.json.
    """
    if facts.concept_erasure:
        return f"erase DATA --name {facts.name} --of {facts.concept_erasure.run}"
    if facts.ensemble:
        members = " ".join(f"--of {member.run}@{member.input_size}" for member in facts.ensemble)
        return f"ensemble DATA --name {facts.name} {members}"
    if facts.averaged:
        members = " ".join(f"--of {run}" for run in facts.averaged)
        return f"average DATA --name {facts.name} {members} --input-size {facts.input.size}"
    return f"train DATA --name {facts.name} --like models/{facts.name}"


def _cell(estimate: Estimate | None) -> str:
    return estimate.text() if estimate else "–"
