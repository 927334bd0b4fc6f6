"""No lesion and no near-identical picture lies in two splits; what was test once stays test."""

import numpy as np
import pandas as pd
import pytest
from public_layouts import write_photo

from melanoma.dataset.duplicates import NEAR, make_thumbnails, read_thumbnails
from melanoma.dataset.earlier_split import FINGERPRINT, read_earlier_split
from melanoma.dataset.packing import pack
from melanoma.dataset.photo_table import read_photo_table
from melanoma.dataset.same_lesions import PAIRS, read_same_lesions
from melanoma.dataset.splitting import (
    TooFewPhotosError,
    fingerprint,
    group_lesions,
    split_by_group,
    split_photos,
    write_manifest,
)


@pytest.fixture(scope="module")
def real(data):
    """All labelled photos: their table with group and split, their thumbnails, and the split they extend."""
    table = read_photo_table(data)
    rows, _ = read_thumbnails(table)
    table["group"] = group_lesions(table, rows)
    earlier = read_earlier_split()
    table["split"] = split_photos(table, 20, earlier)
    return table, rows, earlier.set_index("image_id")["split"]


@pytest.mark.slow
def test_real_no_lesion_crosses_a_split(real):
    table = real[0][real[0]["split"] != "excluded"]
    assert table.dropna(subset="lesion_id").groupby("lesion_id")["split"].nunique().max() == 1
    assert table.groupby("group")["split"].nunique().max() == 1


@pytest.mark.slow
def test_real_no_near_identical_picture_crosses_a_split(real):
    table, rows, _ = real
    split = table["split"].to_numpy()
    for held_out, others in (("test", ("train", "validation")), ("validation", ("train",))):
        closest = rows[split == held_out] @ rows[np.isin(split, others)].T
        assert closest.max() <= NEAR


@pytest.mark.slow
def test_real_earlier_photos_keep_their_split_but_for_those_that_another_split_reaches(real):
    table, _, earlier = real
    old = table[table["image_id"].isin(earlier.index)].set_index("image_id")["split"]
    assert len(old) == len(earlier) == 13030
    moves = pd.Series([f"{earlier[i]} -> {split}" for i, split in old.items() if split != earlier[i]])
    assert moves.value_counts().to_dict() == {
        "train -> excluded": 25, "validation -> train": 21, "validation -> excluded": 7,
    }  # fmt: skip


@pytest.mark.slow
def test_real_every_diagnosis_and_kind_is_shared_out_in_the_stated_parts(real):
    table, _, _ = real
    shares = pd.crosstab([table["diagnosis"], table["kind"]], table["split"], normalize="index")
    assert shares["train"].between(0.65, 0.85).all()
    assert shares["validation"].between(0.05, 0.17).all()
    assert shares["test"].between(0.08, 0.23).all()


@pytest.mark.slow
def test_real_old_data_alone_keep_the_fingerprint_of_the_first_split(real):
    """With and without the stored split to extend, whatever the seed of the extension."""
    old = (real[0]["source"] != "milk10k").to_numpy()
    table = real[0][old].drop(columns=["also_lesion_id", "split"]).reset_index(drop=True)
    table["group"] = group_lesions(table, real[1][old])
    for split in (split_by_group(table, 20), split_photos(table, 7, read_earlier_split())):
        assert fingerprint(table.assign(split=split)) == FINGERPRINT


def make_table(lesions: int = 200) -> tuple[pd.DataFrame, np.ndarray]:
    """Lesions of one or two photos, all of which look different."""
    rng = np.random.default_rng(0)
    lesion = np.repeat(np.arange(lesions), rng.integers(1, 3, lesions))
    table = pd.DataFrame({"image_id": [f"P{i:04d}" for i in range(len(lesion))]})
    table["lesion_id"] = [f"L{n}" for n in lesion]
    table["diagnosis"] = np.where(lesion % 3 == 0, "MEL", "NV")
    table["source"] = np.where(lesion % 2, "north", "south")
    rows = rng.normal(size=(len(table), 64)).astype(np.float32)
    return table, rows / np.linalg.norm(rows, axis=1, keepdims=True)


def grouped(lesions: int = 200) -> pd.DataFrame:
    table, rows = make_table(lesions)
    return table.assign(group=group_lesions(table, rows))


def test_no_lesion_crosses_a_split():
    table = grouped(400)
    table["split"] = split_by_group(table, seed=3)
    assert table.groupby("lesion_id")["split"].nunique().max() == 1
    assert table.groupby("lesion_id").size().max() == 2  # or the line above says nothing


def test_shares_are_75_train_10_validation_15_test():
    table = grouped(2000)
    shares = split_by_group(table, seed=3).value_counts(normalize=True)
    assert shares["train"] == pytest.approx(0.75, abs=0.02)
    assert shares["validation"] == pytest.approx(0.10, abs=0.015)
    assert shares["test"] == pytest.approx(0.15, abs=0.015)


