"""`backup-casebook`, `check-casebook`, `export-audit-log`: what whoever runs the server does with the casebook."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from melanoma.commands.console import refuse, refuse_errors, show

if TYPE_CHECKING:
    from melanoma.casebook import Casebook

FileArgument = Annotated[Path, typer.Argument(help="A new file.", metavar="FILE")]


def open_place() -> Casebook:
    """The casebook that the setting names."""
    from melanoma.casebook import SETTING, open_casebook, read_setting

    if (place := read_setting()) is None:
        raise refuse(f"The casebook is off. Set {SETTING} to its folder or database.")
    return open_casebook(place)


def backup_casebook(file: FileArgument) -> None:
    """Copy the whole casebook to a file, while others go on."""
    from melanoma.casebook import CasebookError

    with refuse_errors(CasebookError):
        book = open_place()
        book.copy(file)
        book.close()
    show(f"{file} holds the casebook as it is now.")


def check_casebook() -> None:
    """Read every stored photo and report, and say what is wrong; exit code 1 where something is."""
    from melanoma.casebook import CasebookError

    with refuse_errors(CasebookError):
        book = open_place()
        problems = book.check()
        counts = book.count()
        book.close()
    for problem in problems:
        show(problem)
    if problems:
        raise typer.Exit(1)
    show(f"All is well: {counts['patients']} patients, {counts['lesions']} lesions, {counts['photos']} photos.")


def export_audit_log(out: FileArgument) -> None:
    """Write the audit log as CSV, after a check that no line was changed or taken out."""
    from melanoma.casebook import SETTING, CasebookError, read_setting
    from melanoma.casebook.audit_log import find_log

    with refuse_errors(CasebookError):
        if (place := read_setting()) is None:
            raise refuse(f"The casebook is off. Set {SETTING} to its folder or database.")
        with out.open("x", newline="") as file:
            count = find_log(place).export(file)
    show(f"{out}: {count:,} lines, none changed or taken out.")
