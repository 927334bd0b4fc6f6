"""`audit`: what is in a folder of labelled photos, and what is wrong with it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from melanoma.commands.arguments import Data
from melanoma.commands.console import ProgressBar, make_table, refuse_errors, show

if TYPE_CHECKING:
    from melanoma.audit.audit import Audit


def audit(
    data: Data,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FOLDER", help="Folder to save audit.json and audit.csv in; made if absent."),
    ] = None,
) -> None:
    """Find copies, contradictory labels, leakage and one-source diagnoses in a folder of labelled photos.

    DATA may also be any folder of <diagnosis>/*.jpg.
    """
    from melanoma.audit.audit import AuditError, audit, save

    with refuse_errors(AuditError):
        with ProgressBar() as progress:
            result = audit(data, lambda photos, total: progress.track(photos, total, "reading photos"))
        if out:
            save(result, out)
    print_audit(result)
    if out:
        show(f"Saved {out / 'audit.json'} and {out / 'audit.csv'}.")


def print_audit(result: Audit) -> None:
    """The findings, each in words; then the photos by diagnosis and source."""
    import pandas as pd

    table = make_table(f"{result.folder}: {result.photos} photos", "finding", "count")
    table.show_lines = True
    for finding in result.findings:
        whole = f" / {finding.out_of}" if finding.out_of is not None else ""
        table.add_row(f"{finding.title}\n{finding.text}", f"{finding.count}{whole}")
    show(table)
    counts = pd.DataFrame(list(result.counts)).pivot_table(
        index="diagnosis", columns="source", values="photos", aggfunc="sum"
    )
    table = make_table("Photos with a settled label", "diagnosis", *map(str, counts.columns))
    for diagnosis, numbers in counts.fillna(0).astype(int).iterrows():
        table.add_row(str(diagnosis), *map(str, numbers))
    show(table)
