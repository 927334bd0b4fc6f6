"""The public layouts become one table, whose labels come in a fixed order of trust."""

import os
import shutil

import pandas as pd
import pytest
from public_layouts import write_photo

from melanoma.dataset.copies import find_best_copies
from melanoma.dataset.photo_table import describe_left_out, read_photo_table, read_unknown_lesions
from melanoma.dataset.public_csv import TableError
from melanoma.photo.synthetic import example_bytes
from melanoma.sources import CLINICAL, DERMOSCOPIC

# of the old sources, and of MILK10k's lesions
COUNTS = {"NV": 8588, "MEL": 1847, "PBK": 1099, "BCC": 514, "SK": 386, "SCC": 202, "VASC": 142, "AK": 130, "DF": 122}
MILK = {"BCC": 2253, "SCC": 588, "NV": 535, "MEL": 359, "SK": 295, "PBK": 169, "AK": 110, "DF": 44, "VASC": 38}


@pytest.fixture
def small(tmp_path):
    """Every layout with one or two ids each."""

    def photo(path, seed):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(example_bytes(seed, 60, 45))

    photo("isic9/Train/melanoma/ISIC_0000001.jpg", 1)
    photo("isic9/Train/seborrheic keratosis/ISIC_0000001.jpg", 1)
    photo("isic9/Train/nevus/ISIC_0000002(1).jpg", 2)
    photo("isic9/Train/nevus/ISIC_0000003.jpg", 3)
    photo("isic9/Test/melanoma/ISIC_0000003.jpg", 3)
    photo("ham10000/images/ISIC_0024306.jpg", 4)
    photo("ham10000_224/ISIC_0024306.jpg", 4)
    photo("ham10000/images/ISIC_0024307.jpg", 5)
    photo("ham10000/images/ISIC_0024308.jpg", 6)
    photo("isic2017/ISIC-2017_Training_Data/ISIC_0000001.jpg", 1)
    ham = "lesion_id,image_id,dx,dx_type,age,sex,localization\n"
    ham += "HAM_1,ISIC_0024306,bkl,histo,60,male,back\n"
    ham += "HAM_2,ISIC_0024307,akiec,histo,70,female,face\n"
    ham += "HAM_2,ISIC_0024308,akiec,histo,70,female,face\n"
    (tmp_path / "ham10000" / "HAM10000_metadata.csv").write_text(ham)
    truth = "image_id,melanoma,seborrheic_keratosis\nISIC_0000001,1.0,0.0\n"
    (tmp_path / "isic2017" / "ISIC-2017_Training_Part3_GroundTruth.csv").write_text(truth)
    later = tmp_path / "isic2019"
    later.mkdir()
    codes = ["MEL", "NV", "BCC", "AK", "BKL", "DF", "VASC", "SCC", "UNK"]
    rows = {"ISIC_0000001": "NV", "ISIC_0024306": "BKL", "ISIC_0024307_downsampled": "SCC"}
    table = pd.DataFrame([[float(c == code) for c in codes] for code in rows.values()], columns=codes)
    table.insert(0, "image", list(rows))
    table.to_csv(later / "ISIC_2019_Training_GroundTruth.csv", index=False)
    return tmp_path


def test_labels_are_settled_in_the_order_of_trust(small):
    table = read_photo_table(small).set_index("image_id")
    labels = table[["diagnosis", "label_from"]].apply(tuple, axis=1).to_dict()
    assert labels == {
        "ISIC_0000001": ("MEL", "isic2017"),  # against ISIC 2019 and two folders
        "ISIC_0000002": ("NV", "folder"),
        "ISIC_0024306": ("PBK", "isic2019"),  # BKL, which HAM10000 settles
        "ISIC_0024307": ("SCC", "isic2019"),  # akiec, which ISIC 2019 settles
    }  # ISIC_0000003 (two folders) and ISIC_0024308 (akiec alone) stay unsettled


