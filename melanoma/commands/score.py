"""`score`: many photos into a table, on this machine or on several."""

from __future__ import annotations

import glob
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing
from enum import StrEnum
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from melanoma.commands.arguments import Models, PhotoKind, PointName, RunOption, check_target
from melanoma.commands.console import ProgressBar, refuse, refuse_errors, say
from melanoma.documents.wording import RESEARCH_USE
from melanoma.run import DEFAULT_RUN, MODELS, RunError, find_run, operating_point_name
from melanoma.sources import DERMOSCOPIC

if TYPE_CHECKING:
    from melanoma.serving import Classifier
    from melanoma.serving.row_files import ScoreSettings

NAMED = 10  # files that were left out, by name
MISSING = "Ray is not installed. Run `pip install 'melanoma[ray]'`, or `pip install -e '.[ray]'` in a clone."


class Engine(StrEnum):
    """What the work is done by."""

    LOCAL = "local"
    RAY = "ray"


def check_rows(out: str) -> str:
    """The same name; refused where no rows can be written to it."""
    if "://" in out or out.endswith(".parquet"):
        if not out.endswith(".parquet"):
            raise refuse(f"{out} is an address, where only Parquet is written. Let it end in .parquet.")
        if Path(out).exists() and not Path(out).is_dir():
            raise refuse(f"{out} is a file, and Parquet is written to a folder. Choose another --out.")
        return out
    return str(check_target(Path(out)))


def score(
    photos: Annotated[
        list[str],
        typer.Argument(metavar="FOLDER_OR_FILES...", help="Photos, and folders of photos, here or in a store."),
    ],
    out: Annotated[
        str,
        typer.Option(
            "--out", metavar="FILE", callback=check_rows, help="CSV to write, or a folder *.parquet; a row a photo."
        ),
    ],
    run: RunOption = DEFAULT_RUN,
    operating_point: PointName = None,
    kind: PhotoKind = None,
    recursive: Annotated[bool, typer.Option("--recursive", help="Also photos in subfolders.")] = False,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on: photos that have a row, by SHA-256, are left.")
    ] = False,
    follow: Annotated[
        float | None,
        typer.Option("--follow", metavar="SECONDS", min=0, help="Wait for more photos, until none came for so long."),
    ] = None,
    engine: Annotated[Engine, typer.Option("--engine", help="This machine, or Ray on several.")] = Engine.LOCAL,
    workers: Annotated[
        int | None,
        typer.Option("--workers", min=1, help="Photos at once; with Ray, networks.", show_default="by cores"),
    ] = None,
    models: Models = MODELS,
) -> None:
    """Score many photos into a CSV or Parquet; a file that cannot be used gets a row that says why."""
    from melanoma.serving import Classifier
    from melanoma.serving.following import follow_photos
    from melanoma.serving.row_files import ScoreSettings
    from melanoma.serving.rows import SUFFIXES, find_unopened

    find = partial(find_names, photos, out, recursive=recursive)
    with refuse_errors(RunError), ProgressBar() as progress:
        names = find()
        if not names and follow is None:
            has_folders = not recursive and any(find_unopened([Path(name) for name in photos if Path(name).is_dir()]))
            advice = " Add --recursive to look into folders within." if has_folders else ""
            ends = f"A photo's name ends in {' '.join(SUFFIXES)}."
            raise refuse(f"There are no photos in {', '.join(photos)}. {ends}{advice}")
        if engine == Engine.RAY:
            check_ray(out, follow)
        classifier = Classifier.open(find_run(run, models), many=True)
        classifier.operating_point(operating_point, kind or DERMOSCOPIC)
        settings = ScoreSettings.of(classifier, operating_point, kind)
        if engine == Engine.RAY:
            from melanoma.serving.ray_scoring import score_with_ray

            standings = score_with_ray(classifier.run.folder, settings, names, out, resume=resume, workers=workers)
        else:
            source = names if follow is None else follow_photos(lambda: map(Path, find()), follow)
            standings = score_here(classifier, settings, source, out, resume=resume, workers=workers)
        counts = Counter(progress.track(standings, len(names) if follow is None else None, "scoring"))
    left = f", {counts['left']} had a row already" if resume else ""
    say(
        f"{out}: {counts['ok']} scored, {counts['error']} could not be used{left}; run {settings.run}, "
        f"engine {classifier.engine}, operating point {operating_point_name(settings.operating_point)}. {RESEARCH_USE}"
    )
    say_what_is_left_out([Path(name) for name in photos], Path(out), recursive=recursive)
    if not counts["ok"] and not counts["left"]:
        raise typer.Exit(2)


