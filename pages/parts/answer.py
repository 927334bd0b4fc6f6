"""What the chosen network answers about the open photo: made once a visitor, and anew when the run's files change."""

from dataclasses import dataclass

import streamlit as st

from melanoma.explain import Heatmap, find_scale_peak, read_heatmaps
from melanoma.photo import ENOUGH, Assessment, Photo, PhotoError, assess, read_photo_safely
from melanoma.run import PredictionSet, Run
from melanoma.serving import Classifier, Prediction
from pages.parts.open_photos import OpenPhoto
from pages.parts.open_runs import open_classifier, open_explainer
from pages.parts.session import get_session


@dataclass(frozen=True)
class Answer:
    """A prediction about an open photo, with its nine heatmaps by diagnosis and the run that made them."""

    name: str  # of the photo's file
    photo: Photo
    run: Run
    classifier: Classifier
    prediction: Prediction
    heatmaps: dict[str, Heatmap]

    @property
    def scale_peak(self) -> float:
        """The one scale of the nine heatmaps: the strongest raw peak among them."""
        return find_scale_peak(self.heatmaps)

    @property
    def prediction_set(self) -> PredictionSet:
        """Which diagnoses the run's answers name."""
        return self.classifier.calibration.prediction_set

    @property
    def key(self) -> str:
        """Of widgets that begin anew with every photo."""
        return self.photo.sha256[:16]


def read_open_photo(photo: OpenPhoto) -> tuple[Photo, Assessment]:
    """The photo's pixels and what is wrong with them.

    A file that is no photo is closed and the page begins anew: the photo picker then says why, and the next photo is
    on the page.
    """

    def read() -> tuple[Photo, Assessment]:
        with st.spinner("Reading the photo …"):
            pixels = read_photo_safely(photo.data, ENOUGH)
            return pixels, assess(pixels.pixels, unchecked=pixels.is_unchecked)

    session = get_session()
    try:
        return session.keep(("photo", photo.sha256), read)
    except PhotoError as error:
        session.photos.refuse(photo, str(error))
        st.rerun()


def answer_photo(name: str, photo: Photo, run: Run, operating_point: str) -> Answer:
    """The run's answer at an operating point. Raises RunError."""
    classifier = open_classifier(run)

    def predict() -> Prediction:
        with st.spinner("Reading the photo …"):
            return classifier.predict(photo, operating_point)

    def make_heatmaps() -> dict[str, Heatmap]:
        if prediction.maps is not None:
            return read_heatmaps(prediction)
        explainer = open_explainer(run)
        with st.spinner("Making nine heatmaps …"):
            return explainer.make_heatmaps(prediction.input)

    session, both = get_session(), (photo.sha256, run.answer_sha256)
    prediction = session.keep(("prediction", *both, operating_point), predict)
    return Answer(name, photo, run, classifier, prediction, session.keep(("heatmaps", *both), make_heatmaps))
