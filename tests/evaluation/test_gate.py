"""What is measured of the gate: shares of what is said, and ink on photos that were referred."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from predictions import make_prediction
from public_layouts import write_photo

from melanoma.evaluation.gate import Seen, choose_referred, count_reasons, look_at, measure_gate, try_ink
from melanoma.evaluation.kind_tables import tabulate_gate
from melanoma.evaluation.pen_marks import PENS, SHAPES, draw_mark
from melanoma.photo import DOUBTFUL, GOOD, UNUSABLE, Assessment, Photo, draw_example
from melanoma.serving import Classifier

PHOTO = Photo(draw_example(0, 128, 128), "", "PNG")


def seen(group: str, assessment: Assessment, kind: str = "dermoscopic", **shares: float) -> Seen:
    return Seen(PHOTO, replace(make_prediction(**shares), assessment=assessment), kind, group)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_mark_is_drawn_over_the_middle_and_the_same_for_the_same_seed(shape):
    marked = [draw_mark(PHOTO.pixels, "violet", shape, np.random.default_rng(3)) for _ in range(2)]
    changed = np.abs(marked[0].astype(int) - PHOTO.pixels).max(axis=2) > 40
    assert 0.003 < changed.mean() < 0.5
    assert changed[20:-20, 20:-20].any()
    np.testing.assert_array_equal(*marked)


def test_a_mark_has_the_colour_of_its_pen():
    white = np.full((128, 128, 3), 255, np.uint8)
    for pen, colour in PENS.items():
        marked = draw_mark(white, pen, "blot", np.random.default_rng(0))
        taken = 255 - marked.reshape(-1, 3)[marked.sum(axis=2).argmin()].astype(float)  # of white, by the ink
        full = 255 - np.array(colour)
        assert taken @ full / (np.linalg.norm(taken) * np.linalg.norm(full)) > 0.98


def test_reasons_of_one_kind_are_counted_as_one_and_the_good_are_left_out():
    white = [Assessment(DOUBTFUL, (f"The photo is overexposed: {share} % of it is white.",)) for share in (41, 56)]
    photos = [
        seen(str(i), one) for i, one in enumerate([*white, Assessment(GOOD), Assessment(GOOD, cautions=("Dark.",))])
    ]
    table = count_reasons(photos).set_index("what is said")["photos"].to_dict()
    assert table == {
        "any that makes it not good": 2,
        "The photo is overexposed: ## % of it is white.": 2,
        "Dark.": 1,
    }


def test_the_gate_is_counted_by_kind_of_photo():
    good, doubtful, unusable = (
        Assessment(GOOD),
        Assessment(DOUBTFUL, ("Blurred.",)),
        Assessment(UNUSABLE, ("No lesion.",)),
    )
    photos = [
        seen("a", good, NV=0.999),
        seen("b", doubtful, NV=0.999),
        seen("c", unusable, MEL=0.9),
        seen("d", good, MEL=0.9),
        seen("cat", unusable, "everyday"),
    ]
    gate = measure_gate(photos, "python -m melanoma evaluate RUN --data DATA --gate")
    dermoscopic, everyday = gate.kinds["dermoscopic"], gate.kinds["everyday"]
    assert (dermoscopic.photos, dermoscopic.refused.value, dermoscopic.flagged.value) == (4, 0.25, 0.5)
    assert sum(dermoscopic.decisions.values()) == 4
    assert (everyday.photos, everyday.refused.value, everyday.misread) == (1, 1, None)
    table = tabulate_gate(gate).set_index("test photos")
    assert table.loc["dermoscopic", "refused"].startswith("25")
    assert table.loc["everyday", "taken for the other kind"] == "–"


def test_referred_photos_come_nearest_to_the_threshold_first():
    good = Assessment(GOOD)
    photos = [
        seen("far", good, MEL=0.9),
        seen("near", good, MEL=0.3),
        seen("routine", good, NV=0.999),
        seen("blurred", Assessment(DOUBTFUL, ("The photo is blurred.",)), MEL=0.3),
        seen("tabby", good, "everyday", MEL=0.3),
    ]
    assert [one.group for one in choose_referred(photos, 5)] == ["near", "far"]
    assert [one.group for one in choose_referred(photos, 1)] == ["near"]


def test_ink_is_tried_on_each_referred_photo(run, tmp_path):
    paths = [tmp_path / f"{seed}.png" for seed in range(4)]
    for seed, path in enumerate(paths):
        write_photo(path, seed, 400, 300)
    columns = {"path": map(str, paths), "aspect": np.nan, "kind": "dermoscopic", "group": ["a", "b", "c", "d"]}
    classifier, steps = Classifier.open(run), []
    photos = list(look_at(classifier, pd.DataFrame(columns), lambda: steps.append(1)))
    assert len(steps) == len(photos) == 4
    table = try_ink(classifier, photos, [])
    assert table["photos"].sum() == 4
    assert table.equals(try_ink(classifier, photos, []))
    assert not table.equals(try_ink(classifier, photos, [], seed=1))
    assert (table["routine without a word"] <= table["routine by the score alone"]).all()
    assert (table["flagged"] + table["routine without a word"] <= table["photos"]).all()


def test_squashed_photos_are_looked_at_in_their_true_frame(run, tmp_path):
    write_photo(tmp_path / "square.png", 0, 300, 300)
    columns = {"path": [str(tmp_path / "square.png")], "aspect": 4 / 3, "kind": "dermoscopic", "group": "a"}
    (one,) = look_at(Classifier.open(run), pd.DataFrame(columns))
    assert one.photo.pixels.shape == (300, 400, 3)
