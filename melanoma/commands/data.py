"""Commands about data: what is in a folder of labelled photos, and what is wrong with it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table


def audit(
    data: Annotated[Path, typer.Argument(help="Folder of the public downloads, or of <diagnosis>/*.jpg.")],
    out: Annotated[Path | None, typer.Option(help="Folder to save audit.json and audit.csv in.")] = None,
) -> None:
    """Find copies, contradictory labels, leakage and one-source diagnoses in a folder of labelled photos."""
    from rich.progress import track

    from melanoma.audit import audit as auditing

    console = Console()
    try:
        found = auditing.audit(
            data, lambda items, total: track(items, "reading photos", total=total, console=console, transient=True)
        )
        if out:
            auditing.save(found, out)
    except (auditing.AuditError, OSError) as error:
        Console(stderr=True).print(str(error), style="bold", soft_wrap=True)
        raise typer.Exit(2) from error
    show(found, console)
    if out:
        console.print(f"Saved {out / 'audit.json'} and {out / 'audit.csv'}.", soft_wrap=True)


def show(found, console: Console) -> None:
    """Print an `Audit`: its findings, each in words, then the photos by diagnosis and source."""
    import pandas as pd

    table = Table(title=f"{found.folder}: {found.photos} photos", title_justify="left", show_lines=True)
    table.add_column("count", justify="right")
    table.add_column("finding")
    for finding in found.findings:
        whole = f" / {finding.out_of}" if finding.out_of is not None else ""
        table.add_row(f"{finding.count}{whole}", f"[bold]{finding.title}[/bold]\n{finding.text}")
    console.print(table)
    counts = pd.DataFrame(found.counts).pivot_table(index="diagnosis", columns="source", values="photos", aggfunc="sum")
    by_source = Table(title="Photos with a settled label", title_justify="left")
    by_source.add_column("diagnosis")
    for source in counts.columns:
        by_source.add_column(str(source), justify="right")
    for diagnosis, numbers in counts.fillna(0).astype(int).iterrows():
        by_source.add_row(str(diagnosis), *(str(n) for n in numbers))
    console.print(by_source)
