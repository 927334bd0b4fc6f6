"""What counts as a change of an answer, and what changes none."""

import json

import numpy as np
import pytest
from PIL import Image
from redness import by_redness, make_subjects

from melanoma.evaluation.artefacts import KINDS, read_artefacts
from melanoma.evaluation.robustness import (
    VARIATIONS,
    Subjects,
    choose_sample,
    compare_answers,
    make_variations,
    measure_robustness,
    recompress,
    subtract_control,
)
from melanoma.photo.synthetic import draw_example


@pytest.fixture(scope="module")
def subjects() -> Subjects:
    return make_subjects()


def test_sample_keeps_the_proportions_and_the_seed():
    strata = np.array(["NV"] * 900 + ["MEL"] * 90 + ["DF"] * 10)
    rows = choose_sample(strata, 100)
    assert len(np.unique(rows)) == 100
    counts = {name: int((strata[rows] == name).sum()) for name in ("NV", "MEL", "DF")}
    assert counts["NV"] == pytest.approx(90, abs=1)
    assert counts["DF"] >= 1
    assert (choose_sample(strata, 100) == rows).all()
    assert not (choose_sample(strata, 100, seed=1) == rows).all()
    assert (choose_sample(strata, 5000) == np.arange(1000)).all()


def test_differences_name_the_dangerous_direction():
    before, after = np.zeros((3, 9)), np.zeros((3, 9))
    before[:, 3], before[:, 4] = (0.6, 0.1, 0.3), (0.4, 0.9, 0.7)
    after[:, 3], after[:, 4] = (0.1, 0.4, 0.3), (0.9, 0.6, 0.7)
    changes = compare_answers(before, after, threshold=0.2)
    assert changes["decision"].tolist() == [True, True, False]
    assert changes["refer_to_routine"].tolist() == [True, False, False]
    assert changes["top"].tolist() == [True, False, False]
    assert changes["melanoma"] == pytest.approx([0.5, 0.3, 0])
    assert changes["melanoma_shift"] == pytest.approx([-0.5, 0.3, 0])


def test_an_excess_is_what_the_artefact_changes_more_than_its_control():
    real = {"decision": np.array([True, True]), "top": np.array([True, False]), "melanoma": np.array([0.5, 0.1])}
    control = {"decision": np.array([False, True]), "top": np.array([True, True]), "melanoma": np.array([0.2, 0.1])}
    excess = subtract_control(real | {"melanoma_shift": real["melanoma"]}, control)
    assert set(excess) == {"decision", "top", "melanoma"}
    assert excess["decision"].tolist() == [1, 0]
    assert excess["top"].tolist() == [0, -1]
    assert excess["melanoma"] == pytest.approx([0.3, 0])


@pytest.fixture
def artefacts(tmp_path):
    """One kind: a ruler cut from a photo of 450 rows, much redder than the skin below it."""
    for name, red in (("r_with.png", 250), ("r_without.png", 90)):
        (tmp_path / "ruler").mkdir(exist_ok=True)
        Image.new("RGB", (200, 120), (red, 90, 90)).save(tmp_path / "ruler" / name)
    entries = [{"class": "ruler", "name": "r", "artefact_folder": "ruler"}]
    (tmp_path / "meta.json").write_text(json.dumps({"artefacts": entries}))
    return read_artefacts(tmp_path)


def test_artefacts_stand_beside_their_controls(subjects, artefacts):
    report = measure_robustness(subjects, by_redness, 0.35, artefacts)
    assert report.artefacts == 1
    assert list(report.changes["artefact"]) == [KINDS["ruler"]]
    ruler = report.changes["artefact"][KINDS["ruler"]]
    assert ruler.melanoma_shift.value > 0.01
    assert set(ruler.controls) == {"noise", "patch"}
    for control in ruler.controls.values():
        assert control.excess.melanoma.value == pytest.approx(ruler.melanoma.value - control.melanoma.value, abs=1e-5)
    # Mean colour cannot tell a form from the same pixels in disorder.
    assert ruler.controls["noise"].excess.melanoma.value == pytest.approx(0, abs=2e-3)


def test_what_does_not_matter_to_the_answer_changes_nothing(subjects):
    changes = measure_robustness(subjects, by_redness, 0.35, []).changes
    for change in changes["turn and flip"].values():
        assert change.melanoma.value < 1e-9
        assert change.decision.value == 0
        assert change.decision.high > 0.2  # twelve photos do not prove much
    assert changes["light"]["warmer (red +10 %, blue -10 %)"].melanoma_shift.value > 0.01
    assert changes["light"]["cooler (red -10 %, blue +10 %)"].melanoma_shift.value < -0.01


def test_variations_are_what_they_say(subjects):
    images_of = {(family, name): images for family, name, images in make_variations(subjects)}
    assert len(images_of) == VARIATIONS
    assert all(images.shape == subjects.images.shape and images.dtype == np.uint8 for images in images_of.values())
    losses = [
        np.abs(images_of["JPEG", f"quality {q}"].astype(float) - subjects.images).mean() for q in (95, 70, 50, 30)
    ]
    assert losses == sorted(losses)
    assert (images_of["turn and flip", "turned 180 degrees"] == subjects.images[:, ::-1, ::-1]).all()
    assert images_of["light", "20 % darker"].mean() == pytest.approx(0.8 * subjects.images.mean(), rel=0.01)


def test_passes_are_announced_rightly(subjects):
    calls = []
    measure_robustness(subjects, by_redness, 0.35, [], advance=lambda: calls.append(1))
    assert len(calls) == VARIATIONS


def test_real_artefacts_are_read_and_seen(data, subjects):
    artefacts = read_artefacts(data / "artefacts")
    assert {a.kind for a in artefacts} == set(KINDS)
    assert len(artefacts) == 51
    files = [len(files) for artefact in artefacts for files in artefact.files]
    assert (files.count(2), files.count(1)) == (116, 28)
    changes = measure_robustness(subjects, by_redness, 0.35, artefacts).changes["artefact"]
    for label in KINDS.values():
        assert changes[label].melanoma.value > 0
        assert set(changes[label].controls) == {"noise", "patch"}
        # Mean colour cannot tell a form from the same pixels in disorder.
        assert changes[label].controls["noise"].excess.melanoma.value == pytest.approx(0, abs=2e-3)


def test_jpeg_goes_through_the_photo_reader():
    image = Image.fromarray(draw_example(seed=3, width=64, height=48))
    assert recompress(image, 30).size == (64, 48)
