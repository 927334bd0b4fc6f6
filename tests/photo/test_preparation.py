"""What is prepared of a photo at once is what is made of it piece by piece."""

import numpy as np
import pytest
from encodings_of_photos import encode

from melanoma.photo import assess, draw_example, network_input, read_photo
from melanoma.photo.fingerprint import fingerprint_photo
from melanoma.photo.preparation import prepare_photo


@pytest.mark.parametrize("size", [(600, 450), (2000, 3000), (90, 60)])
@pytest.mark.parametrize("format_", ["JPEG", "WEBP"])
def test_a_prepared_photo_is_what_its_parts_are(size, format_):
    photo = read_photo(encode(draw_example(4, *size), format_))
    prepared = prepare_photo(photo, 256)
    np.testing.assert_array_equal(prepared.crop, network_input(photo.pixels, 256))
    np.testing.assert_array_equal(prepared.fingerprint, fingerprint_photo(photo.pixels))
    assert prepared.assessment == assess(photo.pixels, unchecked=photo.is_unchecked)
    assert prepared.sha256 == photo.sha256
