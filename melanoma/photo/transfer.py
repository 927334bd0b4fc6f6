"""How a file's numbers stand for light, where no colour profile says it.

A PNG may name its gamma (PNG specification, third edition, 11.3.2), and PNG, HEIC and AVIF the code of a curve of video
(ITU-T H.273, table 3). Photos on screens have about the curve of sRGB; what is linear or made for bright screens would
come out far too dark or too pale.
"""

from __future__ import annotations

import struct

import numpy as np
from PIL import Image

from melanoma.photo.limits import PhotoError

LIKE_SRGB = (1, 2, 4, 5, 6, 13, 14, 15)  # codes of curves: of television and of sRGB; 2: not said
SRGB_PRIMARIES = (1, 2, 4, 5, 6, 7)  # codes of primaries, table 2: of sRGB, and of television, which are close
SRGB_GAMMA, TOLERANCE = 1 / 2.2, 0.05
GAMMAS = (0.2, 1.5)  # others are mistakes
PNG_CODE, PNG_PIXELS, BOX_CODE = b"cICP", b"IDAT", b"colrnclx"
SRGB_CORNERS = (0.3127, 0.329, 0.64, 0.33, 0.3, 0.6, 0.15, 0.06)  # x and y of white, red, green and blue
CORNER_TOLERANCE = 0.02
WIDER = "its colours are of another range than those of sRGB, and were read as those: colours may be off"
OTHER_CURVE = (
    "This photo is stored in colours for very bright screens, or in linear ones, which are not read here: "
    "export it as an ordinary JPEG or PNG and use that file."
)


def check_curve(data: bytes, format_: str, notes: list[str], *, has_profile: bool) -> None:
    """Raises PhotoError for a PNG, HEIF or AVIF file that names a curve unlike sRGB's; notes wider colours than its."""
    primaries = curve = 2
    if format_ == "PNG":  # whose codes go before its profile
        at = data.find(PNG_CODE, 0, max(data.find(PNG_PIXELS), 0))
        if at >= 0:
            primaries, curve = data[at + 4 : at + 6]
    elif format_ in ("HEIF", "AVIF") and not has_profile:
        at = data.find(BOX_CODE)
        if at >= 0:
            primaries, curve = struct.unpack(">2H", data[at + 8 : at + 12])
    if curve not in LIKE_SRGB:
        raise PhotoError(OTHER_CURVE)
    if primaries not in SRGB_PRIMARIES:
        notes.append(WIDER)


def apply_gamma(image: Image.Image, info: dict, notes: list[str]) -> Image.Image:
    """A PNG without a profile, mode L or RGB, in the curve of sRGB. info: what Pillow read of it."""
    corners = info.get("chromaticity", SRGB_CORNERS)
    if "srgb" not in info and not np.allclose(corners, SRGB_CORNERS, rtol=0, atol=CORNER_TOLERANCE):
        notes.append(WIDER)
    gamma = info.get("gamma")
    if gamma is None or "srgb" in info or abs(gamma - SRGB_GAMMA) <= TOLERANCE:
        return image
    if not GAMMAS[0] <= gamma <= GAMMAS[1]:
        notes.append("its gamma could not be used and was ignored: colours may be off")
        return image
    light = (np.arange(256) / 255) ** (1 / gamma)
    curve = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)  # IEC 61966-2-1
    notes.append("colours converted from its own gamma to that of sRGB")
    return image.point((255 * curve + 0.5).astype(int).tolist() * len(image.getbands()))
