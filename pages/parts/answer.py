"""What the chosen network answers about the open photo: made once a visitor, and anew when the run's files change."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import streamlit as st

from melanoma.explain import Heatmap, find_scale_peak, read_heatmaps
from melanoma.photo import Photo, PhotoError
from melanoma.run import PredictionSet, Run
from melanoma.serving import Classifier, Prediction, answer_lesion
from pages.parts.open_photos import OpenPhoto
from pages.parts.open_runs import DRAWING, open_classifier, use_explainer
from pages.parts.session import get_session
from pages.parts.turns import read_in_turn, wait_for_turn


@dataclass(frozen=True)
class Answer:
    """A prediction about an open photo, with its nine heatmaps by diagnosis and the run that made them.

    `lesion`: name, photo and own prediction of each photo, where the prediction is of the lesion that several show.
    """

    name: str  # of the photo's file
    photo: Photo
    run: Run
    classifier: Classifier
    prediction: Prediction
    heatmaps: dict[str, Heatmap]
    lesion: tuple[tuple[str, Photo, Prediction], ...] = ()

    @property
    def scale_peak(self) -> float:
        """The one scale of the nine heatmaps: the strongest raw peak among them."""
        return find_scale_peak(self.heatmaps)

    @property
    def prediction_set(self) -> PredictionSet:
        """Which diagnoses the run's answers to such photos name."""
        calibration = self.classifier.calibration
        if self.prediction.shows_both_kinds and calibration.pair is not None:
            return calibration.pair.prediction_set
        return calibration.of_kind(self.prediction.kind.kind).prediction_set

    def answer_crops(self, crops: np.ndarray) -> np.ndarray:
        """(n, s, s, 3) uint8, changed crops of this photo -> (n, 9) probabilities, calibrated as the answer is."""
        return self.classifier.answer(crops, self.of_photo.kind.kind)

    @property
    def of_photo(self) -> Prediction:
        """The prediction of the photo on the page by itself."""
        own = (prediction for _, photo, prediction in self.lesion if photo.sha256 == self.photo.sha256)
        return next(own, self.prediction)

    @property
    def key(self) -> str:
        """Of widgets that begin anew with every photo."""
        return self.photo.sha256[:16]


def read_open_photo(photo: OpenPhoto) -> Photo:
    """The photo's pixels.

    A file that is no photo is closed and the page begins anew: the photo picker then says why, and the next photo is
    on the page.
    """
    session = get_session()
    try:
        return session.keep(("photo", photo.sha256), lambda: read_in_turn(photo.data))
    except PhotoError as error:
        session.photos.refuse(photo, str(error))
        st.rerun()


def predict_photo(photo: Photo, run: Run, operating_point: str) -> Prediction:
    """The run's prediction, for the kind of photo that the visitor stated if any. Raises RunError."""
    classifier, kind = open_classifier(run), get_session().kinds.get(photo.sha256)

    def predict() -> Prediction:
        with wait_for_turn(), st.spinner("Reading the photo …"):
            return classifier.predict(photo, operating_point, kind)

    return get_session().keep(("prediction", photo.sha256, run.answer_sha256, operating_point, kind), predict)


def answer_photo(name: str, photo: Photo, run: Run, operating_point: str) -> Answer:
    """The run's answer at an operating point. Raises RunError."""
    prediction = predict_photo(photo, run, operating_point)

    def make_heatmaps() -> dict[str, Heatmap]:
        if prediction.maps is not None:
            return read_heatmaps(prediction)
        with use_explainer(run) as explainer, st.spinner(DRAWING):
            return explainer.make_heatmaps(prediction.input)

    heatmaps = get_session().keep(("heatmaps", photo.sha256, run.answer_sha256), make_heatmaps)
    return Answer(name, photo, run, open_classifier(run), prediction, heatmaps)


def join_photos(answer: Answer, photos: Sequence[OpenPhoto], operating_point: str) -> Answer:
    """The answer for the lesion that all of `photos` show, with the heatmaps of the photo on the page.

    Raises RunError.
    """
    lesion = []
    for open_photo in photos:
        photo = read_open_photo(open_photo)
        lesion.append((open_photo.name, photo, predict_photo(photo, answer.run, operating_point)))
    joined = answer_lesion(answer.classifier, [prediction for _, _, prediction in lesion], operating_point)
    joined = replace(joined, input=answer.prediction.input, maps=answer.prediction.maps)
    return replace(answer, prediction=joined, lesion=tuple(lesion))
