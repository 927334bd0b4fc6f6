"""`train` and `remake`: a network from the public downloads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from melanoma.commands.arguments import Data, Models, RunArgument, RunName
from melanoma.commands.console import err, refuse, refuse_errors
from melanoma.commands.evaluate import measure_run
from melanoma.run import MODELS, RunError, RunFacts, TrainingSettings, find_run
from melanoma.run.cluster import check_port, read_cluster
from melanoma.sources import KINDS

if TYPE_CHECKING:
    from melanoma.training import TrainingRecipe

# What is trained where neither an option nor --like says otherwise: the first step of the shipped network
DEFAULTS = TrainingSettings(
    architecture="efficientnet-lite0",
    input_size=240,
    training_size=192,
    epochs=15,
    samples_per_epoch=10000,
    learning_rate=4e-4,
    clipnorm=1.0,
    frozen_share=0.1,
    freeze_batch_norm=True,
    class_balance_exponent=-0.55,
    source_balance_exponent=-0.2,
    kind_shares=(0.62, 0.32, 0.06),
    augmentation_strength=1.2,
    mixup_alpha=0.2,
    uninformative_share=0.03,
    lesion_attention_weight=0.2,
    kind_weight=0.3,
    monitor="val_loss",
)
# What a default is where another choice rules it out
BASELINE: dict[str, Any] = {
    "training_size": None,
    "lesion_attention_weight": 0.0,
    "freeze_batch_norm": False,
    "frozen_share": 0.0,
}
SETTINGS = {field.name for field in fields(TrainingSettings)}
MAKE = "How it is trained"


def setting(name: str, text: str, **limits: Any) -> Any:
    """An option of one training setting; left out, it is the default's or that of --like."""
    default = getattr(DEFAULTS, name)
    metavar = None if isinstance(default, bool) else "VALUE"
    return typer.Option(metavar=metavar, help=text, show_default=str(default), rich_help_panel=MAKE, **limits)


def train(
    context: typer.Context,
    data: Data,
    name: RunName,
    like: Annotated[
        str | None,
        typer.Option(metavar="RUN", help="Take settings, --from and --teacher of this run; other options win."),
    ] = None,
    architecture: Annotated[
        str | None, setting("architecture", "baseline-cnn, efficientnet-lite0 to 2, or a keras.applications name.")
    ] = None,
    input_size: Annotated[
        int | None, setting("input_size", "Side of the network's input, pixels.", min=32, max=1024)
    ] = None,
    training_size: Annotated[
        int | None, setting("training_size", "Side of the photos trained on; left out: --input-size.", min=32, max=1024)
    ] = None,
    epochs: Annotated[int | None, setting("epochs", "Passes.", min=1)] = None,
    samples_per_epoch: Annotated[int | None, setting("samples_per_epoch", "Photos drawn an epoch.", min=32)] = None,
    learning_rate: Annotated[
        float | None, setting("learning_rate", "Peak; a cosine takes it to a hundredth.", min=0)
    ] = None,
    clipnorm: Annotated[float | None, setting("clipnorm", "Longest gradient of a step; 0: any.", min=0)] = None,
    frozen_share: Annotated[
        float | None,
        setting("frozen_share", "Share of the layers, from the input, kept as they are.", min=0, max=1),
    ] = None,
    freeze_batch_norm: Annotated[
        bool | None, setting("freeze_batch_norm", "Batch normalisation stays as it is: twice as fast on a CPU.")
    ] = None,
    dropout: Annotated[float | None, setting("dropout", "Share of features left out.", min=0, max=0.9)] = None,
    label_smoothing: Annotated[
        float | None, setting("label_smoothing", "Share of a label spread over all.", min=0, max=0.5)
    ] = None,
    class_balance_exponent: Annotated[
        float | None, setting("class_balance_exponent", "A class is drawn in proportion to count^(1 + exponent).")
    ] = None,
    augmentation_strength: Annotated[
        float | None, setting("augmentation_strength", "Of colour, file and clutter augmentation.", min=0)
    ] = None,
    clinical_augmentation_strength: Annotated[
        float | None, setting("clinical_augmentation_strength", "Of clinical and other photos.", min=0)
    ] = None,
    source_balance_exponent: Annotated[
        float | None, setting("source_balance_exponent", "A source is drawn in proportion to count^(1 + exponent).")
    ] = None,
    kind_shares: Annotated[
        tuple[float, float, float] | None,
        setting("kind_shares", f"Three shares of an epoch: {', '.join(KINDS)}; left out: as they occur."),
    ] = None,
    augmentation: Annotated[
        bool,
        typer.Option("--augmentation/--no-augmentation", help="Off: photos as they are.", rich_help_panel=MAKE),
    ] = True,
    mixup_alpha: Annotated[
        float | None, setting("mixup_alpha", "Of its Beta distribution; 0: no mixup.", min=0)
    ] = None,
    uninformative_share: Annotated[
        float | None,
        setting("uninformative_share", "Share of photos made unreadable: any diagnosis.", min=0, max=0.5),
    ] = None,
    lesion_attention_weight: Annotated[
        float | None, setting("lesion_attention_weight", "Of the loss for evidence off the lesion.", min=0)
    ] = None,
    distillation_weight: Annotated[
        float | None, setting("distillation_weight", "Share of a label that --teacher answers.", min=0, max=1)
    ] = None,
    kind_weight: Annotated[
        float | None, setting("kind_weight", "Of the loss for the kind of photo; 0: no second head.", min=0)
    ] = None,
    ema_decay: Annotated[
        float | None, setting("ema_decay", "Of the averaged weights, a step; 0: none.", min=0, max=0.9999)
    ] = None,
    monitor: Annotated[str | None, setting("monitor", "Column of history.csv whose best epoch is kept.")] = None,
    seed: Annotated[int | None, setting("seed", "Of the split, the draws and the weights.")] = None,
    start_from: Annotated[
        list[str] | None,
        typer.Option("--from", metavar="RUN", help="Run whose network to start from; of several, the mean weights."),
    ] = None,
    teachers: Annotated[
        list[str] | None,
        typer.Option("--teacher", metavar="RUN", help="Run to distil from; of several, the mean answer."),
    ] = None,
    nine_class_set: Annotated[bool | None, typer.Option(help="Only photos of the nine-class ISIC set.")] = None,
    leaky: Annotated[bool | None, typer.Option(help="The data leakage example: augment first, then split.")] = None,
    resume: Annotated[bool, typer.Option(help="Go on with the run of this name where it stopped.")] = False,
    models: Models = MODELS,
) -> None:
    """Train a network on a split by lesion, then evaluate it. Ctrl-C leaves a run that opens; --resume goes on."""
    options = {key: value for key, value in context.params.items() if key in SETTINGS and value is not None}
    if not augmentation:
        options["augmentation_strength"] = None
    from melanoma.dataset.splitting import TooFewPhotosError

    with refuse_errors(RunError, TooFewPhotosError):
        check_port(read_cluster())
        model = find_run(like, models).facts if like else None
        from melanoma import training

        with refuse_errors(training.UnknownArchitectureError):
            if resume:
                if like or options or start_from or teachers:
                    raise refuse("--resume goes on with the settings that the run has. Leave the other options out.")
                state = training.resume(data, models / name, err)
            else:
                recipe = make_recipe(
                    options, model, start_from=start_from, teachers=teachers, nine_class_set=nine_class_set, leaky=leaky
                )
                state = training.train(data, models / name, recipe, err)
        run = find_run(models / name)
        if state == "finished" and run.facts.protocol != "leaky":
            measure_run(run, data, robustness=False)


