"""Faithfulness metrics on maps whose answer is known."""

import numpy as np
import pytest
from melanoma.evaluation.faithfulness_cases import Cases, drawn, read_mask
from PIL import Image

from melanoma.evaluation.faithfulness_report import against, localisation
from melanoma.explain import faithfulness as f
from melanoma.explain.heatmaps import Heatmap, Method

SIDE = 40


def lesion(share_of_side: float = 0.5) -> np.ndarray:
    mask = np.zeros((f.PLACES, f.PLACES), bool)
    edge = round(f.PLACES * share_of_side)
    mask[:edge, :edge] = True
    return mask


def test_all_energy_inside_is_one_and_outside_zero():
    mask = lesion()
    assert f.energy_inside(mask.astype(float), mask) == 1
    assert f.energy_inside((~mask).astype(float), mask) == 0


def test_uniform_map_has_the_energy_of_chance():
    mask = lesion(0.3)
    assert f.energy_inside(np.ones((7, 7)), mask) / mask.mean() == pytest.approx(1)


def test_empty_map_has_no_energy_and_misses():
    assert np.isnan(f.energy_inside(np.zeros((7, 7)), lesion()))
    assert not f.pointing_hit(np.zeros((7, 7)), np.ones((f.PLACES, f.PLACES), bool))


def test_pointing_asks_where_the_highest_place_is():
    grid = np.ones((4, 4))
    grid[0, 0] = 2
    assert f.pointing_hit(grid, lesion())
    grid[3, 3] = 3
    assert not f.pointing_hit(grid, lesion())


