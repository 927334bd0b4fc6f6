"""Which kind of photo a network takes a photo for, and what that means for the answer."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from melanoma.photo.quality import DOUBTFUL, GOOD, UNUSABLE, Assessment
from melanoma.sources import CLINICAL, DERMOSCOPIC, KINDS, OTHER

# Chosen on validation photos of the shipped network. Of these, 0.1 % of 1,711 dermoscopic and 0.2 % of 436 clinical
# photos reach WITHOUT_LESION, 97 % of 205 crops of bare skin and all of 55 everyday photos. 0.5 % of either kind reach
# SUSPECT, and 98 % of the crops.
WITHOUT_LESION = 0.15  # probability that a photo shows no lesion, from which it is taken for such
SUSPECT = 0.05  # the same, from which it is doubtful
SURE = 0.6  # probability of a kind below which a photo is doubtful
NO_LESION = "The photo may not show a skin lesion."
UNSURE = "It is not clear whether this is a dermoscopic photo or a clinical close-up."
LOOKS_LIKE = {
    DERMOSCOPIC: "The photo looks dermoscopic, but is read as a clinical close-up.",
    CLINICAL: "The photo looks like a clinical close-up, but is read as dermoscopic.",
}


@dataclass(frozen=True)
class KindOfPhoto:
    """The kind that decides which calibration answers, and where it comes from.

    kind: DERMOSCOPIC or CLINICAL, as the photo is read; seen: what the network takes it for, one of KINDS, None where
    it does not say; probabilities: of each of KINDS, None likewise; said: whether the user stated the kind.
    """

    kind: str
    seen: str | None = None
    probabilities: tuple[float, ...] | None = None
    said: bool = False

    @property
    def name(self) -> str:
        """The column `kind` of a row: OTHER where the photo may show no lesion, whatever it is read as."""
        return OTHER if self.seen == OTHER else self.kind

    @property
    def reason(self) -> str:
        """What is doubtful about the kind, in a sentence; empty where nothing is."""
        if self.probabilities is None:
            return ""
        chances = dict(zip(KINDS, self.probabilities, strict=True))
        if self.seen == OTHER or chances[OTHER] >= SUSPECT:
            return NO_LESION
        if self.said:
            return "" if self.seen in (None, self.kind) else LOOKS_LIKE[self.seen]
        return "" if chances[self.kind] >= SURE else UNSURE


def recognise_kind(probabilities: np.ndarray | None, said: str | None = None) -> KindOfPhoto:
    """probabilities: (3,) of KINDS, None from a network that does not say the kind; said: by the user.

    Without either, a photo is read as dermoscopic. One that may show no lesion is read as the likelier of both kinds.
    """
    if probabilities is None:
        return KindOfPhoto(said or DERMOSCOPIC, said=said is not None)
    chances = dict(zip(KINDS, map(float, probabilities), strict=True))
    likelier = max((DERMOSCOPIC, CLINICAL), key=chances.__getitem__)
    seen = see_kinds(probabilities[np.newaxis])[0]
    return KindOfPhoto(said or likelier, seen, tuple(chances.values()), said is not None)


def see_kinds(probabilities: np.ndarray) -> list[str]:
    """probabilities: (n, 3) of KINDS -> what each photo is taken for: no lesion, or the likelier of both kinds."""
    dermoscopic, clinical, other = (probabilities[:, KINDS.index(kind)] for kind in (DERMOSCOPIC, CLINICAL, OTHER))
    likelier = np.where(clinical > dermoscopic, CLINICAL, DERMOSCOPIC)
    return np.where(other >= WITHOUT_LESION, OTHER, likelier).tolist()


def add_kind(assessment: Assessment, kind: KindOfPhoto) -> Assessment:
    """The assessment with what is doubtful about the kind first: a photo that may show no lesion is unusable."""
    if not kind.reason:
        return assessment
    worst = UNUSABLE if kind.seen == OTHER else DOUBTFUL
    order = (GOOD, DOUBTFUL, UNUSABLE)
    quality = max(assessment.quality, worst, key=order.index)
    return replace(assessment, quality=quality, reasons=(kind.reason, *assessment.reasons))