def remake(data: Data, run: RunArgument, models: Models = MODELS) -> None:
    """Train a run again from the start: first the runs that it started from, then itself; then evaluate it.

    They are made below --models, each with its own settings and name. Called again, it goes on where it stopped.
    """
    with refuse_errors(RunError):
        check_port(read_cluster())
    from melanoma import training
    from melanoma.dataset.splitting import TooFewPhotosError

    with refuse_errors(RunError, TooFewPhotosError):
        original = find_run(run)
        if training.remake(data, original, models, err):
            measure_run(find_run(models / original.name), data, robustness=False)


def make_recipe(
    options: Mapping[str, Any],
    like: RunFacts | None = None,
    *,
    start_from: Sequence[str] | None = None,
    teachers: Sequence[str] | None = None,
    nine_class_set: bool | None = None,
    leaky: bool | None = None,
) -> TrainingRecipe:
    """How to train: as the run `like` was trained, or by DEFAULTS, changed by what was said.

    options: fields of TrainingSettings. Raises RunError for a run that was made of others.
    """
    from melanoma.training import TrainingRecipe, training_recipe_of

    recipe = training_recipe_of(like) if like else TrainingRecipe(choose_defaults(options, leaky=bool(leaky)))
    lineage: dict[str, Any] = {
        "start_from": None if start_from is None else tuple(start_from),
        "teachers": None if teachers is None else tuple(teachers),
        "nine_class_set": nine_class_set,
        "leaky": leaky,
    }
    changes = {key: value for key, value in lineage.items() if value is not None}
    return replace(recipe, settings=replace(recipe.settings, **options), **changes)


def choose_defaults(options: Mapping[str, Any], *, leaky: bool) -> TrainingSettings:
    """DEFAULTS, less what cannot go with these options.

    The plain baseline has no closed-form maps and fits one size of photo. Who names an input size alone means that
    size in training too. The data leakage example learns diagnoses alone.
    """
    settings = DEFAULTS
    if options.get("architecture") == "baseline-cnn":
        settings = replace(settings, **BASELINE)
    if "input_size" in options:
        settings = replace(settings, training_size=None)
    return replace(settings, kind_weight=0.0) if leaky else settings
