"""The one place that prints: results on stdout, what accompanies them on stderr.

Nothing is read as markup, and no `:name:` becomes an emoji: a file may be called `photos [old]`. Nor does a name move
the cursor, turn the line round or fail to print: what no terminal shows as a character is printed as `�`.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from melanoma.documents.file_names import is_seen
from melanoma.explain.availability import PACKAGES, check_tensorflow


class PlainConsole(Console):
    """A console that prints characters alone, whatever is in a sentence or in the cell of a table."""

    def render_str(self, text: str, **options: Any) -> Text:
        """As of Console, which prints each string by it."""
        return super().render_str(keep_seen(text), **options)


def keep_seen(text: str) -> str:
    """A text with `�` for what is no character that is seen."""
    return "".join(character if is_seen(character) or character == "\n" else "�" for character in text)


out = PlainConsole(markup=False, highlight=False, emoji=False)
err = PlainConsole(stderr=True, markup=False, highlight=False, emoji=False)


def show(result: str | Table) -> None:
    """Print a result: a sentence, or a table with a title."""
    out.print(result, soft_wrap=isinstance(result, str))


def say(sentence: str) -> None:
    """Print a sentence that is no result to stderr."""
    err.print(sentence, soft_wrap=True)


def refuse(reason: object) -> typer.Exit:
    """Say why something cannot be done, in one sentence on stderr; what to raise then: exit code 2."""
    say(str(reason))
    return typer.Exit(2)


@contextmanager
def refuse_errors(*errors: type[ValueError]) -> Iterator[None]:
    """Turn errors of these types, whose messages are for users, and files that cannot be used into `refuse`."""
    try:
        yield
    except errors as error:
        raise refuse(error) from None
    except OSError as error:
        raise refuse(describe_file_error(error)) from None
    except ModuleNotFoundError as error:
        if error.name not in PACKAGES:
            raise
        raise refuse(check_tensorflow() or f"{PACKAGES[error.name]} cannot be imported: {error}.") from None


def describe_file_error(error: OSError) -> str:
    """What was wrong with a file or folder, in one sentence."""
    if error.errno is None:
        return str(error)  # a sentence of ours
    why = os.strerror(error.errno)  # where a library wrote or read, its own words are of another kind
    return f"{error.filename or 'A file or folder'} cannot be used: {why}."


class ProgressBar:
    """A bar on stderr for one stage of long work after another; gone when all are done.

    Fits `melanoma.evaluation.progress.Progress`.
    """

    def __init__(self) -> None:
        columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn())
        self._bars = Progress(*columns, TimeRemainingColumn(), console=err, transient=True)
        self._stage: TaskID | None = None

    def __enter__(self) -> ProgressBar:
        return self

    def __exit__(self, *error: object) -> None:
        if self._stage is not None:
            self._bars.stop()

    def begin(self, stage: str, steps: int | None = None) -> None:
        """The next stage begins, in place of the last; it takes so many steps, or nobody knows how many."""
        self._bars.start()
        if self._stage is not None:
            self._bars.remove_task(self._stage)
        self._stage = self._bars.add_task(stage, total=steps)

    def advance(self, steps: int = 1) -> None:
        """So many steps more are done."""
        if self._stage is not None:
            self._bars.advance(self._stage, steps)

    def track(self, items: Iterable, total: int | None, stage: str) -> Iterator:
        """Pass the items on, one step each."""
        self.begin(stage, total)
        for item in items:
            yield item
            self.advance()


def make_table(title: str, *columns: str) -> Table:
    """A table with a title; the first column is words, the others are right-aligned."""
    table = Table(title=title, title_justify="left")
    for i, column in enumerate(columns):
        table.add_column(column, justify="right" if i else "left", overflow="fold")
    return table
