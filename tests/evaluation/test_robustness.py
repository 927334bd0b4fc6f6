"""What is laid on photos, what counts as a change, and what a probe finds."""

import numpy as np
import pytest
from melanoma.evaluation.distribution_shift import UNFAMILIAR_NOTE, blurred, probe, source_probe, unfamiliar
from PIL import Image

from melanoma.evaluation.artefacts import KINDS, Piece, Placed, lay, patches, place, read_artefacts, shuffled
from melanoma.evaluation.robustness import VARIATIONS, Subjects, differences, examine, sample, through_jpeg, variations
from melanoma.photo.preprocessing import network_input
from melanoma.photo.synthetic import draw_example

SIZE = 48


@pytest.fixture(scope="module")
def subjects() -> Subjects:
    frames = [draw_example(seed=i, width=120, height=90) for i in range(12)]
    images = np.stack([network_input(frame, SIZE) for frame in frames])
    return Subjects(images, frames, [None] * 12, np.arange(12))


def by_redness(images: np.ndarray) -> np.ndarray:
    """An answer that sees mean colour alone: melanoma where it is red, else nevus."""
    means = images.reshape(len(images), -1, 3).mean(axis=1)
    melanoma = np.clip(means[:, 0] / means.sum(axis=1), 0, 1)
    result = np.zeros((len(images), 9))
    result[:, 3], result[:, 4] = melanoma, 1 - melanoma
    return result


def test_sample_keeps_the_proportions_and_the_seed():
    strata = np.array(["NV"] * 900 + ["MEL"] * 90 + ["DF"] * 10)
    rows = sample(strata, 100)
    assert len(np.unique(rows)) == 100
    counts = {name: int((strata[rows] == name).sum()) for name in ("NV", "MEL", "DF")}
    assert counts["NV"] == pytest.approx(90, abs=1)
    assert counts["DF"] >= 1
    assert (sample(strata, 100) == rows).all()
    assert not (sample(strata, 100, seed=1) == rows).all()
    assert (sample(strata, 5000) == np.arange(1000)).all()


def test_differences_name_the_dangerous_direction():
    before, after = np.zeros((3, 9)), np.zeros((3, 9))
    before[:, 3], before[:, 4] = (0.6, 0.1, 0.3), (0.4, 0.9, 0.7)
    after[:, 3], after[:, 4] = (0.1, 0.4, 0.3), (0.9, 0.6, 0.7)
    changes = differences(before, after, threshold=0.2)
    assert changes["decision"].tolist() == [True, True, False]
    assert changes["refer_to_routine"].tolist() == [True, False, False]
    assert changes["top"].tolist() == [True, False, False]
    assert changes["melanoma"] == pytest.approx([0.5, 0.3, 0])
    assert changes["melanoma_shift"] == pytest.approx([-0.5, 0.3, 0])


def test_what_does_not_matter_to_the_answer_changes_nothing(subjects):
    changes = examine(subjects, by_redness, 0.35, [])["changes"]
    for change in changes["turn and flip"].values():
        assert change["melanoma"]["value"] < 1e-9
        assert change["decision"]["value"] == 0
        assert change["decision"]["high"] > 0.2  # twelve photos do not prove much
    assert changes["light"]["warmer (red +10 %, blue -10 %)"]["melanoma_shift"]["value"] > 0.01
    assert changes["light"]["cooler (red -10 %, blue +10 %)"]["melanoma_shift"]["value"] < -0.01


def test_variations_are_what_they_say(subjects):
    found = {(family, name): images for family, name, images in variations(subjects)}
    assert len(found) == VARIATIONS
    assert all(images.shape == subjects.images.shape and images.dtype == np.uint8 for images in found.values())
    losses = [np.abs(found["JPEG", f"quality {q}"].astype(float) - subjects.images).mean() for q in (95, 70, 50, 30)]
    assert losses == sorted(losses)
    assert (found["turn and flip", "turned 180 degrees"] == subjects.images[:, ::-1, ::-1]).all()
    assert found["light", "20 % darker"].mean() == pytest.approx(0.8 * subjects.images.mean(), rel=0.01)


def test_passes_are_announced_rightly(subjects):
    calls = []
    examine(subjects, by_redness, 0.35, [], advance=lambda: calls.append(1))
    assert len(calls) == VARIATIONS


def test_a_difference_is_added_and_ink_lets_through():
    grey = np.full((10, 10, 3), 100, np.uint8)
    difference = Placed(Piece(np.ones((2, 2, 3)), np.full((2, 2, 3), 40.0)), 3, 4)
    ink = Placed(Piece(np.full((1, 1, 3), 0.5), np.zeros((1, 1, 3))), 0, 0)
    result = lay(grey, [difference, ink])
    assert (result[3:5, 4:6] == 140).all()
    assert (result[0, 0] == 50).all()
    assert (result != 100).all(axis=2).sum() == 5
    assert (grey == 100).all()