def test_dark_skin_is_shared_out_as_the_rest():
    table = grouped(2000)
    tone = pd.Series(np.arange(len(table)) % 10 == 0).map({True: 1, False: 4}).groupby(table["group"]).transform("min")
    table["skin_tone"] = tone.astype("Int64")
    dark = split_by_group(table, seed=3)[table["skin_tone"] == 1].value_counts(normalize=True)
    assert dark["test"] == pytest.approx(0.15, abs=0.02)
    assert dark["validation"] == pytest.approx(0.10, abs=0.02)


def test_near_identical_pictures_tie_two_lesions_into_one_group():
    table, rows = make_table(10)
    last = len(table) - 1
    rows[last] = rows[0]
    group = group_lesions(table, rows)
    assert group[0] == group[last] == "P0000"
    assert group.nunique() == 9


def test_a_second_id_ties_two_lesions_into_one_group():
    table, rows = make_table(10)
    table["also_lesion_id"] = None
    table.loc[0, "also_lesion_id"] = "L7"
    group = group_lesions(table, rows)
    assert set(group[table["lesion_id"].isin(["L0", "L7"])]) == {"P0000"}
    assert group.nunique() == 9


def test_a_photo_without_lesion_id_is_its_own_group():
    table, rows = make_table(5)
    table["lesion_id"] = None
    assert group_lesions(table, rows).tolist() == table["image_id"].tolist()


def test_groups_have_the_same_names_in_any_order():
    table, rows = make_table()
    order = np.random.default_rng(1).permutation(len(table))
    group = group_lesions(table, rows)
    shuffled = group_lesions(table.iloc[order].reset_index(drop=True), rows[order])
    assert dict(zip(table["image_id"], group, strict=True)) == dict(
        zip(table["image_id"].iloc[order], shuffled, strict=True)
    )


def test_the_same_seed_gives_the_same_split_and_fingerprint():
    table = grouped()
    first = table.assign(split=split_by_group(table, 7))
    again = table.assign(split=split_by_group(table, 7))
    other = table.assign(split=split_by_group(table, 8))
    assert first["split"].tolist() == again["split"].tolist()
    assert fingerprint(first) == fingerprint(again.sample(frac=1, random_state=0))
    assert fingerprint(first) != fingerprint(other)


def test_a_stored_split_names_kinds_only_where_there_is_more_than_one():
    table = grouped(40).assign(split="train")
    plain = write_manifest(table)
    assert plain.startswith(b"image_id,diagnosis,group,source,split\nP0000,MEL,P0000,south,train\n")
    assert write_manifest(table.assign(kind="dermoscopic")) == plain
    kinds = ["clinical", *["dermoscopic"] * (len(table) - 1)]
    mixed = write_manifest(table.assign(kind=kinds))
    assert mixed.startswith(b"image_id,diagnosis,group,source,kind,split\nP0000,MEL,P0000,south,clinical,train\n")


# A later split extends the earlier one


def extend(pairs: list[tuple[str, str, str | None]], new_groups: int = 0, seed: int = 0) -> pd.Series:
    """Image id -> split, of photos of (id, group, earlier split or None) and as many new groups of two photos."""
    more = [(f"N{i:04d}{side}", f"N{i:04d}", None) for i in range(new_groups) for side in "ab"]
    table = pd.DataFrame([*pairs, *more], columns=["image_id", "group", "was"]).assign(diagnosis="NV", source="s")
    earlier = table.dropna(subset="was").rename(columns={"was": "split"})[["image_id", "split"]]
    return split_photos(table, seed, earlier).set_axis(table["image_id"])


def test_what_was_test_stays_test_and_takes_new_photos_of_its_lesion_along():
    split = extend([("old", "g", "test"), ("new", "g", None), ("other", "h", "train"), ("more", "h", None)])
    assert split.to_dict() == {"old": "test", "new": "test", "other": "train", "more": "train"}


def test_a_train_photo_never_becomes_test_when_its_lesion_turns_out_to_be_test():
    split = extend([("held", "g", "test"), ("used", "g", "train"), ("tuned", "g", "validation"), ("new", "g", None)])
    assert split.to_dict() == {"held": "test", "used": "excluded", "tuned": "excluded", "new": "test"}


def test_train_wins_over_validation_and_an_excluded_photo_stays_out():
    split = extend([("a", "g", "validation"), ("b", "g", "train"), ("c", "h", "excluded"), ("d", "h", "test")])
    assert split.to_dict() == {"a": "train", "b": "train", "c": "excluded", "d": "test"}
    assert extend([("c", "h", "excluded"), ("d", "h", "train")]).to_dict() == {"c": "excluded", "d": "train"}


