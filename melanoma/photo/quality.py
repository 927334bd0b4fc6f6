"""Is this a usable photo of skin? A first gate, from eleven figures measured on the square the network sees.

It catches what is plainly wrong (blurred, dark, washed out, tiny, not skin) and is quiet otherwise: "good" means
that nothing plain was found, not that the photo is good. Thresholds were set on training and validation photos of
HAM10000 and ISIC 2017, degraded copies of them, and everyday photographs. Of 750 other such dermoscopy photos,
4 were doubtful and none unusable; of the everyday photographs, 87 % were flagged, and of photos blurred by a
Gaussian of 1 % and 2 % of their side, 91 % and 100 %. Light skin prevails in all these, so how often it is wrong on
dark skin is not known. A photo that shows skin but no lesion passes. What lies over the lesion and how it is framed:
obstructions.py, framing.py. `tests/fuzz/measure_gate.py` measures all of it on validation photos.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from melanoma.photo.damage import DARK, find_pixel_damage, find_steps
from melanoma.photo.framing import describe_framing
from melanoma.photo.lab_colours import convert_to_lab
from melanoma.photo.obstructions import describe_obstructions, measure_strokes, suspect_obstructions
from melanoma.photo.preprocessing import network_input
from melanoma.photo.skin_tone import describe_skin_tone

GOOD, DOUBTFUL, UNUSABLE = "good", "doubtful", "unusable"

CANONICAL = 128  # pixels a side at which everything is measured, so that sharpness compares between cameras

# (doubtful, unusable): the photo is flagged below these, above for WHITE and NOT_SKIN
SIDE = (CANONICAL, CANONICAL // 2)
DETAIL = (5.0, 1.8)
BRIGHTNESS = (50.0, 30.0)
WHITE = (0.3, 0.8)
# Skin is warm and smooth: ln(1 + detail) - WARMTH * warm, a logistic regression's line between dermoscopy and
# everyday photographs
WARMTH = 2.25
NOT_SKIN = (5.0, np.inf)  # never unusable: scalp under dense hair in blue light lies as far out as a street

# Colours, as the 95th percentile of a pixel's largest less smallest channel: of 5,900 real photos the greyest had 9
COLOUR = (8.0, -np.inf)
# Mean red less the mean of another channel. Light skin is red before it is green or blue: exchanging two channels
# turns the sign. Of real photos 0.1 to 1.2 % of a source lie below, in blue light.
RED_OVER_BLUE = (-15.0, -np.inf)
RED_OVER_GREEN = (-5.0, -np.inf)
# What is left of the colours when brightness explains them: of 4,553 real photos (five collections) the least was 1.08.
# Grey ones that were tinted and stored as JPEG have less than 1.0, but for those of low quality. How much the emptiest
# colour channel holds: of 1,553 of them the least was 91.
TINTED = (1.0, -np.inf)
BLOCK = 4  # pixels a side over which colours are averaged for it, as JPEG blurs them
CHANNEL = (8.0, -np.inf)
PLAIN = (0.6, np.inf)  # a page, or a screen, around a small photo; of the same photos the most was 0.54
LONG = (2.4, np.inf)  # wider pictures are panoramas, and scans of several photos; telephones go up to 2.33

LUMA = np.array([0.299, 0.587, 0.114], np.float32)


@dataclass(frozen=True)
class Measures:
    """What the gate looks at, on the centre square at CANONICAL pixels.

    side: shorter side of the photo in pixels; detail: variance of the Laplacian of brightness, as if the
    median brightness were 128; brightness: median, 0 to 255; white: share of pixels above 245 in all three
    channels; warm: share of pixels where red is the largest channel; colour: 95th percentile of the largest less the
    smallest channel; red_over_blue, red_over_green: difference of mean channels; all three -255 to 255.
    tint: what brightness leaves unexplained of a channel, standard deviation; channel: 99th percentile of the emptiest
    one; plain: share of pixels, neither dark nor white, that are as those beside them.
    """

    side: int
    detail: float
    brightness: float
    white: float
    warm: float
    colour: float
    red_over_blue: float
    red_over_green: float
    tint: float
    channel: float
    plain: float


@dataclass(frozen=True)
class Assessment:
    """What can be seen of a photo before any answer, made once and obeyed everywhere.

    quality: GOOD, DOUBTFUL or UNUSABLE; reasons: a plain sentence for each thing that is wrong, none when good;
    suspicions: sentences on what may be wrong but is not plain, for which the photo is not called routine; cautions:
    sentences on where the network is hardly tested, which are no fault of the photo and change no decision.
    """

    quality: str
    reasons: tuple[str, ...] = ()
    suspicions: tuple[str, ...] = ()
    cautions: tuple[str, ...] = ()

    @property
    def is_good(self) -> bool:
        """Whether nothing is wrong. A photo that is not good is never `routine`."""
        return self.quality == GOOD


def measure(pixels: np.ndarray) -> Measures:
    """pixels: (H, W, 3) uint8 sRGB -> what the gate looks at."""
    return measure_square(network_input(pixels, CANONICAL), min(pixels.shape[:2]))


def measure_square(pixels: np.ndarray, side: int) -> Measures:
    """pixels: (128, 128, 3) uint8 of a photo whose shorter side is `side` -> what the gate looks at."""
    square: np.ndarray = pixels.astype(np.float32)
    brightness = square @ LUMA
    median = max(float(np.median(brightness)), 1.0)
    inner = brightness[1:-1, 1:-1]
    around = brightness[:-2, 1:-1] + brightness[2:, 1:-1] + brightness[1:-1, :-2] + brightness[1:-1, 2:]
    red, green, blue = square[..., 0], square[..., 1], square[..., 2]
    # Far faster than a minimum and a maximum over an axis of three.
    least, most = np.minimum(np.minimum(red, green), blue), np.maximum(np.maximum(red, green), blue)
    return Measures(
        side=side,
        detail=float((4 * inner - around).var()) * (128 / median) ** 2,
        brightness=median,
        white=float((least > 245).mean()),
        warm=float(((red >= green) & (red >= blue)).mean()),
        colour=float(np.quantile(most - least, 0.95)),
        red_over_blue=float(red.mean() - blue.mean()),
        red_over_green=float(red.mean() - green.mean()),
        tint=_measure_tint(square),
        channel=float(np.quantile(square, 0.99, axis=(0, 1)).min()),
        plain=_measure_plain(square, least),
    )


def _measure_tint(square: np.ndarray) -> float:
    """How far a channel is from a curve of brightness (a cubic): next to nothing in a grey photo that was tinted."""
    blocks = CANONICAL // BLOCK
    channels = square.reshape(blocks, BLOCK, blocks, BLOCK, 3).mean(axis=(1, 3)).reshape(-1, 3)
    curve = np.vander((channels @ LUMA - 128) / 128, 4)
    return float((channels - curve @ np.linalg.lstsq(curve, channels, rcond=None)[0]).std(axis=0).max())


def _measure_plain(square: np.ndarray, least: np.ndarray) -> float:
    """Share of pixels that differ by no more than 1 from the four beside them. least: of their channels."""
    down, across = (np.abs(np.diff(square, axis=axis)).max(axis=2) <= 1 for axis in (0, 1))
    same = down[:-1, 1:-1] & down[1:, 1:-1] & across[1:-1, :-1] & across[1:-1, 1:]
    inner = least[1:-1, 1:-1]
    return float((same & (inner > DARK) & (inner <= 245)).mean())


def assess(pixels: np.ndarray, *, unchecked: bool = False) -> Assessment:
    """pixels: (H, W, 3) uint8 sRGB -> the worst quality that a measure gives, and why.

    unchecked: `Photo.is_unchecked`; razor-sharp edges then count as damage. 15 of 9,812 real photos have them.
    """
    return assess_with_square(pixels, network_input(pixels, CANONICAL), unchecked=unchecked)


def assess_with_square(pixels: np.ndarray, square: np.ndarray, *, unchecked: bool = False) -> Assessment:
    """As `assess`. square: (128, 128, 3) uint8, the `network_input` of the pixels at CANONICAL."""
    seen = measure_square(square, min(pixels.shape[:2]))
    unlike_skin = float(np.log1p(seen.detail)) - WARMTH * seen.warm
    is_dark = seen.brightness < BRIGHTNESS[0]  # the dark has no colours
    is_grey = not is_dark and seen.colour < COLOUR[0]
    found = [
        (_grade(SIDE, seen.side, low=True), f"The photo is small: its shorter side has only {seen.side} pixels."),
        (_grade(BRIGHTNESS, seen.brightness, low=True), "The photo is dark: most of it is close to black."),
        (_grade(WHITE, seen.white), f"The photo is overexposed: {seen.white:.0%} of it is white."),
        (_grade(DETAIL, seen.detail, low=True), "The photo is blurred: it shows no fine detail."),
        (
            int(is_grey),
            "The photo has no colours: the network learned from colour photos.",
        ),
        (
            0 if is_grey or is_dark else _grade(TINTED, seen.tint, low=True),
            "The photo has shades of one colour alone: it may be a grey one that was tinted.",
        ),
        (
            max(
                _grade(RED_OVER_BLUE, seen.red_over_blue, low=True),
                _grade(RED_OVER_GREEN, seen.red_over_green, low=True),
                0 if is_grey or is_dark else _grade(CHANNEL, seen.channel, low=True),
            ),
            "The photo has colours that skin has not: two colour channels may be exchanged, or one may be missing.",
        ),
        (
            _grade(PLAIN, seen.plain),
            f"{seen.plain:.0%} of the photo is of one plain colour, as of a page or screen around a smaller photo.",
        ),
        (
            _grade(LONG, max(pixels.shape[:2]) / min(pixels.shape[:2])),
            "The photo is long and narrow: only the square in its middle is looked at.",
        ),
        (
            int(find_pixel_damage(pixels) or (unchecked and find_steps(pixels))),
            "The photo may be damaged: a part of it repeats itself, is missing, or is cut by a seam or an edge.",
        ),
        (
            _grade(NOT_SKIN, unlike_skin),
            "The photo may not show skin: its colours and texture are unlike those of most photos of skin.",
        ),
    ]
    lab = convert_to_lab(square)
    looks_like_skin = not any(grade for grade, _ in found[1:])  # else what follows would be said of something else
    strokes = measure_strokes(lab)
    if looks_like_skin:
        over_it = describe_obstructions(strokes)
        found += [(1, sentence) for sentence in over_it or (describe_framing(lab),) if sentence]
    worst = max(grade for grade, _ in found)
    reasons = tuple(reason for grade, reason in found if grade)
    suspicions = suspect_obstructions(strokes) if looks_like_skin and not reasons else ()
    cautions = describe_skin_tone(lab) if looks_like_skin else ()
    return Assessment((GOOD, DOUBTFUL, UNUSABLE)[worst], reasons, suspicions, cautions)


def _grade(limits: tuple[float, float], value: float, low: bool = False) -> int:
    """0 where nothing is wrong, 1 beyond the first limit, 2 beyond the second; `low`: beyond means below."""
    return sum(value < limit if low else value > limit for limit in limits)
