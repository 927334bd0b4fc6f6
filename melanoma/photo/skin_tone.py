"""How dark the skin in a photo looks, to say where a network is hardly tested. It is never a label of the patient.

Measured: the individual typology angle (ITA) of the skin at the border of the photo. Light, white balance and tan move
it as well as the person does.
"""

from __future__ import annotations

import numpy as np

BORDER = 12  # pixels of the square of 128 at each side: mostly skin and no lesion
LIGHTER = 0.6  # quantile of the border's lightness above which it counts: vignette, hair and lesion are darker
GLARE = 97  # of 100: lightness above which a pixel is light, not skin
# Degrees. Of 3,600 training photos, weighted to all, 2 % have less: 1 % of dermoscopic and 6 % of clinical ones.
DARK = 10.0
CAUTION = (
    "The skin in this photo looks darker than in 98 of 100 photos that the network learned from: with such photos this "
    "answer is hardly tested."
)


def describe_skin_tone(lab: np.ndarray) -> tuple[str, ...]:
    """lab: (3, 128, 128) as of `convert_to_lab` -> CAUTION where the skin looks darker than in nearly all training."""
    return (CAUTION,) if measure_skin_tone(lab) < DARK else ()


def measure_skin_tone(lab: np.ndarray) -> float:
    """lab: (3, 128, 128) as of `convert_to_lab` -> ITA in degrees, lower for darker skin; NaN where all is glare.

    Chardon, Cretois, Hourseau 1991, Skin colour typology and suntanning pathways: arctan((L* - 50) / b*), of the
    medians here.
    """
    border = np.ones(lab.shape[1:], bool)
    border[BORDER:-BORDER, BORDER:-BORDER] = False
    lightness, yellow = lab[0][border], lab[2][border]
    skin = (lightness >= np.quantile(lightness, LIGHTER)) & (lightness < GLARE)
    if not skin.any():
        return float("nan")
    return float(np.degrees(np.arctan2(np.median(lightness[skin]) - 50, np.median(yellow[skin]))))
