"""Predictions made from nine probabilities, as serving makes them."""

from dataclasses import replace

import numpy as np

from melanoma.diagnoses import CODES
from melanoma.estimates import Estimate
from melanoma.photo import GOOD, Assessment, draw_example
from melanoma.run import MALIGNANT, OperatingPoint, PredictionSet, Rates, TestRates
from melanoma.serving import Prediction, sum_malignant
from melanoma.serving.kinds import KindOfPhoto
from melanoma.serving.prediction import decide, list_differential, score_of
from melanoma.sources import DERMOSCOPIC

TEST = TestRates(
    Estimate(0.97, 0.95, 0.98),
    Estimate(0.64, 0.61, 0.67),
    ppv={"0.01": Estimate(0.026, 0.024, 0.028), "0.2": Estimate(0.4, 0.38, 0.42)},
    npv={"0.01": Estimate(0.9995, 0.9992, 0.9997), "0.2": Estimate(0.988, 0.981, 0.994)},
)
POINT = OperatingPoint(MALIGNANT, 0.066606, "finds at least 95 % of malignant lesions", "validation", Rates(), TEST)
MELANOMA_POINT = replace(POINT, score="MEL", threshold=0.043351)
SET = PredictionSet(
    least_probability=0.004,
    target_coverage=0.9,
    validation_photos={},
    test_coverage={
        "MEL": Estimate(0.93, 0.9, 0.96),
        "DF": Estimate(0.79, 0.58, 0.93),
        "AK": None,
        "NV": Estimate(0.99, 0.98, 1),
    },
    mean_size=Estimate(3.21, 3.1, 3.3),
)


def make_prediction(
    point: OperatingPoint = POINT, name: str = "high-sensitivity", *reasons: str, quality: str = GOOD, **shares: float
) -> Prediction:
    """What serving makes of these probabilities by code; what is left to 1 is shared by the others."""
    left = (1 - sum(shares.values())) / (len(CODES) - len(shares))
    probabilities = np.array([shares.get(code, left) for code in CODES], np.float32)
    assessment = Assessment(quality, reasons)
    score = score_of(probabilities, point)
    return Prediction(
        kind=KindOfPhoto(DERMOSCOPIC),
        logits=np.log(np.maximum(probabilities, 1e-12)),
        probabilities=probabilities,
        malignancy=sum_malignant(probabilities),
        decision=decide(score, point, assessment),
        operating_point=name,
        point=point,
        score=score,
        differential=list_differential(probabilities, SET),
        assessment=assessment,
        input=np.ascontiguousarray(draw_example(width=96, height=96)),
        maps=None,
        run="made-up",
        run_sha256="ab" * 32,
    )