def test_controls_change_as_much_in_the_same_window_without_the_form():
    offset = np.zeros((20, 30, 3))
    offset[5:9, ::2] = -60.0  # a comb
    placed = [Placed(Piece(np.ones_like(offset), offset), 6, 2)]
    grey = np.full((40, 40, 3), 120, np.uint8)
    real = 120 - lay(grey, placed).astype(int)
    noise = 120 - lay(grey, shuffled(placed, np.random.default_rng(0))).astype(int)
    patch = 120 - lay(grey, patches(placed)).astype(int)
    for control in (noise, patch):
        outside = control.copy()
        outside[6:26, 2:32] = 0
        assert not outside.any()
        assert control.sum() == pytest.approx(real.sum(), rel=0.1)
        assert not np.array_equal(control, real)
    assert sorted(noise.ravel()) == sorted(real.ravel())
    assert len(np.unique(patch)) == 2


def test_pieces_stay_within_the_picture():
    rng = np.random.default_rng(0)
    long = Piece(np.ones((9, 200, 3)), np.full((9, 200, 3), 50.0))
    for _ in range(50):
        (placed,) = place([long], SIZE, rng)
        height, width = placed.piece.gain.shape[:2]
        assert max(height, width) == SIZE
        assert placed.top + height <= SIZE
        assert placed.left + width <= SIZE


def test_real_artefacts_are_read_and_seen(data, subjects):
    artefacts = read_artefacts(data / "artefacts")
    assert {a.kind for a in artefacts} == set(KINDS)
    assert len(artefacts) == 51
    files = [len(files) for artefact in artefacts for files in artefact.files]
    assert (files.count(2), files.count(1)) == (116, 28)
    changes = examine(subjects, by_redness, 0.35, artefacts)["changes"]["artefact"]
    for label in KINDS.values():
        assert changes[label]["melanoma"]["value"] > 0
        assert set(changes[label]["controls"]) == {"noise", "patch"}
        # Mean colour cannot tell a form from the same pixels in disorder.
        assert changes[label]["controls"]["noise"]["excess"]["melanoma"]["value"] == pytest.approx(0, abs=2e-3)


def test_probe_finds_a_planted_source_and_nothing_else():
    rng = np.random.default_rng(0)
    positive = rng.random(300) < 0.4
    noise = rng.normal(size=(300, 20))
    blind = probe(noise, positive, np.arange(300))
    assert blind["auc"]["low"] < 0.5 < blind["auc"]["high"]
    noise[:, 0] += 3 * positive
    assert probe(noise, positive, np.arange(300))["auc"]["low"] > 0.9


def test_probe_does_not_learn_lesions_by_heart():
    """Photos of one lesion are near copies: were they on both sides, noise would tell the source."""
    rng = np.random.default_rng(1)
    positive, lesions = np.repeat(rng.random(60) < 0.5, 6), np.repeat(np.arange(60), 6)
    features = np.repeat(rng.normal(size=(60, 100)), 6, axis=0)
    assert probe(features, positive, lesions)["auc"]["value"] < 0.7


def test_source_probe_stays_within_one_diagnosis():
    rng = np.random.default_rng(2)
    labels = np.repeat([3, 4], 100)
    sources = np.where(np.arange(200) % 2, "ham10000", "isic2017")
    sources[100:] = "ham10000"  # nevi of one source: no probe
    images = rng.integers(0, 255, (200, 8, 8, 3)).astype(np.uint8)
    logits = rng.normal(size=(200, 9))
    logits[:, 7] += 3 * (sources == "isic2017")
    result = source_probe(rng.normal(size=(200, 5)), logits, images, labels, sources, np.arange(200))
    assert result["NV"] is None
    assert result["MEL"]["photos"] == {"ham10000": 50, "isic2017": 50}
    assert 0.3 < result["MEL"]["auc"]["value"] < 0.7
    assert result["MEL"]["answer"]["auc"]["value"] > 0.9  # what the features hide, the answer may tell


def test_unfamiliar_photos_are_compared_with_clean_ones(subjects):
    everyday = np.zeros((7, SIZE, SIZE, 3), np.uint8)
    everyday[..., 0] = 250
    result = unfamiliar(subjects, everyday, by_redness, threshold=0.5)
    assert result["note"] == UNFAMILIAR_NOTE
    assert result["everyday"]["photos"] == 7
    assert result["everyday"]["refer"]["value"] == result["everyday"]["above_90"]["value"] == 1
    assert result["clean"]["mean_top"]["value"] == pytest.approx(
        by_redness(subjects.images).max(axis=1).mean(), abs=1e-5
    )
    assert "everyday" not in unfamiliar(subjects, everyday[:0], by_redness, threshold=0.5)


def test_blur_leaves_the_colour_and_takes_the_detail(subjects):
    sharp = subjects.images[0]
    soft = blurred(sharp)
    assert soft.mean() == pytest.approx(sharp.mean(), rel=0.02)
    assert np.abs(np.diff(soft.astype(float), axis=0)).mean() < np.abs(np.diff(sharp.astype(float), axis=0)).mean()


def test_jpeg_goes_through_the_photo_reader():
    image = Image.fromarray(draw_example(seed=3, width=64, height=48))
    assert through_jpeg(image, 30).size == (64, 48)
