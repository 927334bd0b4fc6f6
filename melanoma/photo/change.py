"""Area and colour of one lesion in two photos, where both outlines are plain and the skin around ties the scale.

The scale must come from places on the skin: by places on the lesion, a lesion that has grown evenly would be zoomed
back to what it was, and its growth would not be seen.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from melanoma.photo.lab_colours import convert_to_lab
from melanoma.photo.registration import Registration, fit_similarity

TIES = 6  # places on the skin that tie the scale, at least
APART = 0.3  # of the fixed photo's longer side: how far from each other these lie at least
MARGIN = 0.03  # of the fixed photo's longer side: how far from the outline skin begins
RING = 0.08  # of the longer side: how far from there the skin reaches whose colour is compared with


@dataclass(frozen=True)
class Change:
    """From the fixed (earlier) photo to the moving (later) one.

    area: of the lesion, later over earlier, above 0; colour: (3,) float64, how much lighter, redder and yellower the
    lesion has become beside its own skin, in CIE L*a*b*; ties: places on the skin that the scale rests on.
    """

    area: float
    colour: np.ndarray
    ties: int

    @property
    def colour_difference(self) -> float:
        """CIE 1976, which the eye sees from about 2 on."""
        return float(np.linalg.norm(self.colour))


def measure_change(
    moving: np.ndarray, fixed: np.ndarray, outlines: tuple[np.ndarray, np.ndarray], registration: Registration
) -> Change | None:
    """moving, fixed: (H, W, 3) uint8, the later and the earlier photo; outlines: of either, (H, W) bool.

    None where the registration was made by hand, or too few of its places lie on the skin, far enough apart.
    """
    ties = find_ties(outlines, registration)
    if registration.by_hand or ties.sum() < TIES or measure_spread(registration.fixed[ties]) < APART * max(fixed.shape):
        return None
    tied = fit_similarity(registration.moving[ties], registration.fixed[ties])
    zoom = float(np.hypot(tied[0, 0], tied[1, 0]))
    later, earlier = outlines
    colour = compare_with_skin(moving, later) - compare_with_skin(fixed, earlier)
    return Change(float(zoom**2 * later.sum() / earlier.sum()), colour, int(ties.sum()))


def find_ties(outlines: tuple[np.ndarray, np.ndarray], registration: Registration) -> np.ndarray:
    """(k,) bool: which places of the registration lie on the skin in both photos."""
    on_skin = np.ones(registration.agreeing, bool)
    for outline, places in zip(outlines, (registration.moving, registration.fixed), strict=True):
        far = ndimage.distance_transform_edt(~outline) > MARGIN * max(outline.shape)
        x, y = (np.clip(places[:, i].astype(int), 0, outline.shape[1 - i] - 1) for i in (0, 1))
        on_skin &= far[y, x]
    return on_skin


def measure_spread(places: np.ndarray) -> float:
    """The diagonal of the box around (k, 2) places."""
    return float(np.hypot(*np.ptp(places, axis=0)))


def compare_with_skin(pixels: np.ndarray, outline: np.ndarray) -> np.ndarray:
    """(3,) float64, L*a*b* of the lesion less that of the skin around it: light and white balance cancel in part."""
    lab, side = convert_to_lab(pixels), max(outline.shape)
    distance = ndimage.distance_transform_edt(~outline)
    skin = (distance > MARGIN * side) & (distance < (MARGIN + RING) * side)
    if not skin.any():
        skin = ~outline
    return (lab[:, outline].mean(axis=1) - np.median(lab[:, skin], axis=1)).astype(np.float64)
