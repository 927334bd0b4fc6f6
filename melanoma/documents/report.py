"""One answer as a report: its facts, which the PDF prints and the JSON holds. Made in memory, only when asked for."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from typing import NamedTuple

from melanoma import __version__
from melanoma.documents.case import CaseDetails
from melanoma.documents.cautions import Caution, list_cautions
from melanoma.documents.known_limits import summarise_limits
from melanoma.estimates import Estimate
from melanoma.explain import Heatmap
from melanoma.photo import Photo
from melanoma.run import PredictionSet, Run
from melanoma.serving import Prediction

NO_DETAILS = CaseDetails()


class ReportedPhoto(NamedTuple):
    """A photo of the lesion: its file's name, itself, and the prediction of it alone."""

    name: str
    photo: Photo
    prediction: Prediction


@dataclass(frozen=True, kw_only=True)
class Report:
    """What is reported about one lesion.

    photos: all that show it; pictured: place in `photos` of the one whose crop and map are printed; prediction: of the
    lesion, and with one photo that of the photo; heatmap: of the pictured photo, None without one; scale_peak: as for
    `charts.heatmaps.overlay`; case: what the clinician adds; prevalence: share of malignant lesions among those of the
    clinic, None for no predictive values; made: in UTC.
    """

    photos: tuple[ReportedPhoto, ...]
    prediction: Prediction
    prediction_set: PredictionSet
    run: Run
    heatmap: Heatmap | None
    scale_peak: float
    pictured: int = 0
    case: CaseDetails = NO_DETAILS
    prevalence: float | None = None
    made: datetime.datetime = field(default_factory=lambda: datetime.datetime.now(datetime.UTC))

    @property
    def picture(self) -> ReportedPhoto:
        """The photo that is printed with its map."""
        return self.photos[self.pictured]

    @property
    def is_of_several_photos(self) -> bool:
        """Whether one answer is given for several photos."""
        return len(self.photos) > 1

    @property
    def cautions(self) -> tuple[Caution, ...]:
        """What heads the page."""
        return list_cautions(self.prediction, len(self.photos))

    @property
    def limits(self) -> tuple[str, ...]:
        """What the network is known to be bad at, a sentence or two each."""
        return summarise_limits(self.run, self.prediction)

    @property
    def positive_predictive_value(self) -> Estimate | None:
        """On test, at the chosen prevalence: share of the referred that are malignant. None where not measured."""
        rates = self.prediction.point.test
        return rates.positive_value(self.prevalence) if self.prevalence else None

    @property
    def negative_predictive_value(self) -> Estimate | None:
        """On test, at the chosen prevalence: share below the threshold that are benign. None where not measured."""
        rates = self.prediction.point.test
        return rates.negative_value(self.prevalence) if self.prevalence else None


def name_program() -> str:
    """The program with its version, `melanoma 0.1.0`."""
    return f"melanoma {__version__}"
