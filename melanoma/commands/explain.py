"""`explain`: heatmaps as files."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from melanoma.commands.arguments import Models, Photos, RunOption
from melanoma.commands.console import refuse, refuse_errors, say, show
from melanoma.diagnoses import CODES
from melanoma.documents.wording import RESEARCH_USE
from melanoma.explain import DEFAULT_METHOD, Heatmap, Method, find_scale_peak, place_in_photo, read_heatmaps
from melanoma.explain.availability import require_tensorflow
from melanoma.photo import UNUSABLE, Photo, PhotoError
from melanoma.run import DEFAULT_RUN, MODELS, RunError, find_run

if TYPE_CHECKING:
    from melanoma.explain.explainer import Explainer
    from melanoma.photo import Assessment


def explain(
    photos: Photos,
    *,
    folder: Annotated[
        Path,
        typer.Option("--out", metavar="FOLDER", file_okay=False, help="Folder to write to; made if absent."),
    ],
    diagnosis: Annotated[
        str | None, typer.Option(help=f"One of {' '.join(CODES)}.", show_default="each photo's likeliest")
    ] = None,
    method: Annotated[Method, typer.Option(help="How the maps are made.")] = DEFAULT_METHOD,
    run: RunOption = DEFAULT_RUN,
    models: Models = MODELS,
) -> None:
    """Heatmaps as STEM.png (drawn on the photo) and STEM.npz (values in the photo's frame, NaN outside the crop).

    The drawing's scale is the strongest of the photo's nine maps. A file that cannot be used is named, the rest are
    done, and the command exits 2.
    """
    from melanoma.photo import prepare_reading, read_file, read_photo_safely
    from melanoma.serving import Classifier

    if diagnosis is not None and diagnosis.upper() not in CODES:
        raise refuse(f"{diagnosis} is no diagnosis of the nine. Choose from {' '.join(CODES)}.")
    prepare_reading()
    with refuse_errors(RunError):
        classifier = Classifier.open(find_run(run, models))
        folder.mkdir(parents=True, exist_ok=True)

    @cache
    def open_explainer() -> Explainer:
        with refuse_errors(RunError):
            require_tensorflow()
            from melanoma.explain.explainer import Explainer  # TensorFlow: where a method asks for it

            return Explainer.open(classifier.run)

    written: set[str] = set()
    for path in photos:
        try:
            content = read_file(path)
            refuse_overwriting(path, folder, written)
            photo = read_photo_safely(content)
            prediction = classifier.predict(photo)
            maps = read_heatmaps(prediction) if method is Method.GRADCAM else {}
            maps = maps or open_explainer().make_heatmaps(prediction.input, method)
            code = diagnosis.upper() if diagnosis else prediction.top
            words = write_heatmap(folder / path.stem, photo, maps[code], find_scale_peak(maps))
        except (PhotoError, RunError) as error:
            say(f"{path}: {error}")
        except OSError as error:
            say(f"{path}: the file cannot be read, or its heatmap not written: {error.strerror or error}.")
        else:
            written.add(path.stem)
            show(f"{path}: {words}")
            warn_of_quality(path, prediction.assessment)
    say(f"{len(written)} of {len(photos)} explained; run {classifier.run.name}.")
    say(f"{RESEARCH_USE} A map is no diagnosis.")
    if len(written) < len(photos):
        raise typer.Exit(2)


def refuse_overwriting(path: Path, folder: Path, written: set[str]) -> None:
    """Raises PhotoError where the heatmap of the photo at `path` would overwrite a photo or another heatmap."""
    if path.stem in written:
        raise PhotoError(f"Another photo named {path.stem} was written before. Explain it into another folder.")
    heatmap, values = folder / f"{path.stem}.png", folder / f"{path.stem}.npz"
    if heatmap.exists() and heatmap.samefile(path):
        raise PhotoError("Its heatmap would overwrite it. Choose another folder for --out.")
    if heatmap.exists() != values.exists():  # one of them alone is of something else: a photo, mostly
        there = heatmap if heatmap.exists() else values
        raise PhotoError(f"{there.name} is in the folder already, and is no heatmap. Choose another folder for --out.")


def write_heatmap(stem: Path, photo: Photo, heatmap: Heatmap, scale_peak: float) -> str:
    """Write STEM.png and STEM.npz; what they show, in words. Raises OSError."""
    import numpy as np

    from melanoma.charts.heatmaps import describe_heatmap, overlay_image

    height, width = photo.pixels.shape[:2]
    picture, values = stem.with_name(f"{stem.name}.png"), stem.with_name(f"{stem.name}.npz")
    try:
        overlay_image(photo.pixels, heatmap, scale_peak).save(picture)
        np.savez_compressed(
            values,
            values=place_in_photo(heatmap.values, width, height),
            peak=np.float32(heatmap.peak),
            diagnosis=heatmap.diagnosis,
            method=heatmap.method.value,
        )
    except OSError:  # a full disk: no half is left
        picture.unlink(missing_ok=True)
        values.unlink(missing_ok=True)
        raise
    return describe_heatmap(heatmap, scale_peak)


def warn_of_quality(path: Path, assessment: Assessment) -> None:
    """Say what is wrong with a photo, and what its map is then worth."""
    if not assessment.is_good:
        worth = "Its map says nothing." if assessment.quality == UNUSABLE else "Its map may say nothing."
        say(f"{path}: the photo is {assessment.quality}. {' '.join(assessment.reasons)} {worth}")
