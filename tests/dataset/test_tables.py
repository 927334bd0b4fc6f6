"""The labelled table and its split, on the real downloads."""

import pandas as pd
import pytest

from melanoma.dataset import duplicates, packing, sources, splitting
from melanoma.dataset.batches import Sampling, TrainingBatches
from melanoma.diagnoses import CODES, index


@pytest.fixture(scope="module")
def table(data):
    return sources.photo_table(data)


@pytest.fixture(scope="module")
def thumbnail_rows(table):
    return duplicates.thumbnails(packing.pack(table, 32))


@pytest.fixture(scope="module")
def split(table, thumbnail_rows):
    table = table.assign(group=splitting.lesion_groups(table, thumbnail_rows))
    return table.assign(split=splitting.split_by_group(table, seed=20))


def test_labels_come_out_as_the_independent_tables_say(table):
    assert table["diagnosis"].value_counts().to_dict() == {
        "NV": 8588, "MEL": 1847, "PBK": 1099, "BCC": 514, "SK": 386, "SCC": 202, "VASC": 142, "AK": 130, "DF": 122,
    }  # fmt: skip
    assert table["image_id"].is_unique


def test_sharpest_copy_of_an_id_is_used(table):
    paths = table.set_index("image_id")["path"]
    assert "ham10000_600x450" in paths["ISIC_0024306"]  # also there at 224 and at 200 x 150
    assert not paths.str.contains("expert").any()


def test_only_copies_stored_squashed_are_unsquashed(table):
    squashed = table["path"].str.contains("isic2017|isic9")
    assert (table["aspect"].notna() == squashed).all()


def test_no_group_and_no_lesion_crosses_a_split(split):
    for column in ("group", "lesion_id"):
        assert split.dropna(subset=column).groupby(column)["split"].nunique().max() == 1


def test_no_near_duplicate_crosses_a_split(split, thumbnail_rows):
    pairs = duplicates.near_duplicates(thumbnail_rows)
    assert len(pairs) > 100  # pictures of one lesion among them; none would prove nothing
    sides = split["split"].to_numpy()
    assert all(sides[i] == sides[j] for i, j, _ in pairs)


def test_every_diagnosis_is_in_every_split_in_like_shares(split):
    shares = pd.crosstab(split["diagnosis"], split["split"], normalize="index")
    assert shares["test"].between(0.10, 0.20).all()
    assert shares["validation"].between(0.06, 0.14).all()


def test_split_is_remade_by_its_seed_and_not_by_another(split, table):
    again = splitting.split_by_group(split.drop(columns="split"), seed=20)
    other = splitting.split_by_group(split.drop(columns="split"), seed=21)
    assert (again == split["split"]).all()
    assert (other != split["split"]).mean() > 0.2


def test_oversampling_draws_from_train_alone_and_more_often_from_the_rare(split):
    train = (split["split"] == "train").to_numpy()
    labels = split.loc[train, "diagnosis"].map(index).to_numpy()
    images = packing.pack(split[train].head(1), 8).repeat(train.sum(), axis=0)
    batches = TrainingBatches(images, labels, len(CODES), 8, 32, Sampling(samples=20_000), seed=1)
    assert batches.rows.max() < train.sum()
    drawn = pd.Series(labels[batches.rows]).value_counts(normalize=True)
    there = pd.Series(labels).value_counts(normalize=True)
    assert drawn[index("AK")] > 4 * there[index("AK")]
    assert drawn[index("NV")] < 0.6 * there[index("NV")]
