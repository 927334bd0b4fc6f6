"""Real artefacts of dermoscopy (bubbles, ink, rulers) put on other photos, and controls without meaning.

Reads the cut-outs of Katsch, Rinner, Tschandl 2022 (doi:10.5826/dpc.1203a126). Training draws its own
artefacts and never sees these.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from melanoma.photo.preprocessing import RESAMPLING

FRAME_HEIGHT = 450  # pixels, of the photos that the cut-outs were cut from
VISIBLE = 8  # of 255: a pixel that changes by less is not counted as part of the artefact
KINDS = {"bubble": "gel bubbles", "marking": "ink", "ruler": "ruler"}


@dataclass(frozen=True)
class Piece:
    """One cut-out: new pixel = gain * pixel + offset. Both (h, w, 3) float32; gain 0..1, offset -255..255."""

    gain: np.ndarray
    offset: np.ndarray

    def change(self) -> np.ndarray:
        """(h, w) how far a mid-grey pixel moves, of 255."""
        return np.abs((self.gain - 1) * 128 + self.offset).max(axis=2)


@dataclass(frozen=True)
class Artefact:
    """All cut-outs of one photo: files, (with, without) for a difference or (stamp,) for ink on white."""

    kind: str
    name: str
    files: tuple[tuple[Path, ...], ...]

    def pieces(self, size: int) -> list[Piece]:
        """The cut-outs as large as they would be in a network input of `size` x `size`."""
        return [read_piece(paths, size / FRAME_HEIGHT) for paths in self.files]


@dataclass(frozen=True)
class Placement:
    """A piece at row `top`, column `left` of a picture; it lies within the picture."""

    piece: Piece
    top: int
    left: int


def read_artefacts(folder: Path) -> list[Artefact]:
    """The artefacts that `folder`/meta.json lists, in its order. Raises FileNotFoundError without it."""
    entries = json.loads((folder / "meta.json").read_text())["artefacts"]
    artefacts = [Artefact(e["class"], e["name"], list_cut_outs(folder / e["artefact_folder"])) for e in entries]
    return [artefact for artefact in artefacts if artefact.files]


def list_cut_outs(folder: Path) -> tuple[tuple[Path, ...], ...]:
    """PNG files of one artefact: each `..._with...` with its `..._without...`, or stamps by themselves."""
    paths = sorted(folder.glob("*.png"))
    stamps = [(path,) for path in paths if "_with" not in path.name]
    with_paths = [path for path in paths if "_with" in path.name and "_without" not in path.name]
    pairs = [(path, path.with_name(path.name.replace("_with", "_without"))) for path in with_paths]
    return (*stamps, *(pair for pair in pairs if pair[1].exists()))


def read_piece(paths: tuple[Path, ...], scale: float) -> Piece:
    """One cut-out, scaled: a difference that is added, or ink whose white lets everything through."""
    arrays = []
    for path in paths:
        with Image.open(path) as image:
            size = (max(2, round(image.width * scale)), max(2, round(image.height * scale)))
            arrays.append(np.asarray(image.convert("RGB").resize(size, RESAMPLING), np.float32))
    if len(arrays) == 1:
        return Piece(arrays[0] / 255, np.zeros_like(arrays[0]))
    return Piece(np.ones_like(arrays[0]), arrays[0] - arrays[1])


def place_pieces(pieces: list[Piece], size: int, rng: np.random.Generator) -> list[Placement]:
    """Each piece at a random quarter turn and place of a (size, size) picture, cut off where it is longer."""
    placements = []
    for one in pieces:
        turn = int(rng.integers(4))
        gain, offset = np.rot90(one.gain, turn), np.rot90(one.offset, turn)
        rows, columns = (choose_stretch(length, size, rng) for length in gain.shape[:2])
        cut = Piece(gain[rows, columns], offset[rows, columns])
        height, width = cut.gain.shape[:2]
        placements.append(Placement(cut, int(rng.integers(size - height + 1)), int(rng.integers(size - width + 1))))
    return placements


def choose_stretch(length: int, size: int, rng: np.random.Generator) -> slice:
    """A random stretch of `length` no longer than `size`."""
    start = int(rng.integers(max(0, length - size) + 1))
    return slice(start, start + min(length, size))


def apply_pieces(pixels: np.ndarray, placements: list[Placement]) -> np.ndarray:
    """pixels: (s, s, 3) uint8 -> a copy with the pieces on it."""
    result = pixels.astype(np.float32)
    for one in placements:
        height, width = one.piece.gain.shape[:2]
        window = result[one.top : one.top + height, one.left : one.left + width]
        window[...] = np.clip(one.piece.gain * window + one.piece.offset, 0, 255)
    return result.round().astype(np.uint8)


def shuffle_pieces(placements: list[Placement], rng: np.random.Generator) -> list[Placement]:
    """Control: the same changes of as many pixels in the same windows, in no order: noise."""
    result = []
    for one in placements:
        shape = one.piece.gain.shape
        order = rng.permutation(shape[0] * shape[1])
        gain, offset = (a.reshape(-1, 3)[order].reshape(shape) for a in (one.piece.gain, one.piece.offset))
        result.append(Placement(Piece(gain, offset), one.top, one.left))
    return result


def replace_by_patches(placements: list[Placement]) -> list[Placement]:
    """Control: an even patch of as many pixels in the middle of each window, changed by as much on average."""
    return [Placement(make_patch(one.piece), one.top, one.left) for one in placements]


def make_patch(one: Piece) -> Piece:
    """The even patch that stands for one piece, in a window of the same shape."""
    visible = one.change() > VISIBLE
    gain, offset = np.ones_like(one.gain), np.zeros_like(one.offset)
    if visible.any():
        height, width = visible.shape
        side = np.sqrt(visible.mean())
        h, w = max(1, round(height * side)), max(1, round(width * side))
        top, left = (height - h) // 2, (width - w) // 2
        gain[top : top + h, left : left + w] = 1 + average_change(one.gain[visible] - 1)
        offset[top : top + h, left : left + w] = average_change(one.offset[visible])
    return Piece(gain, offset)


def average_change(changes: np.ndarray) -> np.ndarray:
    """changes: (k, 3) -> (3,) their mean size with the sign of their mean."""
    return np.sign(changes.mean(axis=0)) * np.abs(changes).mean(axis=0)
