"""`train`, `blend`, `join` and `erase`: a network from the public downloads, or from networks that are there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

DataFolder = Annotated[Path, typer.Argument(exists=True, file_okay=False, help="Folder that holds the downloads.")]


def train(
    data: DataFolder,
    name: Annotated[str, typer.Option(help="Name of the run, a folder below --models.")],
    architecture: Annotated[
        str, typer.Option(help="baseline-cnn, efficientnet-lite0 to 2, or a keras.applications name.")
    ] = "efficientnet-lite0",
    size: Annotated[int, typer.Option(min=32, max=1024, help="Side of the network's input, pixels.")] = 224,
    epochs: Annotated[int, typer.Option(min=1)] = 14,
    samples: Annotated[int, typer.Option(min=32, help="Photos drawn an epoch.")] = 6400,
    learning_rate: Annotated[float, typer.Option(help="Peak; a cosine takes it to a hundredth.")] = 1e-3,
    clip: Annotated[float, typer.Option(min=0, help="Longest gradient of a step; 0: any. 1 steadies --steady.")] = 0.0,
    frozen: Annotated[float, typer.Option(min=0, max=1, help="Share of the layers, from the input, kept.")] = 0.35,
    steady: Annotated[bool, typer.Option(help="Batch normalisation as it is: twice as fast on a CPU.")] = False,
    dropout: Annotated[float, typer.Option(min=0, max=0.9)] = 0.3,
    label_smoothing: Annotated[float, typer.Option(min=0, max=0.5)] = 0.05,
    power: Annotated[float, typer.Option(help="A class is drawn in proportion to count^(1 + power).")] = -0.7,
    strength: Annotated[float, typer.Option(min=0, help="Of colour, file and clutter augmentation.")] = 1.0,
    augmented: Annotated[bool, typer.Option(help="Off: the photos as they are, as in the assignment.")] = True,
    mixup: Annotated[float, typer.Option(min=0)] = 0.1,
    blank: Annotated[float, typer.Option(min=0, max=0.5, help="Share of photos made unreadable: any diagnosis.")] = 0.0,
    focus: Annotated[float, typer.Option(min=0, help="Weight of the loss for evidence off the lesion.")] = 0.0,
    average: Annotated[float, typer.Option(min=0, max=0.9999, help="Decay of the averaged weights; 0: none.")] = 0.998,
    monitor: Annotated[str, typer.Option(help="Column of history.csv whose best epoch is kept.")] = "val_macro_auc",
    start_from: Annotated[
        list[str] | None, typer.Option("--from", help="Run whose network to start from; of several, the mean weights.")
    ] = None,
    teacher: Annotated[
        list[str] | None, typer.Option(help="Run whose answers are --taught of each label; of several, the mean.")
    ] = None,
    taught: Annotated[float, typer.Option(min=0, max=1, help="Share of a label that --teacher answers.")] = 0.0,
    nine_class_set: Annotated[bool, typer.Option(help="Only photos of the nine-class ISIC set.")] = False,
    leaky: Annotated[bool, typer.Option(help="The assignment's leaky protocol, for the record.")] = False,
    seed: Annotated[int, typer.Option(help="Of the split, the draws and the weights.")] = 20,
    resume: Annotated[bool, typer.Option(help="Go on with the run of this name where it stopped.")] = False,
    models: Annotated[Path, typer.Option(help="Folder of runs.")] = Path("models"),
) -> None:
    """Train a network on a lesion-grouped split, then evaluate it. Ctrl-C leaves a run that opens; --resume goes on."""
    given = locals()
    from melanoma.commands.evaluate import remake
    from melanoma.dataset.splitting import TooFewPhotosError
    from melanoma.run.folder import RunError, open_run
    from melanoma.training import pipeline as fitting
    from melanoma.training.architectures import UnknownArchitectureError

    options = {k: v for k, v in given.items() if k in fitting.SETTINGS} | {"strength": strength if augmented else None}
    console = Console()
    try:
        if resume:
            state = fitting.resume(data, models / name, console)
        elif leaky:
            state = fitting.train_leaky(data, models / name, options, copies=500, console=console)
        else:
            state = fitting.train(
                data,
                models / name,
                options,
                start_from=start_from or [],
                teachers=teacher or [],
                nine_class_set=nine_class_set,
                console=console,
            )
        if state == "finished" and not leaky:
            remake(open_run(models / name), data, robustness=False, console=console)
    except (RunError, UnknownArchitectureError, TooFewPhotosError, FileNotFoundError) as error:
        Console(stderr=True).print(str(error), style="bold", soft_wrap=True)
        raise typer.Exit(2) from error


def blend(
    data: DataFolder,
    name: Annotated[str, typer.Option(help="Name of the run, a folder below --models.")],
    of: Annotated[list[str], typer.Option(help="A run whose network takes part; repeat it.")],
    size: Annotated[int, typer.Option(min=32, max=1024, help="Side of the network's input, pixels.")],
    models: Annotated[Path, typer.Option(help="Folder of runs.")] = Path("models"),
) -> None:
    """Make a run whose weights are the mean of those of several runs, then evaluate it."""
    from melanoma.training import combining

    evaluated(data, models / name, lambda console: combining.blend(data, models / name, of, size, console))


def join(
    data: DataFolder,
    name: Annotated[str, typer.Option(help="Name of the run, a folder below --models.")],
    of: Annotated[list[str], typer.Option(help="A run whose network takes part; RUN@SIZE for another input size.")],
    models: Annotated[Path, typer.Option(help="Folder of runs.")] = Path("models"),
) -> None:
    """Make a run whose network is several EfficientNet-Lites side by side, then evaluate it."""
    from melanoma.training import combining

    evaluated(data, models / name, lambda console: combining.join(data, models / name, of, console))


def erase(
    data: DataFolder,
    name: Annotated[str, typer.Option(help="Name of the run, a folder below --models.")],
    of: Annotated[str, typer.Option(help="The run to change.")],
    models: Annotated[Path, typer.Option(help="Folder of runs.")] = Path("models"),
) -> None:
    """Make a run that answers as another, but for what names a photo's archive, then evaluate it."""
    from melanoma.training import combining

    evaluated(data, models / name, lambda console: combining.erase(data, models / name, of, console))


def evaluated(data: Path, folder: Path, make: Callable[[Console], None]) -> None:
    """Make the run in `folder` out of others, then evaluate it; what cannot be made is one sentence and exit code 2."""
    from melanoma.commands.evaluate import remake
    from melanoma.run.folder import RunError, open_run

    console = Console()
    try:
        make(console)
        remake(open_run(folder), data, robustness=False, console=console)
    except (RunError, FileNotFoundError) as error:
        Console(stderr=True).print(str(error), style="bold", soft_wrap=True)
        raise typer.Exit(2) from error
