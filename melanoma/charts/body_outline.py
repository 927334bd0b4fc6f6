"""The body as regions on a frame of 100 by 200, seen from the front and from the back: drawn for this program.

A region is drawn once, for the half on the viewer's right, and mirrored. y grows downwards.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from melanoma.casebook.vocabulary import BACK, FRONT

WIDTH, HEIGHT = 100, 200
MIDDLE = WIDTH / 2
CENTRAL = 4  # from the middle line: neither left nor right

Points = tuple[tuple[float, float], ...]


@dataclass(frozen=True, eq=False)
class Region:
    """One outline of a site in a view; x, y: (n,) float, closed by its first point. half: lies on one side alone."""

    site: str
    view: str
    x: np.ndarray
    y: np.ndarray
    half: bool

    def holds(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """x, y: (n,) -> (n,) bool, whether each lies inside (even-odd rule)."""
        inside = np.zeros(len(x), bool)
        ends = zip(np.roll(self.x, 1), np.roll(self.y, 1), strict=True)
        for (x1, y1), x2, y2 in zip(ends, self.x, self.y, strict=True):
            if y1 != y2:
                crosses = ((y1 > y) != (y2 > y)) & (x < x1 + (y - y1) * (x2 - x1) / (y2 - y1))
                inside ^= crosses
        return inside


def _draw_ellipse(x: float, y: float, width: float, height: float, start: int = 0, end: int = 360) -> Points:
    """From the angle `start` to `end`, degrees from the right, downwards; width, height: its half axes."""
    angles = np.radians(np.arange(start, end + (end - start < 360), 15))
    return tuple((x + width * float(np.cos(a)), y + height * float(np.sin(a))) for a in angles)


HEAD = (MIDDLE, 19.0, 10.0, 14.0)
# On the middle line: the whole outline. Else: the half on the viewer's right.
WHOLE: dict[str, tuple[tuple[str, Points], ...]] = {
    FRONT: (
        ("scalp", _draw_ellipse(*HEAD, 205, 335)),
        ("face", _draw_ellipse(*HEAD, -25, 205)),
        ("lip", _draw_ellipse(MIDDLE, 26.5, 4, 1.8)),
        ("neck", ((45, 31), (55, 31), (56, 40), (44, 40))),
        ("chest", ((44, 40), (56, 40), (61, 43), (65.5, 54), (64, 67), (36, 67), (34.5, 54), (39, 43))),
        ("abdomen", ((36, 67), (64, 67), (62.5, 77), (64, 88), (57, 93), (43, 93), (36, 88), (37.5, 77))),
        ("genitals", ((43, 93), (57, 93), (52.5, 102), (47.5, 102))),
    ),
    BACK: (
        ("scalp", _draw_ellipse(*HEAD)),
        ("neck", ((45, 31), (55, 31), (56, 40), (44, 40))),
        ("upper-back", ((44, 40), (56, 40), (61, 43), (65.5, 54), (64, 67), (36, 67), (34.5, 54), (39, 43))),
        ("lower-back", ((36, 67), (64, 67), (62.5, 77), (64, 86), (36, 86), (37.5, 77))),
    ),
}
LIMBS: tuple[tuple[str, Points], ...] = (
    ("ear", _draw_ellipse(62, 19.5, 1.9, 3.6)),
    ("shoulder", ((56, 40), (66, 42.5), (72, 47.5), (74, 55), (65.5, 56), (65.5, 54), (61, 43))),
    ("upper-arm", ((65.5, 56), (74, 55), (77, 66), (79.5, 79), (73, 81), (68, 68))),
    ("forearm", ((73, 81), (79.5, 79), (84.5, 93), (87, 104), (82.5, 106), (77, 95))),
    ("hand", ((82.5, 106), (87, 104), (91, 111), (91.5, 119), (87.5, 122), (84.5, 116))),
    ("lower-leg", ((53, 140), (63, 140), (64.5, 152), (60.5, 178), (54.5, 178), (53, 155))),
    ("foot", ((54.5, 178), (60.5, 178), (63.5, 187), (61, 191), (54, 191))),
)
HALVES: dict[str, tuple[tuple[str, Points], ...]] = {
    FRONT: (
        *LIMBS,
        ("thigh", ((57, 93), (64, 88), (67.5, 100), (66.5, 120), (63, 140), (53, 140), (51, 104), (52.5, 102))),
        ("nail", _draw_ellipse(90, 124.5, 1.8, 2.2)),
        ("nail", _draw_ellipse(57.5, 194, 2.6, 1.8)),
    ),
    BACK: (
        *LIMBS,
        ("buttock", ((50, 86), (64, 86), (67.5, 98), (66.5, 104), (58, 107), (50, 104))),
        ("thigh", ((50, 104), (58, 107), (66.5, 104), (66.5, 120), (63, 140), (53, 140), (51, 112))),
    ),
}


def _make_regions() -> tuple[Region, ...]:
    regions = []
    for view in (FRONT, BACK):
        for site, points in WHOLE[view]:
            x, y = np.array(points).T
            regions.append(Region(site, view, x, y, half=False))
        for site, points in HALVES[view]:
            x, y = np.array(points).T
            regions += [Region(site, view, x, y, half=True), Region(site, view, WIDTH - x, y, half=True)]
    return tuple(regions)


REGIONS = _make_regions()


def name_side(region: Region, x: float) -> str:
    """left or right, of the patient's body; empty near the middle line. The front view faces the viewer."""
    if abs(x - MIDDLE) < CENTRAL and not region.half:
        return ""
    return "left" if (x > MIDDLE) == (region.view == FRONT) else "right"
