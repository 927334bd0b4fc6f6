"""Oversampling draws training photos, and nothing else."""

import numpy as np
import pytest

from melanoma.dataset.batches import NO_DIAGNOSIS, TrainingBatches, mix
from melanoma.dataset.sampling import Sampling, sampling_chances


def grey_photos(rows: int, size: int = 16) -> np.ndarray:
    """Pictures of one grey each, so that a batch tells which row it came from."""
    return np.broadcast_to(np.arange(rows, dtype=np.uint8)[:, None, None, None], (rows, size, size, 3)).copy()


def batches(images, labels, **options) -> TrainingBatches:
    sampling = Sampling(**({"samples_per_epoch": 400, "augmentation_strength": 0.0} | options))
    return TrainingBatches(images, labels, classes=3, size=16, batch_size=32, sampling=sampling, seed=4)


def test_oversampling_draws_train_rows_only():
    """Every picture that an epoch holds is one of train, with its label; those held out never occur."""
    rng = np.random.default_rng(0)
    split = rng.choice(["train", "validation", "test"], 120, p=[0.5, 0.25, 0.25])
    images, labels = grey_photos(120), rng.choice(3, 120, p=[0.8, 0.15, 0.05])
    train = split == "train"
    epoch = batches(images[train], labels[train], samples_per_epoch=2000)
    seen = {}
    for pixels, targets in (epoch[i] for i in range(len(epoch))):
        assert (pixels == pixels[:, :1, :1, :1]).all()
        seen |= dict(zip(pixels[:, 0, 0, 0].astype(int), targets.argmax(axis=1), strict=True))
    assert set(seen) <= set(np.flatnonzero(train))
    assert all(labels[row] == label for row, label in seen.items())
    assert len(seen) > 0.9 * train.sum()


def test_exponent_minus_one_draws_every_class_alike_and_zero_as_often_as_it_occurs():
    labels = np.repeat([0, 1, 2], [180, 15, 5])
    even = (
        np.bincount(labels[batches(grey_photos(200), labels, samples_per_epoch=6000, class_balance_exponent=-1.0).rows])
        / 6000
    )
    natural = (
        np.bincount(labels[batches(grey_photos(200), labels, samples_per_epoch=6000, class_balance_exponent=0.0).rows])
        / 6000
    )
    assert even == pytest.approx([1 / 3] * 3, abs=0.03)
    assert natural == pytest.approx([0.9, 0.075, 0.025], abs=0.03)


def test_an_epoch_is_repeatable_and_the_next_one_differs():
    labels = np.arange(60) % 3
    first, again = batches(grey_photos(60), labels), batches(grey_photos(60), labels)
    assert np.array_equal(first[3][0], again[3][0])
    rows = first.rows.copy()
    first.start_next_epoch()
    assert not np.array_equal(rows, first.rows)


def test_shapes_types_and_the_last_short_batch():
    epoch = batches(grey_photos(60), np.arange(60) % 3, samples_per_epoch=70)
    assert len(epoch) == 3
    pixels, targets = epoch[2]
    assert pixels.shape == (6, 16, 16, 3)
    assert pixels.dtype == np.float32
    assert targets.shape == (6, 3)
    assert targets.sum(axis=1) == pytest.approx(np.ones(6))


def test_mixup_blends_pictures_and_labels_by_the_same_share():
    pixels = grey_photos(8).astype(np.float32)
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
    sampling = Sampling(samples_per_epoch=64, augmentation_strength=None)
    epoch = TrainingBatches(grey_photos(60), labels, 3, 16, 32, sampling, seed=4, lesions=lesions, grid=(4, 4))
    _, targets = epoch[0]
    assert targets["maps"].shape == (32, 4, 4, 3)
    for cells, named in zip(targets["maps"], targets["logits"], strict=True):
        label = named.argmax()
        assert (np.delete(cells, label, axis=2) == 0).all()
        assert cells[..., label].mean() == pytest.approx(1.0 if label == 2 else 0.5, abs=0.01)


