"""Estimates of faithfulness from scores that are known, and the report of a small network."""

import numpy as np
import pytest

from melanoma.diagnoses import CODES
from melanoma.evaluation.faithfulness_report import (
    Extent,
    compare_scores,
    estimate_mean,
    estimate_perturbation,
    localise,
    measure_faithfulness,
)
from melanoma.evaluation.masked_photos import MaskedPhotos
from melanoma.explain import DEFAULT_METHOD, Method
from melanoma.explain.localisation import MASK_PLACES
from melanoma.photo.preprocessing import network_input
from melanoma.photo.synthetic import draw_example

COSTLY = (Method.SCORECAM, Method.SMOOTHGRAD)


def corner_lesion(share_of_side: float) -> np.ndarray:
    mask = np.zeros((MASK_PLACES, MASK_PLACES), bool)
    edge = round(MASK_PLACES * share_of_side)
    mask[:edge, :edge] = True
    return mask


def test_localisation_splits_right_from_wrong_and_small_from_large():
    small, large = corner_lesion(0.3), corner_lesion(0.8)
    masks = np.stack([small, large, small, large])
    images = np.zeros((4, 8, 8, 3), np.uint8)
    photos = MaskedPhotos(images, masks, np.array([1, 1, 2, 2]), np.array(["a", "b", "c", "d"]), {0: small})
    corner = np.zeros((5, 5))
    corner[0, 0] = 1
    away = corner[::-1, ::-1]
    parts = localise(np.stack([corner, corner, away, away]), photos, np.array([1, 1, 3, 3]))
    assert parts.right.pointing_game.value == 1
    assert parts.wrong.pointing_game.value == 0
    assert parts.all.pointing_game.value == 0.5
    assert parts.small_lesions.photos == 2
    assert parts.expert_masks.photos == 1
    assert parts.all.energy_inside_chance.value == pytest.approx(masks.mean(), rel=1e-4)


def test_without_masks_where_a_map_lies_is_not_measured():
    photos = MaskedPhotos(np.zeros((2, 8, 8, 3), np.uint8), None, np.array([1, 2]), np.array(["a", "b"]), {})
    parts = localise(np.ones((2, 5, 5)), photos.take(np.array([1, 0])), np.array([2, 1]))
    assert parts.all is None


def test_deletion_is_better_the_lower_and_insertion_the_higher():
    own, random = np.array([[0.2, 0.6]] * 4), np.array([[0.4, 0.5]] * 4)
    deletion, insertion = estimate_perturbation(own, random, np.arange(4))
    assert (deletion.auc.value, deletion.auc_random_map.value) == (0.2, 0.4)
    assert deletion.lower_than_random.value == pytest.approx(0.5)
    assert (insertion.auc.value, insertion.auc_random_map.value) == (0.6, 0.5)
    assert insertion.higher_than_random.value == pytest.approx(0.2)


def test_methods_are_compared_on_the_photos_and_views_that_both_have():
    groups = np.array(["a", "b", "c"])
    default = {"pointing_game": np.array([[0.0, 1, 1]]), "stability": np.array([[0.5, 0.5, 0.5], [0.1, 0.1, 0.1]])}
    own = {"pointing_game": np.array([[1.0, 1]]), "stability": np.array([[0.9, 0.7], [np.nan, np.nan]])}
    pairs = compare_scores(own, default, groups)
    assert (pairs["pointing_game"].value, pairs["pointing_game"].photos) == (0.5, 2)
    assert pairs["stability"].value == pytest.approx(0.3)


def test_a_mean_leaves_out_photos_without_any_value():
    values = np.array([[0.2, np.nan, 0.8], [0.4, np.nan, np.nan]])
    assert estimate_mean(values, np.arange(3)).value == pytest.approx(0.55)
    assert estimate_mean(np.full((2, 3), np.nan), np.arange(3)) is None


@pytest.fixture(scope="module")
def report():
    """Of a small untrained network on synthetic examples."""
    import keras

    from melanoma.training.architectures import build_network

    keras.utils.set_random_seed(5)
    network = build_network("baseline-cnn", input_size=64, classes=len(CODES))
    n = 10
    images = np.stack([network_input(draw_example(seed), 64) for seed in range(n)])
    masks = np.zeros((n, MASK_PLACES, MASK_PLACES), bool)
    masks[:, MASK_PLACES // 4 : -MASK_PLACES // 4, MASK_PLACES // 4 : -MASK_PLACES // 4] = True
    groups = np.array([f"lesion {i // 2}" for i in range(n)])
    photos = MaskedPhotos(images, masks, np.full(n, CODES.index("NV")), groups, {3: masks[3]})
    extent = Extent(sample=8, costly=5, viewed=3)
    return measure_faithfulness(network, 1.0, photos, list(Method), extent, command="check", network_sha256="abc")


@pytest.mark.slow
def test_report_states_how_many_photos_are_behind_each_estimate(report):
    assert (report.photos, report.lesions) == (10, 5)
    assert (report.sample, report.sample_costly, report.sample_costly_views) == (8, 5, 3)
    assert (report.command, report.network_sha256, report.split) == ("check", "abc", "test")
    assert report.default_method == DEFAULT_METHOD
    assert set(report.methods) == {*Method, "centre spot"}
    for method in Method:
        parts = report.methods[method]
        assert parts.all.photos == (5 if method in COSTLY else 10)
        assert parts.deletion.photos == parts.insertion.photos == (5 if method in COSTLY else 8)
        assert parts.randomised.photos == parts.stability.photos == (3 if method in COSTLY else 8)
        assert parts.all.energy_inside_chance.value == pytest.approx(0.25, abs=0.01)


@pytest.mark.slow
def test_every_other_method_is_compared_with_the_default_in_pairs(report):
    for name, parts in report.methods.items():
        if name == DEFAULT_METHOD:
            assert not parts.against_default
            continue
        pair = parts.against_default["deletion"]
        assert pair.photos == (5 if name in COSTLY else 8)
        assert pair.low <= pair.value <= pair.high
    own, default = (report.methods[method].deletion.auc.value for method in ("layercam", "gradcam"))
    assert report.methods["layercam"].against_default["deletion"].value == pytest.approx(own - default, abs=1e-5)
