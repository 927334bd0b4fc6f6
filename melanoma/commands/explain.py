"""`explain`: heatmaps as files. `explain-check`: how faithful a run's heatmaps are."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from melanoma import runs
from melanoma.diagnoses import CODES
from melanoma.explanation import Explainer, Method, scale_of

if TYPE_CHECKING:
    from melanoma.faithfulness_report import Cases

out = Console()
err = Console(stderr=True)


def explain(
    photos: Annotated[list[Path], typer.Argument(metavar="PHOTO...", help="Photos of one lesion each.")],
    *,
    folder: Annotated[Path, typer.Option("--out", file_okay=False, help="Folder to write to; made if absent.")],
    diagnosis: Annotated[
        str | None, typer.Option(help=f"One of {' '.join(CODES)}.", show_default="each photo's likeliest")
    ] = None,
    method: Annotated[Method, typer.Option(help="How the maps are made.")] = Method.GRADCAM,
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
    from melanoma.photos import PhotoError

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

    from melanoma.charts_explain import describe, overlay_image
    from melanoma.explanation import in_photo
    from melanoma.photos import read_photo
    from melanoma.preprocessing import network_input

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
    return describe(heatmap, scale_peak)


def explain_check(
    run: Annotated[str, typer.Argument(help="Name of a run, or its folder.")],
    data: Annotated[Path, typer.Option(exists=True, file_okay=False, help="Folder that holds the downloads.")],
    methods: Annotated[
        list[Method] | None, typer.Option("--method", help="Again for more.", show_default="all")
    ] = None,
    sample: Annotated[
        int, typer.Option(min=8, help="Test photos for all that has no closed form, and for all that asks the network.")
    ] = 150,
    models: Annotated[Path, typer.Option(help="Folder of runs.")] = runs.MODELS,
) -> None:
    """Measure how faithful a run's heatmaps are, on its own test photos with lesion masks, and keep it with the run."""
    from melanoma.faithfulness_report import report

    try:
        opened = runs.find_run(run, models)
        if opened.state == "training":
            raise runs.RunError(f"{opened.name} is still training: wait until it has finished.")
        if opened.evaluation is None:
            raise runs.RunError(f"{opened.name} has no evaluation yet. Run `python -m melanoma evaluate` first.")
        explainer = Explainer.open(opened)
        cases = test_cases(opened, data)
    except (runs.RunError, FileNotFoundError) as error:
        raise refused(error) from None
    with err.status("") as status:
        measured = report(explainer, cases, methods or list(Method), sample, status.update)
    before = opened.evaluation.get("faithfulness", {})
    if methods and before.get("network_sha256") == opened.sha256 and before.get("sample") == measured["sample"]:
        measured["methods"] = before["methods"] | measured["methods"]
    evaluation = opened.evaluation | {
        "faithfulness": {
            "command": f"python -m melanoma explain-check models/{opened.name} --data DATA --sample {sample}",
            "made": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
            "network_sha256": opened.sha256,
            **measured,
        }
    }
    runs.write_json(opened.folder / "evaluation.json", evaluation)
    runs.seal(opened.folder)
    show(measured)


def test_cases(run: runs.Run, data: Path) -> Cases:
    """The run's HAM10000 test photos that have a lesion mask. RunError when there are too few."""
    import numpy as np

    from melanoma.dataset.packing import pack
    from melanoma.dataset.sources import best_copies
    from melanoma.diagnoses import index
    from melanoma.faithfulness_report import Cases, read_mask

    if run.split is None:
        raise runs.RunError(f"{run.name} has no split.csv, so its test photos are unknown. Train it again.")
    table = run.split[(run.split["split"] == "test") & (run.split["source"] == "ham10000")]
    table = table.join(best_copies(data), on="image_id", how="inner")
    paths = [data / "ham10000" / "masks" / f"{i}_segmentation.png" for i in table["image_id"]]
    table = table[[path.exists() for path in paths]].reset_index(drop=True)
    if len(table) < 8:
        raise runs.RunError(f"{data}/ham10000 holds lesion masks of {len(table)} of {run.name}'s test photos: too few.")
    masks = np.stack([read_mask(data / "ham10000" / "masks" / f"{i}_segmentation.png") for i in table["image_id"]])
    shown = masks.any(axis=(1, 2))
    table, masks = table[shown].reset_index(drop=True), masks[shown]
    expert = {}
    for row, image_id in enumerate(table["image_id"]):
        path = data / "ham10000_600x450" / f"{image_id}_expert.png"
        if path.exists() and (mask := read_mask(path)).any():
            expert[row] = mask
    with err.status(f"reading {len(table)} photos"):
        images = pack(table, run.input_size)
    labels = np.array([index(code) for code in table["diagnosis"]])
    return Cases(images, masks, labels, table["group"].to_numpy(), expert)


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
    table = Table("method", *columns, title=f"{measured['photos']} test photos, sample of {measured['sample']}")
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
