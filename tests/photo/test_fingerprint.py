"""A photo is known again in another size, format and compression, and another photo is not taken for it."""

import io

import numpy as np
import pytest
from PIL import Image

from melanoma.photo import draw_example
from melanoma.photo.fingerprint import BYTES, fingerprint_photo, is_copy

PHOTO = draw_example(1, 600, 450)
OTHERS = np.stack([fingerprint_photo(draw_example(seed, 600, 450)) for seed in (2, 3, 4)])
KNOWN = np.concatenate([OTHERS, fingerprint_photo(PHOTO)[np.newaxis]])


@pytest.mark.parametrize(("size", "quality"), [((600, 450), 95), ((300, 225), 60), ((1200, 900), 30)])
def test_a_copy_is_known_again(size, quality):
    file = io.BytesIO()
    Image.fromarray(PHOTO).resize(size).save(file, "JPEG", quality=quality)
    assert is_copy(fingerprint_photo(np.asarray(Image.open(file))), KNOWN)


def test_another_lesion_is_not():
    assert not is_copy(fingerprint_photo(PHOTO), OTHERS)
    assert not is_copy(fingerprint_photo(PHOTO), np.empty((0, BYTES), np.uint8))
    unlike = np.concatenate([KNOWN[0][:2], ~KNOWN[0][2:]])  # in 272 bits, more than a byte counts
    assert not is_copy(unlike, KNOWN[:1])


def test_a_squashed_file_has_the_fingerprint_of_its_true_frame():
    squashed = np.asarray(Image.fromarray(PHOTO).resize((450, 450)))
    assert is_copy(fingerprint_photo(squashed, aspect=600 / 450), KNOWN)
    assert not is_copy(fingerprint_photo(squashed), KNOWN)
