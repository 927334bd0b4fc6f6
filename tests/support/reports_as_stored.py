"""Parts of an evaluation, as short as they can be."""

from melanoma.estimates import Estimate
from melanoma.run import Evaluation
from melanoma.run.evaluation import (
    Confusion,
    Control,
    Excess,
    GroupEstimates,
    Headline,
    Reliability,
    Robustness,
    Variation,
)
from melanoma.run.faithfulness import Localisation, MethodFaithfulness


def around(value: float, half: float = 0.05) -> Estimate:
    """An estimate with an interval of `half` to each side."""
    return Estimate(value, value - half, value + half)


def make_evaluation(**parts) -> Evaluation:
    """An evaluation of 500 photos with nothing but `parts`."""
    known = {
        "command": "python -m melanoma evaluate made-up",
        "made": "2026-01-02T03:04:05+00:00",
        "network_sha256": "",
        "split": "test",
        "photos": 500,
        "lesions": 400,
        "classes_present": (),
        "intervals": "made up",
        "notes": {},
        "headline": Headline(),
        "per_class": {},
        "per_source": {},
        "reliability": Reliability(),
        "confusion": Confusion((), ()),
    }
    return Evaluation(**known | parts)


def make_heatmap(energy: float, pointing: float) -> MethodFaithfulness:
    """What `explain-check` measures of one method."""
    part = Localisation(
        photos=40,
        energy_inside=around(energy),
        energy_inside_chance=around(0.3),
        pointing_game=around(pointing),
        pointing_game_chance=around(0.3),
    )
    return MethodFaithfulness(all=part, right=part, wrong=part)


GROUPS = make_evaluation(
    per_source={"north": GroupEstimates(photos=500, sensitivity=around(0.9))},
    per_age={
        "under 30": GroupEstimates(photos=400, malignant=3, sensitivity=around(0.1), specificity=around(0.5)),
        "30 to 44": GroupEstimates(photos=300, malignant=100, sensitivity=around(0.8), specificity=around(0.7)),
        "45 to 59": GroupEstimates(photos=9, malignant=9, specificity=around(0.1)),
    },
)

ROBUSTNESS = Robustness(
    photos=600,
    lesions=562,
    operating_point="high-sensitivity",
    threshold=0.07,
    note="words",
    artefacts=51,
    changes={
        "artefact": {
            "ink": Variation(
                decision=around(0.3),
                controls={
                    "patch": Control(decision=around(0.1), excess=Excess(decision=around(0.2))),
                    "noise": Control(decision=around(0.32), excess=Excess(decision=around(-0.02))),
                },
            )
        },
        "turn and flip": {
            "turned 90 degrees": Variation(decision=around(0.08)),
            "flipped": Variation(decision=around(0.1)),
        },
        "JPEG": {"quality 30": Variation(decision=around(0.2))},
    },
)
