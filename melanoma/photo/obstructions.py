"""What lies over the lesion or round it: pen marks, and dark hair or other dark lines.

A pen's stroke is narrow, and of a colour that its surroundings are not: seen from both sides, across, it is a ridge in
one of the axes of CIE L*a*b*. Pixels of a ridge in the colour of a pen are counted, within a circle that leaves out the
corners, where rulers and the rim of a dermatoscope lie.

Not looked for: gel and its bubbles, and rulers at the border.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np

# Pixels of the square of 128 from a pixel to what it is compared with, on either side
FINE, NARROW, WIDE = (2, 4), (4, 7), (12, 20)
ROUND = 0.47  # radius of the circle within which is looked, in shares of the side
INNER = 0.36  # the same, for marks that are as wide as a lesion

INK = (
    "The photo shows ink, or something else in a colour that skin has not: the network may take it for the lesion, so "
    "photograph the lesion without it."
)
DARK_LINES = (
    "The photo shows dark hair, a pen's line or other dark lines over the lesion: the network may take them for the "
    "lesion, so photograph it without them."
)
MAY_BE_COVERED = "Ink, hair or something else may lie over the lesion."


@dataclass(frozen=True)
class Strokes:
    """Pixels of the square of 128 that lie on strokes of a colour; see `measure_strokes`.

    The last four are for suspicions alone. fine: narrow, dark, and bluer than both sides or without colour; faint_red:
    as red, of less contrast; wide_red: as wide as a lesion; even: dark, of little colour, and without texture.
    """

    blue: int
    wide_blue: int
    green: int
    red: int
    dark: int
    fine: int
    faint_red: int
    wide_red: int
    even: int


# More pixels than this are plain. Of 1,674 dermoscopic validation photos that nothing else is said of, 15 have more:
# seven show ink, two a coloured sticker, one thick hair, five a crust or blood. Of 425 clinical ones 24 have more, and
# all of these show ink or a sticker.
PLAIN_INK = {"blue": 118, "wide_blue": 550, "green": 93, "red": 100}
PLAIN_DARK = 389

# More than this may be something: such a photo is not called routine. The first five are about a third of what is
# plain; the others were chosen on half of the validation photos, by trials of ink that the first five missed.
SUSPECT = {
    "blue": 41,
    "wide_blue": 192,
    "green": 33,
    "red": 35,
    "dark": 136,
    "fine": 8,
    "faint_red": 10,
    "wide_red": 20,
    "even": 200,
}


def suspect_obstructions(strokes: Strokes) -> tuple[str, ...]:
    """A sentence where something may lie over the lesion."""
    return (MAY_BE_COVERED,) if _exceeds(strokes, SUSPECT) else ()


def describe_obstructions(strokes: Strokes) -> tuple[str, ...]:
    """A sentence for each thing that lies over the lesion."""
    return ((INK,) if _exceeds(strokes, PLAIN_INK) else ()) + ((DARK_LINES,) if strokes.dark > PLAIN_DARK else ())


def _exceeds(strokes: Strokes, limits: Mapping[str, int]) -> bool:
    return any(getattr(strokes, name) > limit for name, limit in limits.items())


def measure_strokes(lab: np.ndarray) -> Strokes:
    """lab: (3, 128, 128) as of `convert_to_lab` -> pixels on strokes, by the colours that pens have.

    Limits of lightness and colour were set on training and validation photos, and on some with marks drawn on them.
    """
    light, red, yellow = lab
    side = light.shape[0]
    inside, within = _disc(side, ROUND), _disc(side, INNER)
    colour = red**2 + yellow**2  # the square of the chroma
    red_ridges = find_ridges(red, NARROW)
    unlike_skin = (find_ridges(-yellow, FINE) > 8) | (colour < 12**2)

    def count(mask: np.ndarray, area: np.ndarray) -> int:
        return int(np.count_nonzero(mask & area))

    return Strokes(
        blue=count((find_ridges(-yellow, NARROW) > 20) & (yellow < -5), inside),
        wide_blue=count((find_ridges(-yellow, WIDE) > 20) & (yellow < -15), within),
        green=count((find_ridges(-red, NARROW + WIDE) > 8) & (red < -10), inside),
        red=count((red_ridges > 20) & (red > 45), inside),
        dark=count((find_ridges(-light, NARROW) > 20) & (light < 40), inside),
        fine=count((find_ridges(-light, FINE) > 18) & unlike_skin, inside),
        faint_red=count((red_ridges > 15) & (red > 45), inside),
        wide_red=count((find_ridges(red, WIDE) > 30) & (red > 45), within),
        even=count((_find_steps(light) < 1) & (light < 40) & (colour < 25**2), inside),
    )


def find_ridges(values: np.ndarray, distances: tuple[int, ...]) -> np.ndarray:
    """values: (s, s) float32 -> (s, s): how far each pixel stands above both of its neighbours at some distance.

    The largest over distances (pixels) and four directions of the difference to the higher of both neighbours. Beyond
    the border, the border's own values go on.
    """
    side, most = values.shape[0], max(distances)
    padded = np.pad(values, most, mode="edge")

    def shifted(down: int, right: int) -> np.ndarray:
        return padded[most + down : most + down + side, most + right : most + right + side]

    lowest, higher = np.full_like(values, np.inf), np.empty_like(values)
    for far in distances:
        near = round(far * 0.7)  # on a diagonal
        for down, right in ((0, far), (far, 0), (near, near), (near, -near)):
            np.maximum(shifted(down, right), shifted(-down, -right), out=higher)
            np.minimum(lowest, higher, out=lowest)
    return values - lowest


def _find_steps(values: np.ndarray) -> np.ndarray:
    """values: (s, s) -> (s, s): the largest difference of each pixel to the four beside it."""
    padded = np.pad(values, 1, mode="edge")
    down, right = np.abs(np.diff(padded, axis=0))[:, 1:-1], np.abs(np.diff(padded, axis=1))[1:-1]
    return np.maximum(np.maximum(down[:-1], down[1:]), np.maximum(right[:, :-1], right[:, 1:]))


@cache
def _disc(side: int, radius: float) -> np.ndarray:
    """(side, side) bool: the pixels within `radius`, in shares of the side, of the middle."""
    y, x = np.indices((side, side)) - (side - 1) / 2
    return np.hypot(y, x) < radius * side
