"""Photos of no lesion: everyday photos, and skin where no lesion is."""

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from public_layouts import write_photo

from melanoma.dataset.other_photos import cut, read_other_photos
from melanoma.dataset.packing import pack


@pytest.fixture
def photos(tmp_path):
    """A dermoscopic photo whose lesion leaves one corner free, one it fills, a clinical one, and everyday photos."""

    def save(name: str, pixels: np.ndarray) -> str:
        Image.fromarray(pixels).save(tmp_path / name)
        return str(tmp_path / name)

    mask = np.full((96, 96), 255, np.uint8)
    mask[50:, 50:] = 0
    picture = np.where(mask[..., None] > 0, (60, 30, 20), (220, 180, 160)).astype(np.uint8)
    rows = [
        ("a", save("a.png", picture), save("a_mask.png", mask), "dermoscopic", "train", "ga"),
        ("b", save("b.png", picture), save("b_mask.png", np.full((96, 96), 255, np.uint8)), "dermoscopic", "test", "b"),
        ("c", save("c.png", picture), None, "clinical", "test", "gc"),
        ("d", save("d.png", picture), None, "clinical", "excluded", "gd"),
    ]
    for number in range(200):
        write_photo(tmp_path / "everyday" / f"n{number:03d}.jpg", 0, 32, 32)
    table = pd.DataFrame(rows, columns=["image_id", "path", "mask", "kind", "split", "group"])
    return tmp_path, table.assign(aspect=np.nan, source="s", diagnosis="NV")


def test_crops_show_skin_alone_and_stay_with_their_photo(photos):
    data, table = photos
    others = read_other_photos(data, table, seed=1).set_index("image_id")
    skin = others[others["source"] == "s"]
    assert skin.index.tolist() == ["a-skin", "c-skin"]
    assert skin[["group", "split"]].apply(tuple, axis=1).tolist() == [("ga", "train"), ("gc", "test")]
    crop = pack(skin.loc[["a-skin"]], 32)[0]
    assert crop.min() > 150  # (220, 180, 160) less what resampling does
    assert set(others["kind"]) == {"other"}
    assert others["diagnosis"].isna().all()


def test_everyday_photos_are_split_by_name_and_seed_in_the_stated_parts(photos):
    data, table = photos
    everyday = read_other_photos(data, table, seed=1).query("source == 'everyday'").set_index("image_id")["split"]
    shares = everyday.value_counts(normalize=True)
    assert shares["train"] == pytest.approx(0.75, abs=0.07)
    assert shares["test"] == pytest.approx(0.15, abs=0.06)
    for number in range(0, 200, 2):
        (data / "everyday" / f"n{number:03d}.jpg").unlink()
    fewer = read_other_photos(data, table, seed=1).query("source == 'everyday'").set_index("image_id")["split"]
    assert fewer.equals(everyday[fewer.index])


def test_crops_are_no_more_than_wanted_and_there_may_be_no_photo_at_all(photos):
    data, table = photos
    assert len(read_other_photos(data, table, seed=1, crops=0).query("source == 's'")) == 0
    assert read_other_photos(data / "nowhere", table.iloc[1:2], seed=1).empty


def test_a_crop_of_a_squashed_photo_is_a_square_of_the_true_frame(tmp_path):
    """4:3 stored as a square: a crop of half the centre square is 3/8 of the width and half the height."""
    pixels = np.zeros((128, 128, 3), np.uint8)
    pixels[64:, 64:112] = 200  # the lower right quarter of the centre square, which is 96 pixels wide
    Image.fromarray(pixels).save(tmp_path / "squashed.png")
    table = pd.DataFrame({"path": [str(tmp_path / "squashed.png")] * 2, "aspect": [4 / 3] * 2})
    packed = pack(table.assign(crop=[(0.5, 0.5, 0.5), (0.0, 0.5, 0.5)]), 32)
    assert packed[0].min() == 200
    assert packed[1].max() == 0
    assert cut((0.5, 0.25, 0.5), 96) == (slice(24, 72), slice(48, 96))