def test_the_sharpest_copy_is_used_with_its_geometry(small):
    copies = find_best_copies(small)
    assert copies.loc["ISIC_0024306", "path"].endswith("ham10000_224/ISIC_0024306.jpg")
    assert pd.isna(copies.loc["ISIC_0024306", "aspect"])
    assert "isic2017" in copies.loc["ISIC_0000001", "path"]
    assert copies.loc["ISIC_0000001", "aspect"] == pytest.approx(4 / 3)


def test_sources_and_lesions_come_from_the_tables(small):
    table = read_photo_table(small).set_index("image_id")
    assert table.loc["ISIC_0024307", ["source", "lesion_id"]].tolist() == ["ham10000", "HAM_2"]
    assert table.loc["ISIC_0000001", "source"] == "isic2017"
    assert table.loc["ISIC_0000002", "source"] == "isic-archive"


def test_a_folder_without_any_layout_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match="none of the known layouts"):
        read_photo_table(tmp_path)


def test_one_download_instead_of_the_folder_around_it_is_said(small):
    with pytest.raises(FileNotFoundError, match=rf"isic9 is one of the public downloads.* lies in: {small}$"):
        read_photo_table(small / "isic9")


@pytest.mark.parametrize("name", ["Nevus", "NEVI", "naevus", "melanocytic_nevus", "melanocytic-naevi", "nv"])
def test_other_spellings_of_a_diagnosis_are_known(small, name):
    (small / "isic9" / "Train" / "nevus").rename(small / "isic9" / "Train" / name)
    assert read_photo_table(small).set_index("image_id").loc["ISIC_0000002", "diagnosis"] == "NV"


def test_a_folder_of_another_class_is_named_and_left_out(small):
    before = read_photo_table(small)
    assert describe_left_out(small, before) == [
        "Left out, as nothing settles which of the nine they are: 2 photos (ISIC_0000003, ISIC_0024308)."
    ]
    (small / "isic9" / "Train" / "nevus").rename(small / "isic9" / "Train" / "benign")
    table = read_photo_table(small)
    assert set(before["image_id"]) - set(table["image_id"]) == {"ISIC_0000002"}
    assert describe_left_out(small, table)[0] == (
        "Left out, as their folders are named for none of the nine diagnoses: benign (2)."
    )


def test_photos_without_any_diagnosis_are_one_sentence(small):
    for table in [*small.rglob("*.csv")]:
        table.unlink()
    shutil.rmtree(small / "isic9")
    with pytest.raises(TableError, match=r"None of the \d+ photos below .* has a diagnosis: put the download's table"):
        read_photo_table(small)


@pytest.mark.parametrize("suffix", [".JPG", ".jpeg", ".Jpeg"])
def test_suffixes_are_read_whatever_their_case(small, suffix):
    before = read_photo_table(small)
    for path in [*small.rglob("*.jpg")]:
        path.rename(path.with_suffix(suffix))
    assert read_photo_table(small)["diagnosis"].tolist() == before["diagnosis"].tolist()


def test_ham10000_is_read_as_kaggle_has_it(milk):
    before = read_photo_table(milk)
    ham = milk / "ham10000"
    (ham / "images").rename(ham / "HAM10000_images_part_1")
    for other in ("HAM10000_images_part_2", "ham10000_images_part_2"):
        (ham / other).mkdir(exist_ok=True)
        shutil.copy(ham / "HAM10000_images_part_1" / "ISIC_0024307.jpg", ham / other)
    (ham / "HAM10000_images_part_1" / "ISIC_0024307.jpg").unlink()
    columns = ["image_id", "diagnosis", "source", "lesion_id"]
    pd.testing.assert_frame_equal(read_photo_table(milk)[columns], before[columns])


def test_what_is_no_regular_file_is_no_photo_and_a_link_counts_once(small):
    before = len(find_best_copies(small))
    folder = small / "isic9" / "Train" / "nevus"
    (folder / "folder.jpg").mkdir()
    os.mkfifo(folder / "pipe.jpg")
    (folder / "itself.jpg").symlink_to("itself.jpg")
    (folder / "gone.jpg").symlink_to("nowhere.jpg")
    (folder / "zero.jpg").symlink_to("/dev/zero")
    (folder / "zz_link.jpg").symlink_to("ISIC_0000002(1).jpg")
    (folder / "._ISIC_0000002.jpg").write_bytes(b"of another system")
    assert len(find_best_copies(small)) == before


