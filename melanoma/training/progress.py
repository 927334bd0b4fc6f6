"""What a training shows in the terminal: a progress bar, and a line an epoch."""

from __future__ import annotations

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

COLUMNS = ("epoch", "loss", "accuracy", "val_loss", "val_accuracy", "val_balanced_accuracy", "val_melanoma_auc")


def make_progress_bar(console: Console) -> Progress:
    """The project's progress bar: what, how far, how long still."""
    return Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=console
    )


def print_epoch(row: dict, console: Console) -> None:
    """Print a history row."""
    console.print("  ".join(f"{name} {row[name]:.4g}" for name in COLUMNS if name in row))
