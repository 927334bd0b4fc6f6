"""No lesion and no near-identical picture lies in two splits."""

import numpy as np
import pandas as pd
import pytest

from melanoma.dataset import duplicates, packing, sources, splitting


@pytest.fixture(scope="module")
def real(data):
    """All labelled photos at 32 px: their table with group and split, and their thumbnails."""
    table = sources.photo_table(data)
    rows = duplicates.thumbnails(packing.pack(table, 32))
    table["group"] = splitting.lesion_groups(table, rows)
    table["split"] = splitting.split_by_group(table, seed=20)
    return table, rows


def test_no_lesion_crosses_a_split(real):
    table, _ = real
    known = table.dropna(subset="lesion_id")
    assert known.groupby("lesion_id")["split"].nunique().max() == 1
    assert table.groupby("group")["split"].nunique().max() == 1


def test_no_near_identical_picture_crosses_a_split(real):
    table, rows = real
    split = table["split"].to_numpy()
    for held_out, others in (("test", ("train", "validation")), ("validation", ("train",))):
        closest = rows[split == held_out] @ rows[np.isin(split, others)].T
        assert closest.max() <= duplicates.NEAR


def test_every_diagnosis_is_shared_out_in_the_stated_parts(real):
    table, _ = real
    shares = pd.crosstab(table["diagnosis"], table["split"], normalize="index")
    assert shares["train"].between(0.65, 0.85).all()
    assert shares["validation"].between(0.05, 0.17).all()
    assert shares["test"].between(0.08, 0.23).all()


def made_up(lesions: int = 200) -> tuple[pd.DataFrame, np.ndarray]:
    """Lesions of one or two photos, all of which look different."""
    rng = np.random.default_rng(0)
    lesion = np.repeat(np.arange(lesions), rng.integers(1, 3, lesions))
    table = pd.DataFrame({"image_id": [f"P{i:04d}" for i in range(len(lesion))]})
    table["lesion_id"] = [f"L{n}" for n in lesion]
    table["diagnosis"] = np.where(lesion % 3 == 0, "MEL", "NV")
    table["source"] = np.where(lesion % 2, "north", "south")
    rows = rng.normal(size=(len(table), 64)).astype(np.float32)
    return table, rows / np.linalg.norm(rows, axis=1, keepdims=True)


def test_near_identical_pictures_tie_two_lesions_into_one_group():
    table, rows = made_up(10)
    last = len(table) - 1
    rows[last] = rows[0]
    group = splitting.lesion_groups(table, rows)
    assert group[0] == group[last] == "P0000"
    assert group.nunique() == 9


def test_a_photo_without_lesion_id_is_its_own_group():
    table, rows = made_up(5)
    table["lesion_id"] = None
    assert splitting.lesion_groups(table, rows).tolist() == table["image_id"].tolist()


def test_groups_have_the_same_names_in_any_order():
    table, rows = made_up()
    order = np.random.default_rng(1).permutation(len(table))
    group = splitting.lesion_groups(table, rows)
    shuffled = splitting.lesion_groups(table.iloc[order].reset_index(drop=True), rows[order])
    assert dict(zip(table["image_id"], group, strict=True)) == dict(
        zip(table["image_id"].iloc[order], shuffled, strict=True)
    )


def test_the_same_seed_gives_the_same_split_and_fingerprint():
    table, rows = made_up()
    table["group"] = splitting.lesion_groups(table, rows)
    first = table.assign(split=splitting.split_by_group(table, 7))
    again = table.assign(split=splitting.split_by_group(table, 7))
    other = table.assign(split=splitting.split_by_group(table, 8))
    assert first["split"].tolist() == again["split"].tolist()
    assert splitting.fingerprint(first) == splitting.fingerprint(again.sample(frac=1, random_state=0))
    assert splitting.fingerprint(first) != splitting.fingerprint(other)
