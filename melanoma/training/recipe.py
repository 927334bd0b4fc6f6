"""How a run is made, so that another can be made like it: `recipe_of` reads it back from run.json."""

from __future__ import annotations

from dataclasses import dataclass

from melanoma.run import RunError, RunFacts, TrainingSettings


@dataclass(frozen=True)
class TrainingRecipe:
    """A network that is trained. Runs are named, or given by their folders.

    start_from: runs whose network it starts from, several by the mean of their weights; none: ImageNet weights.
    teachers: runs whose mean answer is `settings.distillation_weight` of each label. nine_class_set: only photos of
    the nine-class ISIC set. leaky: the data leakage example, which augments before it splits and keeps no network.
    """

    settings: TrainingSettings
    start_from: tuple[str, ...] = ()
    teachers: tuple[str, ...] = ()
    nine_class_set: bool = False
    leaky: bool = False


@dataclass(frozen=True)
class AverageRecipe:
    """The mean of the weights of `runs`, which share an architecture; input_size: side in pixels."""

    runs: tuple[str, ...]
    input_size: int


@dataclass(frozen=True)
class EnsembleMember:
    """A run that takes part in an ensemble; input_size: side in pixels, None: as the run was trained."""

    run: str
    input_size: int | None = None

    @classmethod
    def parse(cls, text: str) -> EnsembleMember:
        """`RUN` or `RUN@SIZE`. Raises RunError for a size that is no whole number from 32 to 1024."""
        run, at, size = text.partition("@")
        if at and not (size.isdecimal() and 32 <= int(size) <= 1024):
            raise RunError(f"{text}: give a size from 32 to 1024 pixels, as in {run}@224.")
        return cls(run, int(size) if at else None)


@dataclass(frozen=True)
class EnsembleRecipe:
    """Several EfficientNet-Lites side by side as one network."""

    members: tuple[EnsembleMember, ...]


@dataclass(frozen=True)
class ErasureRecipe:
    """`run` with a last layer that does not see a photo's source."""

    run: str


Recipe = TrainingRecipe | AverageRecipe | EnsembleRecipe | ErasureRecipe


def recipe_of(facts: RunFacts) -> Recipe:
    """How the run of these facts was made. The last step alone: a run it was made of has a recipe of its own."""
    if facts.concept_erasure:
        return ErasureRecipe(facts.concept_erasure.run)
    if facts.ensemble:
        return EnsembleRecipe(tuple(EnsembleMember(member.run, member.input_size) for member in facts.ensemble))
    if facts.averaged:
        return AverageRecipe(facts.averaged, facts.input.size)
    return TrainingRecipe(
        facts.settings, facts.started_from, facts.teachers, facts.nine_class_set, leaky=facts.protocol == "leaky"
    )


def training_recipe_of(facts: RunFacts) -> TrainingRecipe:
    """The same for a run that was trained. Raises RunError for one that was made of others."""
    recipe = recipe_of(facts)
    if isinstance(recipe, TrainingRecipe):
        return recipe
    raise RunError(f"{facts.name} was made of other runs, not trained. Choose a run that was trained.")
