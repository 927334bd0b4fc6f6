"""The public layouts become one table, whose labels come in a fixed order of trust."""

import pandas as pd
import pytest

from melanoma.dataset import sources
from melanoma.photo.synthetic import example_bytes

COUNTS = {"NV": 8588, "MEL": 1847, "PBK": 1099, "BCC": 514, "SK": 386, "SCC": 202, "VASC": 142, "AK": 130, "DF": 122}


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
    table = sources.photo_table(small).set_index("image_id")
    labels = table[["diagnosis", "label_from"]].apply(tuple, axis=1).to_dict()
    assert labels == {
        "ISIC_0000001": ("MEL", "isic2017"),  # against ISIC 2019 and two folders
        "ISIC_0000002": ("NV", "folder"),
        "ISIC_0024306": ("PBK", "isic2019"),  # BKL, which HAM10000 settles
        "ISIC_0024307": ("SCC", "isic2019"),  # akiec, which ISIC 2019 settles
    }  # ISIC_0000003 (two folders) and ISIC_0024308 (akiec alone) stay unsettled


def test_the_sharpest_copy_is_used_with_its_geometry(small):
    copies = sources.best_copies(small)
    assert copies.loc["ISIC_0024306", "path"].endswith("ham10000_224/ISIC_0024306.jpg")
    assert pd.isna(copies.loc["ISIC_0024306", "aspect"])
    assert "isic2017" in copies.loc["ISIC_0000001", "path"]
    assert copies.loc["ISIC_0000001", "aspect"] == pytest.approx(4 / 3)


def test_sources_and_lesions_come_from_the_tables(small):
    table = sources.photo_table(small).set_index("image_id")
    assert table.loc["ISIC_0024307", ["source", "lesion_id"]].tolist() == ["ham10000", "HAM_2"]
    assert table.loc["ISIC_0000001", "source"] == "isic2017"
    assert table.loc["ISIC_0000002", "source"] == "isic-archive"


def test_a_folder_without_any_layout_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match="none of the known layouts"):
        sources.photo_table(tmp_path)


def test_the_real_downloads_give_the_stated_counts(data):
    table = sources.photo_table(data)
    assert table["diagnosis"].value_counts().to_dict() == COUNTS
    assert table["image_id"].is_unique
    assert (table["label_from"] == "folder").sum() == 231
    assert set(table.loc[table["diagnosis"] == "SK", "source"]) == {"isic2017"}