def test_folders_that_editors_leave_are_no_diagnoses(small):
    write_photo(small / "isic9" / "Train" / ".ipynb_checkpoints" / "ISIC_0000009.jpg", 9)
    assert "ISIC_0000009" not in set(read_photo_table(small)["image_id"])


def test_milk10k_photos_have_a_kind_and_the_histology_decides(milk):
    table = read_photo_table(milk).set_index("image_id")
    milk10k = table[table["source"] == "milk10k"]
    assert milk10k["diagnosis"].to_dict() == {
        "ISIC_1000001": "MEL", "ISIC_1000002": "MEL", "ISIC_1000003": "PBK", "ISIC_1000004": "PBK",
        "ISIC_1000005": "NV", "ISIC_1000006": "NV",
    }  # fmt: skip
    assert (milk10k["label_from"] == "milk10k").all()
    assert milk10k["kind"].tolist() == [CLINICAL, DERMOSCOPIC] * 3
    assert set(table.loc[table["source"] == "ham10000", "kind"]) == {DERMOSCOPIC}
    assert table.loc["ISIC_1000003", ["age", "sex", "site", "skin_tone"]].tolist() == [70, "male", "head and neck", 2]
    assert table.loc["ISIC_0024306", ["age", "sex", "site"]].tolist() == [60, "female", "torso"]
    assert pd.isna(table.loc["ISIC_0024306", "skin_tone"])


def test_a_lesion_that_is_none_of_the_nine_is_kept_apart(milk):
    assert "IL_0000004" not in set(read_photo_table(milk)["lesion_id"])
    unknown = read_unknown_lesions(milk)
    assert unknown["image_id"].tolist() == ["ISIC_1000007", "ISIC_1000008"]
    assert set(unknown["histology"]) == {"Sebaceous hyperplasia"}
    assert unknown["kind"].tolist() == [CLINICAL, DERMOSCOPIC]
    assert "diagnosis" not in unknown


def test_without_milk10k_there_is_no_unknown_lesion_and_every_photo_is_dermoscopic(small):
    assert read_unknown_lesions(small).empty
    assert set(read_photo_table(small)["kind"]) == {DERMOSCOPIC}


def test_the_best_copy_of_an_id_wins(milk):
    """The sharper folder for an old id, the public JPEG for one of MILK10k; labels and sources stay."""
    write_photo(milk / "ham10000_288" / "ISIC_0024306.webp", 21, 72, 72)
    write_photo(milk / "ham10000_224" / "ISIC_0024306.jpg", 21, 66, 66)
    write_photo(milk / "milk10k/MILK10k_Training_Input/IL_0000001/ISIC_1000002.jpg", 1, 600, 450)
    copies = find_best_copies(milk)
    assert copies.loc["ISIC_0024306", "path"].endswith("ham10000_288/ISIC_0024306.webp")
    assert copies.loc["ISIC_1000002", "path"].endswith("ISIC_1000002.jpg")
    table = read_photo_table(milk)
    assert table["image_id"].is_unique
    assert table.set_index("image_id").loc["ISIC_0024306", ["source", "diagnosis"]].tolist() == ["ham10000", "MEL"]


@pytest.mark.slow
def test_the_real_downloads_give_the_stated_counts(data):
    table = read_photo_table(data)
    old, milk10k = table[table["source"] != "milk10k"], table[table["source"] == "milk10k"]
    assert old["diagnosis"].value_counts().to_dict() == COUNTS
    assert table["image_id"].is_unique
    assert (table["label_from"] == "folder").sum() == 231
    for kind in (DERMOSCOPIC, CLINICAL):
        assert milk10k.loc[milk10k["kind"] == kind, "diagnosis"].value_counts().to_dict() == MILK
    assert set(table.loc[table["diagnosis"] == "SK", "source"]) == {"isic2017", "milk10k"}
    assert read_unknown_lesions(data)["lesion_id"].nunique() == 95
