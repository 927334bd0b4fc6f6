"""`export`: a run's network as an ONNX file, which answers without TensorFlow."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from melanoma.commands.arguments import Models, RunArgument
from melanoma.commands.console import refuse_errors, show
from melanoma.photo import PhotoError
from melanoma.run import MODELS, RunError, find_run


def export(
    run: RunArgument,
    photos: Annotated[list[Path] | None, typer.Option("--photo", help="Also check on this photo; repeatable.")] = None,
    models: Models = MODELS,
) -> None:
    """Export a run's network to ONNX, check it against Keras, and write the run's checksums again."""
    with refuse_errors(RunError, PhotoError):
        folder = find_run(run, models).folder
        from melanoma.training import export_onnx  # TensorFlow: after the run was found good

        facts = export_onnx(folder, photos or ())
    maps = "no closed-form maps" if facts.map_difference is None else f"maps {facts.map_difference:.1e} of their peak"
    show(
        f"{folder / facts.file}: as Keras on {facts.photos} pictures; largest difference of probabilities "
        f"{facts.probability_difference:.1e}, {maps}."
    )
