"""The same lesion is recognised in another frame; another lesion is not."""

import math

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from melanoma.audit.same_lesion import (
    AGREEING,
    count_agreeing,
    find_keypoints,
    list_candidates,
    match_lesions,
    read_keypoints,
)
from melanoma.dataset.augmentation import View
from melanoma.photo.synthetic import draw_example

LESIONS = 12
FRAMES = (
    View(zoom=0.7, stretch=1.0, angle=math.pi / 2, centre=(0.5, 0.5), flip=1),
    View(zoom=1.0, stretch=1.0, angle=2.4, centre=(0.55, 0.46), flip=1),
    View(zoom=0.8, stretch=1.0, angle=-0.6, centre=(0.44, 0.52), flip=1),
)


@pytest.fixture(scope="module")
def lesions() -> list[np.ndarray]:
    """Synthetic examples as a camera would bring them, 224 px."""
    return [np.asarray(Image.fromarray(draw_example(seed, 448, 448)).resize((224, 224))) for seed in range(LESIONS)]


@pytest.fixture(scope="module")
def keypoints(lesions):
    return [find_keypoints(pixels) for pixels in lesions]


def photograph_again(pixels: np.ndarray, view: View, seed: int) -> np.ndarray:
    """Turned, zoomed, in another light, and somewhat noisy."""
    framed = np.asarray(view.frame(Image.fromarray(pixels), 224)).astype(float) * 0.85 + 10
    return np.clip(framed + np.random.default_rng(seed).normal(0, 2, framed.shape), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("view", FRAMES)
def test_turned_and_zoomed_photos_agree_with_their_lesion_and_with_no_other(lesions, keypoints, view):
    for number in range(4):
        again = find_keypoints(photograph_again(lesions[number], view, number))
        counts = [count_agreeing(again, other) for other in keypoints]
        assert counts[number] >= AGREEING
        assert max(counts[:number] + counts[number + 1 :]) < AGREEING


def test_a_folder_of_photos_is_searched_among_itself_and_against_another(lesions, keypoints):
    again = [find_keypoints(photograph_again(lesions[n], FRAMES[0], n)) for n in (3, 7)]
    within = match_lesions([*keypoints, *again])
    assert {(m.first, m.second) for m in within} == {(3, LESIONS), (7, LESIONS + 1)}
    against = match_lesions(again, keypoints)
    assert {(m.first, m.second) for m in against} == {(0, 3), (1, 7)}
    assert match_lesions(again, keypoints) == against


def test_candidates_hold_the_same_lesion_though_few_are_compared(lesions, keypoints):
    again = [find_keypoints(photograph_again(pixels, FRAMES[1], n)) for n, pixels in enumerate(lesions)]
    pairs = list_candidates(again, keypoints, most=2)
    assert len(pairs) <= 2 * LESIONS
    assert sum((n, n) in pairs for n in range(LESIONS)) >= LESIONS - 1


def test_a_mirrored_photo_is_another_lesion(lesions, keypoints):
    """No camera mirrors, and a transform that may mirror agrees by chance more often."""
    assert count_agreeing(find_keypoints(np.ascontiguousarray(lesions[0][:, ::-1])), keypoints[0]) < AGREEING


def test_a_photo_without_structure_or_that_cannot_be_read_matches_nothing(tmp_path, lesions, keypoints):
    (tmp_path / "broken.jpg").write_bytes(b"no picture")
    Image.fromarray(lesions[0]).save(tmp_path / "photo.png")
    Image.new("RGB", (224, 224), (200, 150, 140)).save(tmp_path / "flat.png")
    table = pd.DataFrame({"path": [str(tmp_path / n) for n in ("broken.jpg", "photo.png", "flat.png")], "aspect": None})
    read = read_keypoints(table)
    assert [len(k.places) > 0 for k in read] == [False, True, False]
    assert {(m.first, m.second) for m in match_lesions(read, keypoints)} == {(1, 0)}
    assert match_lesions([read[0], read[2]]) == []
