"""Arguments and options that several commands have. Each means the same everywhere."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from melanoma.commands.console import refuse
from melanoma.run.folder import SPLITS
from melanoma.sources import CLINICAL, DERMOSCOPIC

RUN_HELP = "A run's name below --models, or its folder."
DATA_HELP = "Folder of the public downloads."


class Kind(StrEnum):
    """As what a photo is read."""

    DERMOSCOPIC = DERMOSCOPIC
    CLINICAL = CLINICAL


class Split(StrEnum):
    """Whose photos something is measured on."""

    TEST = "test"
    VALIDATION = "validation"


def check_folder(folder: Path | None) -> Path | None:
    """The same folder; what is none is refused in one sentence."""
    if folder is not None and not folder.is_dir():
        raise refuse(f"{folder} is no folder. Check the path.")
    return folder


def check_name(name: str) -> str:
    """The same name of a new run; refused where it is no name of a folder beside the others."""
    if not name or Path(name).name != name or not name.isprintable() or name.startswith(".") or name == SPLITS:
        raise refuse(f"{name or 'Nothing'} is no name for a run. Choose letters, numbers and hyphens for --name.")
    return name


def check_target(file: Path | None) -> Path | None:
    """The same file, which is to be written; refused where it cannot be made."""
    if file is not None and file.is_dir():
        raise refuse(f"{file} is a folder. Name a file for --out.")
    if file is not None and file.exists() and not file.is_file():
        raise refuse(f"{file} is no ordinary file. Name another for --out.")
    if file is not None and not file.parent.is_dir():
        raise refuse(f"There is no folder {file.parent}. Make it first, or choose another file for --out.")
    return file


RunArgument = Annotated[str, typer.Argument(metavar="RUN", help=RUN_HELP)]
RunOption = Annotated[str, typer.Option("--run", metavar="RUN", help=RUN_HELP)]
RunName = Annotated[
    str, typer.Option("--name", callback=check_name, help="Name of the new run, a folder below --models.")
]
Models = Annotated[Path, typer.Option("--models", metavar="FOLDER", help="Folder of runs.", show_default="models")]
Data = Annotated[Path, typer.Argument(metavar="DATA", callback=check_folder, help=DATA_HELP)]
DataOption = Annotated[Path, typer.Option("--data", metavar="DATA", callback=check_folder, help=DATA_HELP)]
OptionalData = Annotated[Path | None, typer.Option("--data", metavar="DATA", callback=check_folder, help=DATA_HELP)]
JsonFile = Annotated[
    Path | None, typer.Option("--out", metavar="FILE", callback=check_target, help="JSON file to write all of it to.")
]
Photos = Annotated[list[Path], typer.Argument(metavar="PHOTO...", help="Photos of one lesion each.")]
PointName = Annotated[
    str | None,
    typer.Option(
        "--operating-point", metavar="NAME", help="Decides: refer, undecided or routine.", show_default="the run's own"
    ),
]
PhotoKind = Annotated[
    Kind | None, typer.Option("--kind", help="Read the photos as this kind.", show_default="as the network sees each")
]
