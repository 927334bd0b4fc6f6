"""`explain`: heatmaps as files. `explain-check`: how faithful a run's heatmaps are."""

from __future__ import annotations

import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress, TimeElapsedColumn

from melanoma.diagnoses import CODES
from melanoma.explain.heatmaps import DEFAULT_METHOD, Explainer, Method, scale_of
from melanoma.run import folder as runs

SAMPLE, COSTLY = 150, 60  # photos of `explain-check` for what asks the network again
out = Console()
err = Console(stderr=True)


def explain(
    photos: Annotated[list[Path], typer.Argument(metavar="PHOTO...", help="Photos of one lesion each.")],
    *,
    folder: Annotated[Path, typer.Option("--out", file_okay=False, help="Folder to write to; made if absent.")],
    diagnosis: Annotated[
        str | None, typer.Option(help=f"One of {' '.join(CODES)}.", show_default="each photo's likeliest")
    ] = None,
    method: Annotated[Method, typer.Option(help="How the maps are made.")] = DEFAULT_METHOD,
    run: Annotated[
        str | None,
        typer.Option("--run", help="A run's name or folder.", show_default="the run that the app opens with"),
    ] = None,
    models: Annotated[Path, typer.Option(help="Folder of runs.")] = runs.MODELS,
) -> None:
    """Heatmaps as STEM.png (drawn on the photo) and STEM.npz (values in the photo's frame, NaN outside the crop).

    The drawing's scale is the strongest of the photo's nine maps. A file that cannot be used is named, the rest are
    done, and the command exits 2.
    """
    from melanoma.photo.photos import PhotoError

    if diagnosis is not None and diagnosis.upper() not in CODES:
        raise refused(f"{diagnosis} is no diagnosis of the nine: choose from {' '.join(CODES)}.")
    try:
        opened = runs.find_run(run or runs.DEFAULT_RUN, models)
        explainer = Explainer.open(opened)
        folder.mkdir(parents=True, exist_ok=True)
    except runs.RunError as error:
        raise refused(error) from None
    except OSError as error:
        raise refused(f"{folder} cannot be made: {error.strerror}.") from None
    written: set[str] = set()
    for path in photos:
        try:
            if path.stem in written:
                raise PhotoError(f"another photo named {path.stem} was written before: explain it into another folder.")
            if (folder / f"{path.stem}.png").resolve() == path.resolve():
                raise PhotoError("its heatmap would overwrite it: choose another folder for --out.")
            code = diagnosis and diagnosis.upper()
            words = write_heatmap(path, folder, explainer, size=opened.input_size, diagnosis=code, method=method)
        except PhotoError as error:
            say(f"{path}: {error}")
        except OSError as error:
            say(f"{path}: the file cannot be read, or its heatmap not written: {error.strerror}.")
        else:
            written.add(path.stem)
            out.print(f"{path}: {words}", markup=False, highlight=False, soft_wrap=True)
    say(f"{len(written)} of {len(photos)} explained; run {opened.name}. Research use only; a map is no diagnosis.")
    if len(written) < len(photos):
        raise typer.Exit(2)


def write_heatmap(
    path: Path, folder: Path, explainer: Explainer, *, size: int, diagnosis: str | None, method: Method
) -> str:
    """Write one photo's two files; what they show, in words. Raises PhotoError or OSError."""
    import numpy as np

    from melanoma.charts.heatmaps import describe_heatmap, overlay_image
    from melanoma.explain.heatmaps import in_photo
    from melanoma.photo.photos import read_photo
    from melanoma.photo.preprocessing import network_input

    photo = read_photo(path.read_bytes())
    seen = network_input(photo.pixels, size)
    code = diagnosis or explainer.classes[int(explainer.forward(seen[None])[0].argmax())]
    maps = explainer.heatmaps(seen, method)
    heatmap, scale_peak = maps[code], scale_of(maps)
    overlay_image(photo.pixels, heatmap, scale_peak).save(folder / f"{path.stem}.png")
    height, width = photo.pixels.shape[:2]
    np.savez_compressed(
        folder / f"{path.stem}.npz",
        values=in_photo(heatmap.values, width, height),
        peak=np.float32(heatmap.peak),
        diagnosis=code,
        method=method.value,
    )
    return describe_heatmap(heatmap, scale_peak)


class Split(StrEnum):
    """Whose photos `explain-check` measures on."""

    TEST = "test"
    VALIDATION = "validation"


