"""How a run was made is read back from its facts."""

from dataclasses import replace

import pytest

from melanoma.run import MODELS, ConceptErasure, Member, RunError, find_run
from melanoma.training.recipe import (
    AverageRecipe,
    EnsembleMember,
    EnsembleRecipe,
    ErasureRecipe,
    TrainingRecipe,
    recipe_of,
    training_recipe_of,
)
from melanoma.training.run_files import start_run

pytestmark = pytest.mark.slow


@pytest.fixture
def facts(tmp_path, settings, table):
    return start_run(tmp_path / "run", settings, table)


def test_a_trained_run_gives_all_that_another_is_trained_from(facts):
    facts = replace(facts, started_from=("earlier",), teachers=("a", "b"), nine_class_set=True)
    assert training_recipe_of(facts) == TrainingRecipe(facts.settings, ("earlier",), ("a", "b"), True)
    assert training_recipe_of(replace(facts, protocol="leaky")).leaky


def test_a_run_that_was_made_of_others_gives_its_last_step(facts):
    members = (Member("small", 64, 0.8), Member("large", 96, 1.1))
    averaged = replace(facts, averaged=("a", "b"), started_from=("a", "b"))
    ensemble = replace(facts, ensemble=members, started_from=("small", "large"))
    recipes = {
        AverageRecipe(("a", "b"), facts.input.size): averaged,
        EnsembleRecipe((EnsembleMember("small", 64), EnsembleMember("large", 96))): ensemble,
        ErasureRecipe("pair"): replace(ensemble, concept_erasure=ConceptErasure("pair", 500)),
    }
    for recipe, of in recipes.items():
        assert recipe_of(of) == recipe
        with pytest.raises(RunError, match="made of other runs, not trained"):
            training_recipe_of(of)


def test_a_member_is_a_run_with_or_without_its_own_size():
    assert EnsembleMember.parse("run") == EnsembleMember("run")
    assert EnsembleMember.parse("run@224") == EnsembleMember("run", 224)
    for wrong in ("run@", "run@large", "run@16", "run@2000"):
        with pytest.raises(RunError, match="32 to 1024 pixels, as in run@224"):
            EnsembleMember.parse(wrong)


def test_every_run_in_the_repository_has_a_recipe_made_of_runs_that_are_there():
    runs = [find_run(path.parent) for path in sorted(MODELS.glob("*/run.json"))]
    names = {run.name for run in runs}
    for run in runs:
        recipe = recipe_of(run.facts)
        if isinstance(recipe, TrainingRecipe):
            parts = {*recipe.start_from, *recipe.teachers}
        elif isinstance(recipe, ErasureRecipe):
            parts = {recipe.run}
        elif isinstance(recipe, AverageRecipe):
            parts = set(recipe.runs)
        else:
            parts = {member.run for member in recipe.members}
        assert parts <= names, run.name
        assert run.name not in parts
