"""Photos with lesion masks: which ones, in which order, and in the frame of the crop."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from public_layouts import write_milk10k

from melanoma.evaluation.masked_photos import load_clinical_photos, load_masked_photos, order_by_lesion, read_mask
from melanoma.explain.localisation import MASK_PLACES
from melanoma.photo.synthetic import example_bytes
from melanoma.run import RunError


def test_mask_is_read_in_the_crops_frame(tmp_path):
    frame = np.zeros((450, 600), np.uint8)
    frame[:, :75] = 255  # outside the centre square
    frame[:225, 75:300] = 255
    Image.fromarray(frame).save(tmp_path / "mask.png")
    mask = read_mask(tmp_path / "mask.png")
    assert mask.mean() == pytest.approx(0.25, abs=0.01)
    assert mask[: MASK_PLACES // 2 - 1, : MASK_PLACES // 2 - 1].all()


def test_sample_takes_a_photo_of_each_lesion_before_a_second_one():
    groups = np.array(["a"] * 5 + ["b"] * 2 + ["c"])
    rows = order_by_lesion(groups)
    assert sorted(rows) == list(range(8))
    assert set(groups[rows[:3]]) == {"a", "b", "c"}
    assert set(groups[rows[3:5]]) == {"a", "b"}
    np.testing.assert_array_equal(rows, order_by_lesion(groups))
    assert (rows != order_by_lesion(groups, seed=1)).any()


def test_clinical_photos_of_a_split_come_without_masks(tmp_path):
    lesions = [(f"IL_{n}", "Nevus", f"ISIC_100000{2 * n - 1},ISIC_100000{2 * n}", 2) for n in range(1, 5)]
    write_milk10k(tmp_path / "milk10k", lesions)
    ids = [f"ISIC_100000{n}" for n in range(1, 9)]
    kinds = ["clinical", "dermoscopic"] * 4
    split = pd.DataFrame({"image_id": ids, "kind": kinds, "split": "test", "diagnosis": "NV", "group": ids})
    run = SimpleNamespace(name="x", split=pd.concat([split] * 4), input_size=32)
    photos = load_clinical_photos(run, tmp_path)
    assert photos.masks is None
    assert set(photos.groups) == {image_id for image_id, kind in zip(ids, kinds, strict=True) if kind == "clinical"}
    assert len(load_clinical_photos(run, tmp_path, most=9).labels) == 9
    with pytest.raises(RunError, match="no clinical photos in its split"):
        load_clinical_photos(SimpleNamespace(name="x", split=split.drop(columns="kind")), tmp_path)


@pytest.fixture
def data(tmp_path):
    """Fourteen photos of HAM10000, twelve with a mask: as high as its number, at the top; one of them empty."""
    folder = tmp_path / "ham10000"
    (folder / "images").mkdir(parents=True)
    (folder / "masks").mkdir()
    for i in range(14):
        (folder / "images" / f"P{i:02d}.jpg").write_bytes(example_bytes(seed=i, width=80, height=60))
        if i < 12:
            mask = np.zeros((60, 80), np.uint8)
            mask[: 4 * i] = 255
            Image.fromarray(mask).save(folder / "masks" / f"P{i:02d}_segmentation.png")
    return tmp_path


def make_run(splits: list[str]) -> SimpleNamespace:
    """What is read of a run: its name, split and input size."""
    n = len(splits)
    table = pd.DataFrame({"image_id": [f"P{i:02d}" for i in range(n)], "diagnosis": ["NV", "MEL"] * (n // 2)})
    table["group"] = [f"L{i // 2}" for i in range(n)]
    return SimpleNamespace(name="made-up", split=table.assign(source="ham10000", split=splits), input_size=32)


def test_photos_of_the_split_come_with_their_own_masks(data):
    photos = load_masked_photos(make_run(["test"] * 14), data)
    assert photos.images.shape == (11, 32, 32, 3)  # all but the empty mask and the two without one
    np.testing.assert_allclose(photos.masks.mean(axis=(1, 2)), 4 * np.arange(1, 12) / 60, atol=0.02)
    assert photos.masks[0, 0].all()
    assert not photos.masks[0, -1].any()
    assert photos.groups.tolist() == [f"L{i // 2}" for i in range(1, 12)]
    assert photos.labels[0] == 3  # MEL
    assert photos.expert == {}
    few = load_masked_photos(make_run(["test"] * 14), data, most=9)
    assert 8 <= len(few.labels) <= 9


def test_too_few_photos_are_refused_in_a_sentence(data):
    run = make_run(["test"] * 6 + ["validation"] * 8)
    with pytest.raises(RunError, match="lesion masks of 6 of made-up's test photos: too few"):
        load_masked_photos(run, data)