def say_what_is_left_out(places: list[Path], out: Path, *, recursive: bool) -> None:
    """Count, and name the first of, what lies in folders and was taken for no photo, or was not looked into."""
    from melanoma.serving.rows import find_left_out, find_unopened

    folders = [place for place in places if place.is_dir()]
    beside = find_left_out(folders, recursive=recursive)
    own = os.path.realpath(out)  # the rows, and the settings beside them
    names = [path.name for path in beside if not os.path.realpath(path).startswith(own)]
    if names:
        say(f"Left out, as no photos: {name_some(names)}.")
    unopened = [path.name for path in find_unopened(folders, recursive=recursive) if path.name not in names]
    if unopened:
        what = "Links to folders, and folders that may not be read" if recursive else "Folders"
        advice = "Name them, or copy the photos." if recursive else "Add --recursive to look into them."
        say(f"{what} were not looked into: {name_some(unopened)}. {advice}")


def name_some(names: list[str]) -> str:
    """The first of these names, each on one line, and how many more there are."""
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(name.replace("\n", "�") for name in names[:NAMED]) + more


def score_here(
    classifier: Classifier,
    settings: ScoreSettings,
    names: Iterable[str | None],
    out: str,
    *,
    resume: bool,
    workers: int | None,
) -> Iterator[str]:
    """Write the rows, and say for each photo `ok`, `error`, or `left` where it had one."""
    from melanoma.serving.row_files import open_rows
    from melanoma.serving.rows import WORKERS, ScoreJob
    from melanoma.serving.stores import read_photo_file

    with closing(open_rows(out, settings, resume=resume)) as file:
        point = settings.operating_point
        job = ScoreJob(classifier, point, settings.kind, read_photo_file, file.done.__contains__)
        for row in job.score(names, workers or WORKERS):
            if row is not None:
                file.write(row)
            yield "left" if row is None else row["status"]


def check_ray(out: str, follow: float | None) -> None:
    """Refuse what Ray cannot do, or Ray where it is not installed."""
    from melanoma.serving.row_files import PARQUET

    if find_spec("ray") is None:
        raise refuse(MISSING)
    if not out.endswith(PARQUET):
        raise refuse(f"Ray writes Parquet. Let {out} end in {PARQUET}.")
    if follow is not None:
        raise refuse("Ray takes the photos that there are. Leave --follow out, and run it again with --resume.")


def find_names(photos: list[str], out: str, *, recursive: bool) -> list[str]:
    """Paths and addresses of the photos. Refuses what is not there, and an --out that is a photo. Raises RunError."""
    from melanoma.serving.rows import SUFFIXES, find_photos
    from melanoma.serving.stores import is_address, list_photos

    names: list[str] = []
    for name in photos:
        path = Path(name)
        if is_address(name):
            names += [name] if path.suffix.lower() in SUFFIXES else list_photos(name, recursive=recursive)
        elif path.exists():
            names += map(str, find_photos([path], recursive=recursive))
        elif matches := sorted(glob.glob(name, recursive=True)):  # noqa: PTH207 (Path.glob takes no absolute pattern)
            names += map(str, find_photos(map(Path, matches), recursive=recursive))
        elif path.suffix.lower() in SUFFIXES:
            names.append(name)
        else:
            raise refuse(f"There is no file or folder {name}. Check the path.")
    if os.path.realpath(out) in map(os.path.realpath, names):  # Path.resolve raises for a link to itself
        raise refuse(f"{out} is one of the photos. Choose another file for --out.")
    return names
