"""sRGB -> CIE L*a*b*, in which distances are as the eye sees them: lightness apart from colour."""

from __future__ import annotations

import numpy as np

# IEC 61966-2-1: 8-bit sRGB -> linear light, and linear sRGB -> CIE XYZ, here as shares of the white point D65
_LEVELS = np.arange(256) / 255
_LINEAR = np.where(_LEVELS <= 0.04045, _LEVELS / 12.92, ((_LEVELS + 0.055) / 1.055) ** 2.4).astype(np.float32)
_TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]],
    np.float32,
) / np.array([[0.95047], [1.0], [1.08883]], np.float32)
_DARK = 216 / 24389  # below which the cube root is replaced by a straight line


def convert_to_lab(pixels: np.ndarray) -> np.ndarray:
    """pixels: (H, W, 3) uint8 sRGB -> (3, H, W) float32: L* 0 to 100, a* (green to red), b* (blue to yellow).

    CIE 15: white point D65.
    """
    shares = _LINEAR[pixels] @ _TO_XYZ.T  # (H, W, 3)
    x, y, z = np.moveaxis(np.where(shares > _DARK, np.cbrt(shares), 841 / 108 * shares + 4 / 29), 2, 0)
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)]).astype(np.float32)
