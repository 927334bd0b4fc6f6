"""`casebook`: export, import, copy, check and compact the casebook, where one is on, and its audit log as CSV."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from melanoma.commands.arguments import check_target
from melanoma.commands.console import make_table, refuse, refuse_errors, say, show

if TYPE_CHECKING:
    from melanoma.casebook import Casebook

Target = Annotated[Path, typer.Argument(metavar="FILE", callback=check_target, help="The file to write.")]
Source = Annotated[Path, typer.Argument(metavar="ZIP", help="What `casebook export` wrote.")]
Place = Annotated[
    str | None,
    typer.Option(
        "--at", metavar="PLACE", help="A folder, or the URL of a database.", show_default="where the setting says"
    ),
]

casebook = typer.Typer(no_args_is_help=True, help="Export, import, copy, check and compact the casebook.")


def find_place(place: str | None) -> str:
    """The place that is named, or that the setting names; refused where the casebook is off."""
    from melanoma.casebook import SETTING, read_setting

    place = place or read_setting()
    if place is None:
        raise refuse(f"The casebook is off. Name its folder or its database in {SETTING}, or by --at.")
    return place


@contextmanager
def open_place(place: str | None) -> Iterator[Casebook]:
    """The casebook of a place, or of the setting; closed afterwards. What goes wrong is said in one sentence."""
    from melanoma.casebook import CasebookError, open_casebook

    with refuse_errors(CasebookError):
        book = open_casebook(find_place(place))
        try:
            yield book
        finally:
            book.close()


@casebook.command()
def export(out: Target, at: Place = None) -> None:
    """Write all of it to a ZIP: JSON and CSV tables, photos and reports. Others may go on meanwhile."""
    with open_place(at) as book:
        manifest = book.export(out)
    table = make_table(str(out), "table", "records")
    for name, count in manifest.records.items():
        table.add_row(name, f"{count:,}")
    table.add_row("photos and reports", f"{manifest.contents:,}")
    show(table)


@casebook.command("import")
def take(source: Source, at: Place = None) -> None:
    """Read an export into an empty casebook, which then equals the one that it was made of."""
    with open_place(at) as book:
        manifest = book.take(source)
        show(f"{book.name}: {sum(manifest.records.values()):,} records, {manifest.contents:,} photos and reports.")


@casebook.command()
def copy(out: Target, at: Place = None) -> None:
    """Write a copy of its database to a file. Others may go on meanwhile."""
    with open_place(at) as book:
        book.copy(out)
    show(f"{out}: {out.stat().st_size:,} bytes.")


@casebook.command()
def check(at: Place = None) -> None:
    """Read every photo and report, and say what is damaged; exit code 1 then."""
    with open_place(at) as book:
        problems = book.check()
        counts = book.count()
    for problem in problems:
        show(problem)
    if problems:
        raise typer.Exit(1)
    show(f"All is well: {counts['lesions']:,} lesions, {counts['contents']:,} photos and reports.")


@casebook.command()
def compact(at: Place = None) -> None:
    """Write its files anew, so that nothing that was deleted stays in their unused parts. Others wait meanwhile."""
    with open_place(at) as book:
        say(f"Writing {book.name} anew ...")
        book.compact()
        show(f"{book.name} holds nothing that was deleted. Copies and exports made before still may.")


@casebook.command()
def audit_log(out: Target, at: Place = None) -> None:
    """Write the audit log as CSV, after a check that no line was changed or taken out."""
    from melanoma.casebook import CasebookError
    from melanoma.casebook.audit_log import find_log

    with refuse_errors(CasebookError):
        log = find_log(find_place(at))
        with out.open("x", newline="") as file:
            count = log.export(file)
    show(f"{out}: {count:,} lines, none changed or taken out.")
