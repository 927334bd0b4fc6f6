"""How sure an answer is on photos unlike those learned from."""

import numpy as np
import pytest
from redness import SIZE, by_redness, make_subjects

from melanoma.evaluation.out_of_distribution import NOTE, blur, measure_out_of_distribution
from melanoma.evaluation.robustness import Subjects


@pytest.fixture(scope="module")
def subjects() -> Subjects:
    return make_subjects()


def test_unlike_photos_are_compared_with_clean_ones(subjects):
    everyday = np.zeros((7, SIZE, SIZE, 3), np.uint8)
    everyday[..., 0] = 250
    result = measure_out_of_distribution(subjects, everyday, by_redness, threshold=0.5)
    assert result.note == NOTE
    assert result.photos["everyday"].photos == 7
    assert result.photos["everyday"].refer.value == result.photos["everyday"].above_90.value == 1
    assert result.photos["clean"].mean_top.value == pytest.approx(
        by_redness(subjects.images).max(axis=1).mean(), abs=1e-5
    )
    assert "everyday" not in measure_out_of_distribution(subjects, everyday[:0], by_redness, threshold=0.5).photos


def test_blur_leaves_the_colour_and_takes_the_detail(subjects):
    sharp = subjects.images[0]
    soft = blur(sharp)
    assert soft.mean() == pytest.approx(sharp.mean(), rel=0.02)
    assert np.abs(np.diff(soft.astype(float), axis=0)).mean() < np.abs(np.diff(sharp.astype(float), axis=0)).mean()