def test_new_lesions_are_shared_out_by_the_seed_and_earlier_photos_do_not_move():
    old = [(f"O{i}", f"O{i}", ("train", "validation", "test")[i % 3]) for i in range(30)]
    first, again, other = (extend(old, 400, seed) for seed in (1, 1, 2))
    assert first.equals(again)
    assert not first.equals(other)
    for split in (first, other):
        assert split[:30].tolist() == [was for _, _, was in old]
        assert split[30:].value_counts(normalize=True).round(2).to_dict() == {
            "train": 0.75, "test": 0.15, "validation": 0.1,
        }  # fmt: skip
        assert split[30:].groupby(split.index[30:].str[:5]).nunique().max() == 1


def test_new_lesions_too_few_to_hold_any_out_are_learned_from():
    assert extend([("old", "g", "test")], new_groups=3)[1:].tolist() == ["train"] * 6


def test_a_folder_without_earlier_photos_is_split_afresh_or_refused():
    table = grouped()
    earlier = pd.DataFrame({"image_id": ["elsewhere"], "split": ["test"]})
    assert split_photos(table, 7, earlier).equals(split_by_group(table, 7))
    assert split_photos(table, 7, None).equals(split_by_group(table, 7))
    with pytest.raises(TooFewPhotosError, match="too few"):
        split_photos(grouped(5), 7, earlier)


def test_both_photos_of_a_milk10k_lesion_and_ham10000_photos_of_it_share_a_group(milk):
    table = read_photo_table(milk)
    group = group_lesions(table, make_thumbnails(pack(table, 64)))
    members = table.groupby(group)["image_id"].agg(set).tolist()
    assert sorted(members, key=min) == [
        {"ISIC_0024306", "ISIC_0024307", "ISIC_1000001", "ISIC_1000002"},
        {"ISIC_0024308"},
        {"ISIC_1000003", "ISIC_1000004"},
        {"ISIC_1000005", "ISIC_1000006"},
    ]
    earlier = pd.DataFrame({"image_id": ["ISIC_0024307"], "split": ["test"]})
    split = split_photos(table.assign(group=group), 20, earlier).set_axis(table["image_id"])
    assert (split[["ISIC_0024306", "ISIC_1000001", "ISIC_1000002"]] == "test").all()


def test_identical_photos_under_two_lesion_ids_share_a_group(milk):
    folder = milk / "milk10k" / "MILK10k_Training_Input"
    same = (folder / "IL_0000002" / "ISIC_1000003.webp").read_bytes()
    (folder / "IL_0000003" / "ISIC_1000005.webp").write_bytes(same)
    table = read_photo_table(milk)
    group = group_lesions(table, make_thumbnails(pack(table, 64))).set_axis(table["image_id"])
    assert group["ISIC_1000004"] == group["ISIC_1000006"] == "ISIC_1000003"


def test_the_projects_own_list_ties_photos_together_where_both_are_there(milk):
    """Two made-up lesions under the ids of a pair of the list."""
    first, second = read_same_lesions(milk)[0]
    for image_id, lesion in ((first, "HAM_8"), (second, "HAM_9")):
        write_photo(milk / "ham10000" / "images" / f"{image_id}.jpg", int(lesion[-1]) + 30)
        with (milk / "ham10000" / "HAM10000_metadata.csv").open("a") as file:
            file.write(f"{lesion},{image_id},nv,histo,30,male,face\n")
    table = read_photo_table(milk)
    group = group_lesions(table, make_thumbnails(pack(table, 64))).set_axis(table["image_id"])
    assert group[first] == group[second] == min(first, second)
    (milk / "ham10000" / "images" / f"{first}.jpg").unlink()
    assert pd.isna(read_photo_table(milk).set_index("image_id").loc[second, "also_lesion_id"])


def test_the_projects_own_list_holds_pairs_of_ids_alone_and_leaves_the_older_sources_as_they_are(milk):
    pairs = pd.read_csv(PAIRS)
    assert list(pairs) == ["image_id", "other_id", "agreeing"]
    assert (pairs["agreeing"] >= 8).all()
    assert not pairs.duplicated(["image_id", "other_id"]).any()
    assert len(read_same_lesions(milk)) == len(pairs) + 1  # and the list that came with the data
    assert read_same_lesions(milk / "ham10000") == []


def test_the_first_split_lies_among_the_shared_splits(tmp_path):
    stored = read_earlier_split()
    assert stored["split"].value_counts().to_dict() == {"train": 9771, "test": 1956, "validation": 1303}
    assert fingerprint(stored) == FINGERPRINT
    assert read_earlier_split(tmp_path) is None
