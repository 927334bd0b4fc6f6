"""Reports of made-up predictions about the drawn photo."""

import datetime
from functools import cache

import numpy as np
from predictions import SET, make_prediction

from melanoma.documents.case import CaseDetails
from melanoma.documents.report import Report, ReportedPhoto
from melanoma.explain import Heatmap, Method
from melanoma.photo import Photo, example_bytes, read_photo
from melanoma.run import DEFAULT_RUN, find_run
from melanoma.serving import Prediction

CASE = CaseDetails(
    reference="2026-0417",
    site="left forearm",
    photographed=datetime.date(2026, 11, 3),
    findings="Asymmetric, 7 mm.\nGrey-blue structures.",
    conclusion="Suspicious: excision.",
    name="M. Example",
)
REFERRED = make_prediction(NV=0.7, MEL=0.14, PBK=0.1)


@cache
def drawn_photo() -> Photo:
    return read_photo(example_bytes())


def make_map(peak: float = 1.0) -> Heatmap:
    values = np.zeros((6, 6))
    values[2, 3] = peak
    return Heatmap.of(values, "MEL", Method.GRADCAM, "features")


def make_report(prediction: Prediction = REFERRED, *names: str, own: tuple[Prediction, ...] = (), **facts) -> Report:
    """Of one photo `x.png`, or of those named; own: the prediction of each by itself, by default the one given."""
    photos = zip(names or ("x.png",), own or (prediction,) * max(len(names), 1), strict=True)
    shown = {"heatmap": make_map(), "scale_peak": 1.0, "prevalence": 0.2, "run": find_run(DEFAULT_RUN)}
    return Report(
        photos=tuple(ReportedPhoto(name, drawn_photo(), one) for name, one in photos),
        prediction=prediction,
        prediction_set=SET,
        **shown | facts,
    )
