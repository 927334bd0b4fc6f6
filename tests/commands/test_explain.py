"""`explain`: a picture and an array for each photo; a bad file does not stop the rest."""

from pathlib import Path

import numpy as np
import pytest
from command_line import call
from PIL import Image

from melanoma.diagnoses import CODES
from melanoma.explain import place_in_photo
from melanoma.photo import draw_example, example_bytes, read_photo
from melanoma.serving import Classifier


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """The command on a synthetic example, a file that is no photo and one that is not there."""
    folder = tmp_path_factory.mktemp("photos [old]")
    (folder / "lesion.png").write_bytes(example_bytes(width=620, height=450))
    (folder / "letter [1].jpg").write_text("no photo")
    photos = [folder / name for name in ("letter [1].jpg", "lesion.png", "gone [2].png")]
    out = folder / "maps [3]"
    return call("explain", *photos, "--diagnosis", "mel", "--out", out), out


def test_good_photo_is_written_and_bad_ones_are_named(written):
    result, out = written
    assert result.exit_code == 2
    assert "letter [1].jpg: This file is not a photo" in result.stderr
    assert "gone [2].png: the file cannot be read" in result.stderr
    assert "1 of 3 explained" in result.stderr
    assert "Research use only" in result.stderr
    assert sorted(path.name for path in out.iterdir()) == ["lesion.npz", "lesion.png"]


def test_values_are_in_the_frame_of_the_whole_photo(written):
    with np.load(written[1] / "lesion.npz") as stored:
        values = stored["values"]
        assert values.shape == (450, 620)
        assert values.dtype == np.float32
        assert np.isnan(values[:, :85]).all()
        assert np.isnan(values[:, 535:]).all()
        assert np.isfinite(values[:, 85:535]).all()
        assert (str(stored["diagnosis"]), str(stored["method"])) == ("MEL", "gradcam")
        assert float(stored["peak"]) >= np.nanmax(values) - 1e-6


def test_values_are_those_of_the_prediction(written, run):
    prediction = Classifier.open(run).predict(read_photo(example_bytes(width=620, height=450)))
    expected = place_in_photo(prediction.maps[CODES.index("MEL")], 620, 450)
    with np.load(written[1] / "lesion.npz") as stored:
        np.testing.assert_allclose(stored["values"], expected, rtol=1e-6)


def test_picture_has_the_photos_size(written):
    with Image.open(written[1] / "lesion.png") as image:
        assert image.size == (620, 450)


def test_a_photo_turned_by_its_camera_is_mapped_upright(tmp_path):
    photo = Image.new("RGB", (300, 200), (210, 170, 150))
    photo.paste((60, 40, 30), (120, 70, 180, 130))
    exif = Image.Exif()
    exif[0x0112] = 6
    photo.save(tmp_path / "turned.jpg", exif=exif)
    assert call("explain", tmp_path / "turned.jpg", "--out", tmp_path / "maps").exit_code == 0
    with np.load(tmp_path / "maps" / "turned.npz") as stored:
        assert stored["values"].shape == (300, 200)
        assert str(stored["diagnosis"]) in CODES


def test_a_photo_that_is_not_good_is_said_to_be(tmp_path):
    Image.fromarray((draw_example() * 0.1).astype(np.uint8)).save(tmp_path / "dark [4].png")
    (tmp_path / "fine.png").write_bytes(example_bytes())
    result = call("explain", tmp_path / "dark [4].png", tmp_path / "fine.png", "--out", tmp_path / "maps")
    assert result.exit_code == 0
    assert "dark [4].png: the photo is unusable. The photo " in result.stderr
    assert "The photo is dark" in result.stderr
    assert "Its map says nothing." in result.stderr
    assert "fine.png" not in result.stderr


def test_unknown_diagnosis_is_refused_in_one_sentence(tmp_path):
    result = call("explain", "x.jpg", "--diagnosis", "FLU [5]", "--out", tmp_path)
    assert result.exit_code == 2
    assert result.stderr == f"FLU [5] is no diagnosis of the nine. Choose from {' '.join(CODES)}.\n"


def test_heatmap_never_overwrites_a_photo_or_another_heatmap(photo, tmp_path):
    result = call("explain", photo, "--out", photo.parent)
    assert result.exit_code == 2
    assert "would overwrite it" in result.stderr
    assert photo.read_bytes() == example_bytes()
    twin = tmp_path / "twin"
    twin.mkdir()
    (twin / photo.name).write_bytes(example_bytes(seed=1))
    result = call("explain", photo, twin / photo.name, "--out", tmp_path / "maps")
    assert result.exit_code == 2
    assert "was written before" in result.stderr


def test_a_folder_in_place_of_a_photo_is_named(photo, tmp_path):
    result = call("explain", photo.parent, "--out", tmp_path / "maps")
    assert result.exit_code == 2
    assert "photos [old]: This is a folder, not a photo" in result.stderr
    result = call("explain", photo, "--out", photo / "maps")
    assert result.exit_code == 2
    assert "cannot be used" in result.stderr


@pytest.mark.slow
def test_another_method_is_made_by_the_explainer(trained, photo, tmp_path):
    result = call("explain", photo, "--method", "layercam", "--out", tmp_path / "maps", "--run", trained)
    assert result.exit_code == 0, result.output
    with np.load(tmp_path / "maps" / "lesion [1].npz") as stored:
        assert str(stored["method"]) == "layercam"


def test_no_photo_is_overwritten_by_the_heatmap_of_another(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    photo = example_bytes()
    Path("a.png").write_bytes(photo)
    Image.fromarray(draw_example()).save("a.jpg")
    result = call("explain", "a.jpg", "a.png", "--out", ".")
    assert result.exit_code == 2
    assert "a.jpg: a.png is in the folder already, and is no heatmap. Choose another folder" in result.stderr
    assert Path("a.png").read_bytes() == photo and not Path("a.npz").exists()
    for _ in range(2):  # heatmaps of before are written anew
        assert call("explain", "a.jpg", "--out", "maps").exit_code == 0


def test_a_full_disk_leaves_no_half_of_a_heatmap(tmp_path, monkeypatch):
    (tmp_path / "a.png").write_bytes(example_bytes())

    def fill(file, **arrays):
        Path(file).write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez_compressed", fill)
    result = call("explain", tmp_path / "a.png", "--out", tmp_path / "maps")
    assert (result.exit_code, "No space left on device" in result.stderr) == (2, True)
    assert list((tmp_path / "maps").iterdir()) == []
