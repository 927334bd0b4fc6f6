"""Copies are found; different lesions are not called copies."""

import io

import numpy as np
from PIL import Image

from melanoma.dataset.duplicates import find_near_duplicates, label_components, make_thumbnails
from melanoma.photo.synthetic import draw_example


def draw_lesions(count: int, size: int = 96) -> np.ndarray:
    images = [Image.fromarray(draw_example(seed)).resize((size, size)) for seed in range(count)]
    return np.stack([np.asarray(image) for image in images])


def recompress(pixels: np.ndarray, quality: int = 60) -> np.ndarray:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=quality)
    return np.asarray(Image.open(file))


def test_a_recompressed_copy_is_found_and_other_lesions_are_not():
    lesions = draw_lesions(6)
    rows = make_thumbnails(np.concatenate([lesions, recompress(lesions[2])[None]]))
    pairs = find_near_duplicates(rows)
    assert [(i, j) for i, j, _ in pairs] == [(2, 6)]
    assert 0.99 < pairs[0][2] <= 1.0001


def test_brightness_does_not_hide_a_copy():
    lesion = draw_lesions(1)[0]
    darker = (lesion * 0.8).astype(np.uint8)
    assert len(find_near_duplicates(make_thumbnails(np.stack([lesion, darker])))) == 1


def test_blocks_do_not_change_what_is_found():
    rows = make_thumbnails(draw_lesions(7)[[0, 1, 2, 0, 3, 1, 0]])
    whole = {(i, j) for i, j, _ in find_near_duplicates(rows)}
    assert whole == {(0, 3), (0, 6), (3, 6), (1, 5)}
    assert {(i, j) for i, j, _ in find_near_duplicates(rows, block=2)} == whole


def test_a_flat_picture_is_like_no_other():
    flat = np.full((2, 32, 32, 3), 127, np.uint8)
    assert find_near_duplicates(make_thumbnails(flat)) == []


def test_components_join_chains_and_leave_the_rest_alone():
    labels = label_components(6, [(0, 1), (1, 4), (3, 5)])
    assert labels[0] == labels[1] == labels[4]
    assert labels[3] == labels[5]
    assert len(set(labels)) == 3
    assert len(set(label_components(3, []))) == 3