def explain_check(
    run: Annotated[str, typer.Argument(help="Name of a run, or its folder.")],
    data: Annotated[Path, typer.Option(exists=True, file_okay=False, help="Folder that holds the downloads.")],
    methods: Annotated[
        list[Method] | None, typer.Option("--method", help="Again for more.", show_default="all")
    ] = None,
    split: Annotated[
        Split, typer.Option(help="To choose a method or a network by: validation. Its figures are printed, not kept.")
    ] = Split.TEST,
    sample: Annotated[int, typer.Option(min=8, help="Photos for all that asks the network again.")] = SAMPLE,
    costly: Annotated[int, typer.Option(min=8, help="Of these, photos for Score-CAM and SmoothGrad.")] = COSTLY,
    photos: Annotated[
        int | None, typer.Option(min=8, help="Only so many photos, for a quick look. Printed, not kept.")
    ] = None,
    json_file: Annotated[
        Path | None, typer.Option("--json", dir_okay=False, help="Write the figures to this file too.")
    ] = None,
    models: Annotated[Path, typer.Option(help="Folder of runs.")] = runs.MODELS,
) -> None:
    """Measure how faithful a run's heatmaps are, on its own photos with lesion masks; test figures stay with the run.

    Most of the time goes into asking the network again: --sample and --costly set how much of that is done.
    """
    from melanoma.evaluation.faithfulness_cases import masked_photos
    from melanoma.evaluation.faithfulness_report import Extent, report

    if json_file and not json_file.parent.is_dir():
        raise refused(f"{json_file.parent} is no folder: choose another place for --json.")
    kept = split is Split.TEST and photos is None
    with Progress(*Progress.get_default_columns(), TimeElapsedColumn(), console=err, transient=True) as progress:
        try:
            opened = runs.find_run(run, models)
            if opened.state == "training":
                raise runs.RunError(f"{opened.name} is still training: wait until it has finished.")
            if kept and opened.evaluation is None:
                raise runs.RunError(f"{opened.name} has no evaluation yet. Run `python -m melanoma evaluate` first.")
            explainer = Explainer.open(opened)

            def reading(rows, n):
                return progress.track(rows, total=n, description=f"reading {n} photos")

            cases = masked_photos(opened, data, split.value, reading, photos)
        except (runs.RunError, FileNotFoundError) as error:
            raise refused(error) from None
        measured = report(explainer, cases, methods or list(Method), Extent(sample, costly), Stages(progress))
    measured = {
        "command": f"python -m melanoma explain-check models/{opened.name} --data DATA"
        + (f" --sample {sample}" if sample != SAMPLE else "")
        + (f" --costly {costly}" if costly != COSTLY else "")
        + ("" if split is Split.TEST else f" --split {split}"),
        "made": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "network_sha256": opened.sha256,
        "split": split.value,
        **measured,
    }
    if kept:
        keep(opened, measured, all_methods=not methods)
    if json_file:
        runs.write_json(json_file, measured)
    show(measured)
    if not kept:
        say("Printed only: the run keeps figures of all its test photos alone.")


def keep(run: runs.Run, measured: dict, *, all_methods: bool) -> None:
    """Write the figures into the run's evaluation.json, beside those of other methods on the same photos."""
    before = run.evaluation.get("faithfulness", {})
    same = all(before.get(key) == measured[key] for key in ("network_sha256", "photos", "sample", "sample_costly"))
    if same and not all_methods:
        measured["methods"] = before["methods"] | measured["methods"]
    runs.write_json(run.folder / "evaluation.json", run.evaluation | {"faithfulness": measured})
    runs.seal(run.folder)


class Stages:
    """Shows the stages of a report as bars."""

    def __init__(self, progress: Progress):
        self._progress, self._task = progress, None

    def stage(self, what: str, passes: int) -> None:
        """A new bar, in place of the last."""
        if self._task is not None:
            self._progress.remove_task(self._task)
        self._task = self._progress.add_task(what, total=passes)

    def done(self, passes: int) -> None:
        """Further along the bar."""
        self._progress.advance(self._task, passes)


def show(measured: dict) -> None:
    """Print the figures that decide, a row a method."""
    from rich.table import Table

    def words(figure: dict | None) -> str:
        return f"{figure['value']:.2f} ({figure['low']:.2f}–{figure['high']:.2f})" if figure else "–"

    columns = {
        "energy / area, right": ("right", "energy_to_area"),
        "pointing game": ("all", "pointing_game"),
        "small lesions": ("small_lesions", "pointing_game"),
        "deletion below random": ("deletion", "lower_than_random"),
        "insertion above": ("insertion", "higher_than_random"),
        "randomised": ("randomised", "all_layers"),
        "stability": ("stability", "spearman"),
    }
    title = (
        f"{measured['photos']} {measured['split']} photos; {measured['sample']} of them for deletion, insertion, "
        f"randomisation and stability, {measured['sample_costly']} for costly methods; default: "
        f"{measured['default_method']}"
    )
    table = Table("method", *columns, title=title)
    for name, parts in measured["methods"].items():
        table.add_row(name, *(words(parts.get(part, {}).get(key)) for part, key in columns.values()))
    out.print(table)


def refused(reason: object) -> typer.Exit:
    """Say one sentence on stderr; what to raise then."""
    say(str(reason))
    return typer.Exit(2)


def say(sentence: str) -> None:
    """Print to stderr as it is: a file name may look like markup."""
    err.print(sentence, markup=False, highlight=False, soft_wrap=True)
