"""The audit finds by itself what is wrong: in the public collections, and in a folder of one's own."""

import json
import os
import sys

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from public_layouts import write_photo

from melanoma.audit import audit, checks
from melanoma.audit.same_lesion import MISSING, can_match
from melanoma.dataset import leaky
from melanoma.dataset.augmentation import View
from melanoma.dataset.copies import find_best_copies
from melanoma.dataset.photo_table import read_photo_table
from melanoma.photo.synthetic import draw_example, example_bytes


def photo(path, seed, quality=None):
    path.parent.mkdir(parents=True, exist_ok=True)
    if quality:
        Image.fromarray(draw_example(seed, 120, 90)).save(path, "JPEG", quality=quality)
    else:
        path.write_bytes(example_bytes(seed, 120, 90))


@pytest.fixture
def own(tmp_path):
    """Diagnoses by another's names: one contradiction, one repeat, one near copy across parts, one broken file."""
    folder = tmp_path / "clinic"
    for seed in range(4):
        photo(folder / f"Train/Muttermal/a{seed}.jpg", seed)
    for seed in range(10, 13):
        photo(folder / f"Train/Warze/b{seed}.jpg", seed)
    photo(folder / "Train/Warze/again.jpg", 10)
    photo(folder / "Test/Warze/c.jpg", 2)  # Train says Muttermal
    photo(folder / "Test/Muttermal/d.jpg", 3, quality=50)  # nearly Train's a3
    photo(folder / "Test/Muttermal/e.jpg", 20)
    (folder / "Train/Warze/broken.jpg").write_bytes(b"no picture")
    (folder / "notes.txt").write_text("kept out")
    return folder


def test_a_plain_folder_is_audited_under_its_own_names(own):
    found = audit.audit(own)
    counts = {f.key: (f.count, f.out_of) for f in found.findings}
    assert counts["contradictory-labels"] == (1, 9)
    assert counts["contradictory-labels:muttermal|warze"][0] == 1
    assert counts["repeated-pictures"] == (1, 9)
    assert counts["test-in-train-other-label"] == (1, 3)
    assert counts["test-lesion-in-train"] == (2, 3)
    assert counts["memoriser"] == (2, 3)
    assert counts["near-duplicates"] == (1, None)
    assert counts["unreadable"] == (1, 12)
    assert counts["same-lesion"] == (0, None)  # the near copy is one picture, not one lesion in two frames
    assert found.finding("unreadable").rows[0].image_id == "Train/Warze/broken.jpg"
    near = found.finding("near-duplicates").rows[0]
    assert {near.image_id, near.detail.split(",")[0]} == {"Train/Muttermal/a3.jpg", "Test/Muttermal/d.jpg"}


@pytest.mark.skipif(not can_match(), reason="OpenCV is an extra")
def test_a_test_photo_of_a_train_lesion_in_another_frame_is_found(own):
    """Turned by 80 degrees and zoomed, which no thumbnail recognises."""
    lesion = Image.fromarray(draw_example(1, 300, 300))
    lesion.save(own / "Train/Muttermal/large.png")
    view = View(zoom=0.75, stretch=1.0, angle=1.4, centre=(0.5, 0.5), flip=1)
    view.frame(lesion, 300).save(own / "Test/Warze/turned.png")
    result = audit.audit(own)
    pairs = [{row.image_id, row.detail.split(",")[0]} for row in result.finding("same-lesion").rows]
    assert {"Train/Muttermal/large.png", "Test/Warze/turned.png"} in pairs
    assert result.finding("near-duplicates").count == 1  # as before
    assert "Test/Warze/turned.png" in [row.image_id for row in result.finding("test-lesion-in-train").rows]


def test_without_opencv_the_audit_says_what_it_did_not_look_for(own, monkeypatch):
    monkeypatch.setitem(sys.modules, "cv2", None)
    finding = audit.audit(own).finding("same-lesion")
    assert (finding.count, finding.text) == (0, MISSING)
    assert "pip install" in MISSING


def test_a_clean_folder_has_nothing_to_report(tmp_path):
    for seed in range(3):
        photo(tmp_path / f"eczema/{seed}.jpg", seed)
        photo(tmp_path / f"psoriasis/{seed}.jpg", 30 + seed)
    found = audit.audit(tmp_path)
    assert found.photos == 6
    assert {f.key: f.count for f in found.findings} == {
        "contradictory-labels": 0,
        "repeated-pictures": 0,
        "near-duplicates": 0,
        "same-lesion": 0,
        "unreadable": 0,
    }


@pytest.mark.parametrize("made", ["missing", "empty", "loose"])
def test_a_folder_that_cannot_be_audited_is_refused_in_one_sentence(tmp_path, made):
    folder = tmp_path / made
    if made != "missing":
        folder.mkdir()
    if made == "loose":
        photo(folder / "photo.jpg", 1)
    with pytest.raises(audit.AuditError) as caught:
        audit.audit(folder)
    assert "\n" not in str(caught.value)
    assert ("no folder" if made == "missing" else "one folder a diagnosis") in str(caught.value)


def test_what_is_saved_opens_again_and_holds_no_photo(own, tmp_path):
    found = audit.audit(own)
    audit.save(found, tmp_path / "out")
    assert audit.load(tmp_path / "out" / "audit.json") == found
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["audit.csv", "audit.json"]
    table = pd.read_csv(tmp_path / "out" / "audit.csv")
    assert table["finding"].value_counts()["contradictory-labels"] == 1


