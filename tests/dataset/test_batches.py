"""Oversampling draws training photos, and nothing else."""

import numpy as np
import pytest

from melanoma.dataset.batches import Sampling, TrainingBatches, mix


def plain(rows: int, size: int = 16) -> np.ndarray:
    """Pictures of one grey each, so that a batch tells which row it came from."""
    return np.broadcast_to(np.arange(rows, dtype=np.uint8)[:, None, None, None], (rows, size, size, 3)).copy()


def batches(images, labels, **options) -> TrainingBatches:
    sampling = Sampling(**({"samples": 400, "strength": 0.0} | options))
    return TrainingBatches(images, labels, classes=3, size=16, batch_size=32, sampling=sampling, seed=4)


def test_oversampling_draws_train_rows_only():
    """Every picture that an epoch holds is one of train, with its label; those held out never occur."""
    rng = np.random.default_rng(0)
    split = rng.choice(["train", "validation", "test"], 120, p=[0.5, 0.25, 0.25])
    images, labels = plain(120), rng.choice(3, 120, p=[0.8, 0.15, 0.05])
    train = split == "train"
    epoch = batches(images[train], labels[train], samples=2000)
    seen = {}
    for pixels, targets in (epoch[i] for i in range(len(epoch))):
        assert (pixels == pixels[:, :1, :1, :1]).all()
        seen |= dict(zip(pixels[:, 0, 0, 0].astype(int), targets.argmax(axis=1), strict=True))
    assert set(seen) <= set(np.flatnonzero(train))
    assert all(labels[row] == label for row, label in seen.items())
    assert len(seen) > 0.9 * train.sum()


def test_power_minus_one_draws_every_class_alike_and_zero_as_often_as_it_occurs():
    labels = np.repeat([0, 1, 2], [180, 15, 5])
    even = np.bincount(labels[batches(plain(200), labels, samples=6000, power=-1.0).rows]) / 6000
    natural = np.bincount(labels[batches(plain(200), labels, samples=6000, power=0.0).rows]) / 6000
    assert even == pytest.approx([1 / 3] * 3, abs=0.03)
    assert natural == pytest.approx([0.9, 0.075, 0.025], abs=0.03)


def test_an_epoch_is_repeatable_and_the_next_one_differs():
    labels = np.arange(60) % 3
    first, again = batches(plain(60), labels), batches(plain(60), labels)
    assert np.array_equal(first[3][0], again[3][0])
    rows = first.rows.copy()
    first.on_epoch_end()
    assert not np.array_equal(rows, first.rows)


def test_shapes_types_and_the_last_short_batch():
    epoch = batches(plain(60), np.arange(60) % 3, samples=70)
    assert len(epoch) == 3
    pixels, targets = epoch[2]
    assert pixels.shape == (6, 16, 16, 3)
    assert pixels.dtype == np.float32
    assert targets.shape == (6, 3)
    assert targets.sum(axis=1) == pytest.approx(np.ones(6))


def test_mixup_blends_pictures_and_labels_by_the_same_share():
    pixels = plain(8).astype(np.float32)
    targets = np.stack([np.arange(8) / 7, 1 - np.arange(8) / 7], axis=1).astype(np.float32)
    mixed, soft = mix(pixels, targets, np.random.default_rng(2), alpha=0.5)
    assert mixed[:, 0, 0, 0] / 7 == pytest.approx(soft[:, 0], abs=1e-5)
    assert not np.allclose(mixed, pixels)
    same, _ = mix(pixels, targets, np.random.default_rng(2), alpha=0)
    assert same is pixels


def test_with_lesions_a_batch_says_where_the_evidence_may_lie():
    """The cells of a photo's own diagnosis hold its lesion's share; those of the other diagnoses are 0."""
    labels = np.arange(60) % 3
    lesions = np.zeros((60, 12, 12), np.uint8)
    lesions[:, :6] = 255
    lesions[labels == 2] = 255  # no mask: it may be anywhere
    sampling = Sampling(samples=64, strength=None)
    epoch = TrainingBatches(plain(60), labels, 3, 16, 32, sampling, seed=4, lesions=lesions, grid=(4, 4))
    _, targets = epoch[0]
    assert targets["maps"].shape == (32, 4, 4, 3)
    for cells, named in zip(targets["maps"], targets["logits"], strict=True):
        label = named.argmax()
        assert (np.delete(cells, label, axis=2) == 0).all()
        assert cells[..., label].mean() == pytest.approx(1.0 if label == 2 else 0.5, abs=0.01)


def test_unreadable_photos_are_answered_with_any_diagnosis_and_nowhere_to_look():
    lesions = np.full((60, 12, 12), 255, np.uint8)
    sampling = Sampling(samples=320, strength=None, blank=0.5)
    epoch = TrainingBatches(plain(60), np.arange(60) % 3, 3, 16, 320, sampling, seed=4, lesions=lesions, grid=(4, 4))
    _, targets = epoch[0]
    undecided = np.isclose(targets["logits"], 1 / 3).all(axis=1)
    assert undecided.mean() == pytest.approx(0.5, abs=0.1)
    assert (targets["maps"][undecided] == 0).all()
    assert (targets["maps"][~undecided].max(axis=(1, 2, 3)) == 1).all()


def test_teachers_answer_the_very_pixels_of_the_batch_and_are_their_share_of_the_label():
    """The teacher here reads a photo's grey, so that an answer to another photo would show."""

    def teach(pixels):
        grey = pixels.mean(axis=(1, 2, 3)) / 255
        return np.stack([grey, 1 - grey, 0 * grey], axis=1)

    images, labels = plain(200), np.full(200, 2)
    sampling = Sampling(400, strength=0.0, mixup=0.4, taught=0.25)
    epoch = TrainingBatches(images, labels, 3, 16, 32, sampling, seed=4, teach=teach)
    for pixels, targets in (epoch[i] for i in range(len(epoch))):
        expected = 0.25 * teach(pixels) + 0.75 * np.array([0, 0, 1])
        np.testing.assert_allclose(targets, expected, atol=1e-6)