def test_unreadable_photos_are_answered_with_any_diagnosis_and_nowhere_to_look():
    lesions = np.full((60, 12, 12), 255, np.uint8)
    sampling = Sampling(samples_per_epoch=320, augmentation_strength=None, uninformative_share=0.5)
    epoch = TrainingBatches(
        grey_photos(60), np.arange(60) % 3, 3, 16, 320, sampling, seed=4, lesions=lesions, grid=(4, 4)
    )
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

    images, labels = grey_photos(200), np.full(200, 2)
    sampling = Sampling(400, augmentation_strength=0.0, mixup_alpha=0.4, distillation_weight=0.25)
    epoch = TrainingBatches(images, labels, 3, 16, 32, sampling, seed=4, teach=teach)
    for pixels, targets in (epoch[i] for i in range(len(epoch))):
        expected = 0.25 * teach(pixels) + 0.75 * np.array([0, 0, 1])
        np.testing.assert_allclose(targets, expected, atol=1e-6)


# Kinds of photo, and sources


def kinds_and_labels() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Labels, kinds and sources of 180 dermoscopic photos of two sources, 40 clinical ones, 20 of no lesion."""
    labels = np.concatenate([np.arange(180) % 3, np.arange(40) % 3, np.full(20, NO_DIAGNOSIS)])
    kinds = np.repeat([0, 1, 2], [180, 40, 20])
    sources = np.repeat(["big", "small", "study", "street"], [150, 30, 40, 20])
    return labels, kinds, sources


def test_one_kind_alone_is_drawn_as_it_always_was():
    """The formula that the trained runs were drawn by: the count of each diagnosis, to the power of the exponent."""
    labels = np.repeat([0, 1, 2], [180, 15, 5])
    counts = np.bincount(labels, minlength=3)
    chances = counts[labels].astype(float) ** -0.6
    expected = chances / chances.sum()
    sampling = Sampling(400, -0.6)
    assert np.array_equal(sampling_chances(labels, sampling), expected)
    assert np.array_equal(sampling_chances(labels, sampling, np.zeros(200, int), np.repeat("a", 200)), expected)


def test_kinds_have_the_stated_shares_of_an_epoch_and_diagnoses_are_balanced_within_them():
    labels, kinds, sources = kinds_and_labels()
    chances = sampling_chances(labels, Sampling(1, -1.0, kind_shares=(0.5, 0.4, 0.1)), kinds, sources)
    assert [chances[kinds == kind].sum() for kind in range(3)] == pytest.approx([0.5, 0.4, 0.1])
    for kind, share in ((0, 0.5), (1, 0.4)):
        own = [chances[(kinds == kind) & (labels == label)].sum() for label in range(3)]
        assert own == pytest.approx([share / 3] * 3)
    absent = sampling_chances(labels[:180], Sampling(1, kind_shares=(0.5, 0.4, 0.1)), kinds[:180])
    assert absent.sum() == pytest.approx(1)
    with pytest.raises(ValueError, match="no photo to draw"):
        sampling_chances(labels[:180], Sampling(1, kind_shares=(0.0, 1.0, 0.0)), kinds[:180])


def test_source_exponent_minus_one_draws_the_sources_of_a_kind_alike():
    labels, kinds, sources = kinds_and_labels()
    sampling = Sampling(1, 0.0, source_balance_exponent=-1.0, kind_shares=(0.6, 0.3, 0.1))
    chances = sampling_chances(labels, sampling, kinds, sources)
    drawn = {name: chances[sources == name].sum() for name in ("big", "small", "study", "street")}
    assert drawn == pytest.approx({"big": 0.3, "small": 0.3, "study": 0.3, "street": 0.1})


def test_a_batch_says_each_photos_kind_when_kinds_are_learned():
    labels, kinds, sources = kinds_and_labels()
    sampling = Sampling(240, 0.0, augmentation_strength=None)
    epoch = TrainingBatches(
        grey_photos(240), labels, 3, 16, 240, sampling, seed=4, kinds=kinds, sources=sources, learn_kinds=True
    )
    pixels, targets = epoch[0]
    rows = pixels[:, 0, 0, 0].astype(int)
    assert set(targets) == {"logits", "kind"}
    assert np.array_equal(targets["kind"].argmax(axis=1), kinds[rows])
    assert np.array_equal(targets["kind"].sum(axis=1), np.ones(240))
    with_lesion = labels[rows] != NO_DIAGNOSIS
    assert np.array_equal(targets["logits"].argmax(axis=1)[with_lesion], labels[rows][with_lesion])
    assert np.allclose(targets["logits"][~with_lesion], 1 / 3)  # no diagnosis is likelier than another
    assert 0 < (~with_lesion).sum() < 60


def test_a_photo_of_no_lesion_gives_the_teachers_no_say_and_no_place_to_look():
    labels, kinds, _ = kinds_and_labels()

    def teach(pixels):
        return np.tile(np.float32([1, 0, 0]), (len(pixels), 1))

    lesions = np.full((240, 12, 12), 255, np.uint8)
    sampling = Sampling(240, 0.0, augmentation_strength=None, distillation_weight=0.5)
    epoch = TrainingBatches(
        grey_photos(240), labels, 3, 16, 240, sampling, seed=4, lesions=lesions, grid=(4, 4), teach=teach, kinds=kinds
    )
    pixels, targets = epoch[0]
    none = labels[pixels[:, 0, 0, 0].astype(int)] == NO_DIAGNOSIS
    assert np.allclose(targets["logits"][none], 1 / 3)
    assert (targets["maps"][none] == 0).all()
    assert (targets["logits"][~none, 0] >= 0.5).all()


def test_mixup_mixes_kind_and_diagnosis_by_the_same_share():
    labels = np.repeat([0, 1], 30)
    sampling = Sampling(64, 0.0, augmentation_strength=None, mixup_alpha=0.5)
    epoch = TrainingBatches(grey_photos(60), labels, 3, 16, 64, sampling, seed=4, kinds=labels, learn_kinds=True)
    _, targets = epoch[0]
    np.testing.assert_allclose(targets["kind"][:, :2], targets["logits"][:, :2], atol=1e-6)
    assert ((targets["kind"] > 0.01) & (targets["kind"] < 0.99)).any()


def test_clinical_photos_are_changed_harder_and_by_their_own_strength():
    skin = np.full((60, 32, 32, 3), (200, 150, 130), np.uint8)
    labels, kinds = np.zeros(60, int), np.repeat([0, 1], 30)

    def spread(kind: int, **strengths) -> float:
        sampling = Sampling(60, **strengths, kind_shares=(1.0, 0.0, 0.0) if kind == 0 else (0.0, 1.0, 0.0))
        pixels, _ = TrainingBatches(skin, labels, 3, 32, 60, sampling, seed=1, kinds=kinds)[0]
        return pixels.mean(axis=(1, 2)).std(axis=0).mean()

    assert spread(1) > 1.3 * spread(0)
    assert spread(1, clinical_augmentation_strength=0.0) == 0
    assert spread(0, clinical_augmentation_strength=0.0) == spread(0)


def test_masks_turn_with_the_photo():
    """The evidence lies where the dark half of each photo went, however it was turned and zoomed."""
    photos = np.full((40, 48, 48, 3), 220, np.uint8)
    photos[:, :24] = 20
    lesions = np.zeros((40, 24, 24), np.uint8)
    lesions[:, :12] = 255
    sampling = Sampling(40, augmentation_strength=0.0, clinical_augmentation_strength=0.0)
    for kind, tolerance in ((0, 0.06), (1, 0.12)):  # beyond a clinical photo's frame no mask is mirrored
        epoch = TrainingBatches(
            photos, np.zeros(40, int), 3, 48, 40, sampling, seed=2, lesions=lesions, grid=(6, 6),
            kinds=np.full(40, kind),
        )  # fmt: skip
        pixels, targets = epoch[0]
        dark = (pixels[..., 0] < 120).reshape(40, 6, 8, 6, 8).mean(axis=(2, 4))
        assert np.abs(dark - targets["maps"][..., 0]).mean() < tolerance
        assert np.abs(dark - dark[0]).mean() > 0.2  # the turns differ
