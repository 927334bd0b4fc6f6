"""Recipe -> finished run. Imports TensorFlow."""

from melanoma.training.architectures import UnknownArchitectureError
from melanoma.training.derived_runs import average_weights, build_ensemble, erase_source
from melanoma.training.onnx_export import export_onnx
from melanoma.training.recipe import (
    AverageRecipe,
    EnsembleMember,
    EnsembleRecipe,
    ErasureRecipe,
    Recipe,
    TrainingRecipe,
    recipe_of,
    training_recipe_of,
)
from melanoma.training.remake import list_lineage, remake
from melanoma.training.trained_run import resume, train

__all__ = [
    "AverageRecipe",
    "EnsembleMember",
    "EnsembleRecipe",
    "ErasureRecipe",
    "Recipe",
    "TrainingRecipe",
    "UnknownArchitectureError",
    "average_weights",
    "build_ensemble",
    "erase_source",
    "export_onnx",
    "list_lineage",
    "recipe_of",
    "remake",
    "resume",
    "train",
    "training_recipe_of",
]
