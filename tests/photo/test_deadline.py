"""A limit that passes is said once; one that is kept is not, however short the next one is."""

from threading import Event

import pytest

from melanoma.photo.deadline import Deadline


@pytest.fixture
def missed():
    return Event()


@pytest.fixture
def deadline(missed):
    yield (deadline := Deadline(missed.set))
    deadline.close()


def test_a_limit_that_passes_is_said(deadline, missed):
    with deadline.limit(0.01):
        assert missed.wait(5)


def test_a_short_limit_behind_a_long_one_is_heeded(deadline, missed):
    for _ in range(3):
        with deadline.limit(60):
            pass
    with deadline.limit(0.01):
        assert missed.wait(5)


def test_a_limit_that_was_kept_is_forgotten(deadline, missed):
    with deadline.limit(0.05):
        pass
    assert not missed.wait(0.15)  # nothing is limited meanwhile
    with deadline.limit(0.01):
        assert missed.wait(5)
