"""`neighbours`: what similar cases are worth, from a run's saved predictions."""

from __future__ import annotations

from melanoma.commands.arguments import Models, RunArgument
from melanoma.commands.console import refuse_errors, show
from melanoma.run import MODELS, RunError, find_run
from melanoma.sources import DERMOSCOPIC


def neighbours(run: RunArgument, models: Models = MODELS) -> None:
    """How often the nearest lesions share a photo's diagnosis, against chance and the network's own answer.

    Test photos, with the validation photos as the library; 95 % intervals by bootstrap over lesions. No photo is read.
    """
    from melanoma.documents.neighbours import describe_agreement
    from melanoma.evaluation.neighbours import measure_agreement

    with refuse_errors(RunError):
        found = find_run(run, models)
        for kind in found.calibration.kinds if found.calibration else (DERMOSCOPIC,):
            show(describe_agreement(measure_agreement(found, kind), found.name, kind))