def brightness(inputs: np.ndarray) -> np.ndarray:
    """A network that sees only how white the upper left quarter is: the truth about it is known."""
    seen = inputs[:, : SIDE // 2, : SIDE // 2].mean(axis=(1, 2, 3)) / 255
    return np.stack([seen, 1 - seen], axis=1)


@pytest.fixture
def picture() -> np.ndarray:
    pixels = np.zeros((SIDE, SIDE, 3), np.uint8)
    pixels[: SIDE // 2, : SIDE // 2] = 255
    return pixels


def test_true_map_beats_false_map_in_deletion_and_insertion(picture):
    true = np.array([[1.0, 0], [0, 0]])
    false = np.array([[0.0, 0], [0, 1]])
    assert f.deletion(brightness, picture, true, 0).auc < f.deletion(brightness, picture, false, 0).auc
    assert f.insertion(brightness, picture, true, 0).auc > f.insertion(brightness, picture, false, 0).auc


def test_curves_run_from_the_whole_photo_to_the_blurred_one(picture):
    curve = f.deletion(brightness, picture, f.random_map((5, 5)), 0)
    assert curve.probabilities[0] == 1
    assert curve.probabilities[-1] == pytest.approx(brightness(f.blurred(picture)[None])[0, 0])
    back = f.insertion(brightness, picture, f.random_map((5, 5)), 0)
    assert back.probabilities[0] == pytest.approx(curve.probabilities[-1])
    assert back.probabilities[-1] == 1


def test_areas_of_many_maps_are_those_of_each_map_alone(picture):
    maps = [f.random_map((3, 3)), f.centre_spot(), np.array([[0.0, 1], [0, 0]])]
    together = f.areas(brightness, picture, maps, 0)
    alone = [[curve(brightness, picture, m, 0).auc for curve in (f.deletion, f.insertion)] for m in maps]
    np.testing.assert_allclose(together, alone)


def test_replaced_changes_the_highest_places_alone():
    first, last = np.zeros((4, 4, 3), np.uint8), np.full((4, 4, 3), 9, np.uint8)
    grid = np.arange(16.0).reshape(4, 4)
    changed = f.replaced(first, last, grid, 0.25)
    assert (changed[3] == 9).all()
    assert not changed[:3].any()


def test_random_map_is_the_same_for_the_same_seed():
    np.testing.assert_array_equal(f.random_map((5, 5), 3), f.random_map((5, 5), 3))
    assert (f.random_map((5, 5), 3) != f.random_map((5, 5), 4)).any()


@pytest.mark.parametrize("name", f.NUDGES)
def test_map_that_moves_with_the_lesion_is_steady(name):
    """A map that is the photo itself, before and after: all that is left is interpolation."""
    y, x = np.mgrid[:64, :64] / 64
    pixels = (255 * np.exp(-((x - 0.4) ** 2 + 2 * (y - 0.55) ** 2) / 0.1))[..., None].repeat(3, axis=2).astype(np.uint8)
    nudge = f.NUDGES[name]
    after = nudge.view(pixels)[..., 0].astype(float)
    before = pixels[..., 0].astype(float)
    assert f.steadiness(before, after, nudge) > 0.98
    assert f.steadiness(before, before, nudge) < f.steadiness(before, after, nudge)


def test_no_nudge_is_no_change():
    grid = np.random.default_rng(0).random((6, 6))
    assert f.steadiness(grid, grid, f.Nudge()) == pytest.approx(1)
    assert np.isnan(f.steadiness(grid, np.ones((6, 6)), f.Nudge()))


def test_turn_keeps_the_middle_and_moves_the_rest():
    nudge = f.Nudge(turn=90)
    assert nudge.places(np.array(0.5), np.array(0.5)) == pytest.approx((0.5, 0.5))
    x, y = np.array([0.2, 0.9]), np.array([0.4, 0.6])
    np.testing.assert_allclose(nudge.back(*nudge.places(x, y)), (x, y))


def test_agreement_table_is_symmetric_with_ones():
    maps = {str(i): Heatmap.of(f.random_map((5, 5), i), "MEL", Method.GRADCAM, "features") for i in range(3)}
    table = f.agreement_table(maps)
    np.testing.assert_allclose(table, table.T)
    np.testing.assert_allclose(np.diag(table), 1)


def test_mask_is_read_in_the_crops_frame(tmp_path):
    frame = np.zeros((450, 600), np.uint8)
    frame[:, :75] = 255  # outside the centre square
    frame[:225, 75:300] = 255
    Image.fromarray(frame).save(tmp_path / "mask.png")
    mask = read_mask(tmp_path / "mask.png")
    assert mask.mean() == pytest.approx(0.25, abs=0.01)
    assert mask[: f.PLACES // 2 - 1, : f.PLACES // 2 - 1].all()


def test_localisation_splits_right_from_wrong_and_small_from_large():
    small, large = lesion(0.3), lesion(0.8)
    masks = np.stack([small, large, small, large])
    images = np.zeros((4, 8, 8, 3), np.uint8)
    cases = Cases(images, masks, np.array([1, 1, 2, 2]), np.array(["a", "b", "c", "d"]), {0: small})
    corner = np.zeros((5, 5))
    corner[0, 0] = 1
    away = corner[::-1, ::-1]
    found = localisation([corner, corner, away, away], cases, np.array([1, 1, 3, 3]))
    assert found["right"]["pointing_game"]["value"] == 1
    assert found["wrong"]["pointing_game"]["value"] == 0
    assert found["all"]["pointing_game"]["value"] == 0.5
    assert found["small_lesions"]["photos"] == 2
    assert found["expert_masks"]["photos"] == 1
    assert found["all"]["energy_inside_chance"]["value"] == pytest.approx(masks.mean(), rel=1e-4)


def test_sample_takes_a_photo_of_each_lesion_before_a_second_one():
    groups = np.array(["a"] * 5 + ["b"] * 2 + ["c"])
    rows = drawn(groups)
    assert sorted(rows) == list(range(8))
    assert set(groups[rows[:3]]) == {"a", "b", "c"}
    assert set(groups[rows[3:5]]) == {"a", "b"}
    np.testing.assert_array_equal(rows, drawn(groups))
    assert (rows != drawn(groups, seed=1)).any()


def test_methods_are_compared_on_the_photos_and_views_that_both_have():
    groups = np.array(["a", "b", "c"])
    default = {"pointing_game": np.array([[0.0, 1, 1]]), "stability": np.array([[0.5, 0.5, 0.5], [0.1, 0.1, 0.1]])}
    own = {"pointing_game": np.array([[1.0, 1]]), "stability": np.array([[0.9, 0.7], [np.nan, np.nan]])}
    found = against(own, default, groups)
    assert (found["pointing_game"]["value"], found["pointing_game"]["photos"]) == (0.5, 2)
    assert found["stability"]["value"] == pytest.approx(0.3)
