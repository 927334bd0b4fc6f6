"""The training table, counted."""

import pandas as pd
import pytest
from reading_pages import open_page, read

from melanoma.run import DEFAULT_RUN, DataFacts, NetworkInput, RunFacts, TrainingSettings, write_checksums, write_part
from melanoma.run.folder import SPLITS, file_sha256

TAB = {"tab": "Training photos"}


@pytest.fixture
def trained(empty_models):
    """A run on melanomas from two sources and keratoses from one; its split lies beside it, where runs share it."""
    rows = [("MEL", "ham10000", "train")] * 30 + [("MEL", "isic2017", "test")] * 12 + [("SK", "isic2017", "train")] * 5
    table = pd.DataFrame(rows, columns=["diagnosis", "source", "split"])
    table["image_id"] = [f"P{i}" for i in range(len(table))]
    table["group"] = [f"L{i // 2}" for i in range(len(table))]
    (empty_models / SPLITS).mkdir()
    table.to_csv(empty_models / SPLITS / "split.csv", index=False)
    fingerprint = file_sha256(empty_models / SPLITS / "split.csv")
    split = (empty_models / SPLITS / "split.csv").rename(empty_models / SPLITS / f"{fingerprint}.csv")
    folder = empty_models / DEFAULT_RUN
    folder.mkdir()
    settings = TrainingSettings("baseline-cnn", 32, 1, 10)
    data = DataFacts(fingerprint, 47, 24)
    write_part(
        folder / "run.json",
        RunFacts(folder.name, "finished", "baseline-cnn", NetworkInput(32), settings, data, 1, "2026-01-02T03:04:05"),
    )
    write_checksums(folder)
    return split


def test_photos_lesions_and_splits_are_counted(trained):
    page = open_page("dataset", **TAB)
    assert {m.label: m.value for m in page.metric} == {
        "Photos": "47",
        "Lesions": "24",
        "In train": "35",
        "In test": "12",
    }
    assert "From one source alone: seborrheic keratosis (ISIC 2017)" in read(page)
    table = page.dataframe[0].value.set_index("diagnosis")
    assert table.loc["melanoma", ["photos", "train", "test"]].tolist() == [42, 30, 12]


def test_a_split_that_was_changed_is_said_in_one_sentence(trained):
    with trained.open("a") as file:
        file.write("MEL,ham10000,train,P99,L99\n")
    words = read(open_page("dataset", **TAB))
    assert "was changed after it was written" in words
    assert "No trained run is here yet" in words


def test_without_a_run_the_tab_says_how_to_make_one(empty_models):
    assert "python -m melanoma train" in read(open_page("dataset", **TAB))