def test_a_file_that_is_no_audit_is_refused(tmp_path):
    (tmp_path / "audit.json").write_text(json.dumps({"folder": "x"}))
    with pytest.raises(audit.AuditError, match="no saved audit"):
        audit.load(tmp_path / "audit.json")


@pytest.fixture(scope="module")
def nine(data):
    return audit.read_nine_class_set(data), audit.read_independent_labels(data)


def test_the_nine_class_set_contradicts_itself_as_stated(nine):
    files, witnesses = nine
    every, keratosis, nevus = checks.find_contradictions(files, witnesses)
    assert (every.count, every.out_of, len(files)) == (155, 2200, 2359)
    assert (keratosis.count, keratosis.out_of) == (78, 80)
    assert "melanoma" in keratosis.text
    assert nevus.count == 77
    assert "HAM10000 says akiec (histo) 75" in nevus.text
    assert "ISIC 2019 says actinic keratosis 75" in nevus.text


def test_wrong_folders_are_those_that_the_tables_name(data, nine):
    """76 "nevus" files are actinic keratosis, and every SK file with an independent label (26) is a melanoma."""
    table = read_photo_table(data).set_index("image_id")
    wrong = checks.find_wrong_folders(nine[0], table[["diagnosis", "label_from"]])
    assert wrong.count == 102
    assert "76 in “nevus” are actinic keratosis" in wrong.text
    assert "26 in “seborrheic keratosis” are melanoma" in wrong.text
    known = nine[0].join(table.query("label_from != 'folder'")["label_from"], on="image_id", how="inner")
    assert (known["label"] == "seborrheic keratosis").sum() == 26


def test_the_test_folder_leaks_as_stated(nine):
    other, lesions, memoriser = checks.find_leakage(nine[0], "lesion")
    assert (other.count, lesions.count, memoriser.count) == (18, 44, 100)
    assert {f.out_of for f in (other, lesions, memoriser)} == {118}
    assert "84.7%" in memoriser.text


@pytest.mark.slow
def test_the_shipped_findings_are_those_of_the_data(data, nine):
    """The committed figures, against what the folder gives now."""
    shipped = audit.load()
    table = read_photo_table(data)
    now = (
        checks.find_contradictions(*nine)
        + checks.find_leakage(nine[0], "same lesion id or same image id")
        + [checks.find_repeats(nine[0])]
    )
    now += checks.find_unsettled(table, find_best_copies(data).index, nine[1], nine[0])
    for finding in now:
        assert shipped.finding(finding.key).count == finding.count
    assert shipped.finding("folder-only").count == 231
    assert shipped.finding("unresolved").count == 246
    assert shipped.finding("near-duplicates").count == 123
    assert shipped.finding("single-source").count == 0
    assert sum(row.photos for row in shipped.counts) == len(table)
    assert audit.FINDINGS.stat().st_size < 200_000


def test_the_leaky_protocol_leaks(data):
    table = leaky.build_leaky_table(data, copies_per_class=500, seed=1)
    assert len(table) == 2241 + 9 * 500
    assert (table.loc[table["copy"] > 0, "diagnosis"].value_counts() == 500).all()
    assert (table["split"] == "validation").mean() == pytest.approx(0.2, abs=0.001)
    assert leaky.measure_leaked_share(table) == pytest.approx(0.885, abs=0.04)
    assert leaky.build_leaky_table(data, seed=1).equals(table)
    assert table["angle"].abs().max() <= 10


def test_leaky_images_are_the_squashed_photos_mildly_turned(data):
    table = leaky.build_leaky_table(data, seed=1)
    few = pd.concat([table[table["copy"] == 0].head(2), table[table["angle"] > 5].head(2)])
    images = leaky.pack_leaky_photos(few, 180)
    assert images.shape == (4, 180, 180, 3)
    assert np.array_equal(images[0], np.asarray(Image.open(few["path"].iloc[0]).convert("RGB")))
    original = np.asarray(Image.open(few["path"].iloc[2]).convert("RGB"))
    assert not np.array_equal(images[2], original)


def test_leaked_share_counts_copies_on_both_sides():
    table = pd.DataFrame({"group": ["a", "a", "b", "c", "c", "d"]})
    table["split"] = ["train", "validation", "validation", "train", "validation", "train"]
    assert leaky.measure_leaked_share(table) == pytest.approx(2 / 3)


def test_names_that_are_no_text_are_audited_and_written(own, tmp_path):
    """Of an older disk: é in Latin-1, in a file's name and in a diagnosis."""
    photo(own / "Train" / "Muttermal" / os.fsdecode(b"caf\xe9.jpg"), 30)
    photo(own / "Train" / os.fsdecode(b"m\xe9lanome") / "f.jpg", 31)
    (own / "Train" / "Warze" / os.fsdecode(b"\xe9.jpg")).write_bytes(b"no picture")
    found = audit.audit(own)
    assert found.photos == 15
    unreadable = [row.image_id for row in found.finding("unreadable").rows]
    assert unreadable == ["Train/Warze/broken.jpg", "Train/Warze/\\xe9.jpg"]
    assert any(row.diagnosis == "m\\xe9lanome" for row in found.counts)
    audit.save(found, tmp_path / "findings")


def test_a_photo_of_the_downloads_whose_name_is_no_text_stops_no_other(tmp_path):
    write_photo(tmp_path / "isic9" / "Train" / "nevus" / os.fsdecode(b"caf\xe9.jpg"), 1)
    write_photo(tmp_path / "isic9" / "Train" / "melanoma" / "ISIC_0000001.jpg", 2)
    assert read_photo_table(tmp_path)["image_id"].tolist() == ["ISIC_0000001"]
