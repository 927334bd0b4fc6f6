"""`explain`: a picture and an array for each photo; a bad file does not stop the rest."""

import json
import shutil

import numpy as np
import pytest
from melanoma.evaluation.faithfulness_cases import masked_photos
from melanoma.explain.faithfulness import PLACES
from PIL import Image
from typer.testing import CliRunner

from melanoma.cli import app
from melanoma.diagnoses import CODES
from melanoma.photo.synthetic import example_bytes


@pytest.fixture(scope="module")
def written(run, tmp_path_factory):
    """The command on a drawn lesion, a file that is no photo and one that is not there."""
    folder = tmp_path_factory.mktemp("photos")
    (folder / "lesion.png").write_bytes(example_bytes(width=620, height=450))
    (folder / "letter.jpg").write_text("no photo")
    photos = [str(folder / name) for name in ("letter.jpg", "lesion.png", "gone.png")]
    out = folder / "maps"
    arguments = ["--diagnosis", "mel", "--out", str(out), "--run", str(run.folder)]
    return CliRunner().invoke(app, ["explain", *photos, *arguments]), out


def test_good_photo_is_written_and_bad_ones_are_named(written):
    result, out = written
    assert result.exit_code == 2
    assert "letter.jpg" in result.output
    assert "gone.png" in result.output
    assert "Traceback" not in result.output
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


def test_picture_has_the_photos_size(written):
    with Image.open(written[1] / "lesion.png") as image:
        assert image.size == (620, 450)


def test_a_photo_turned_by_its_camera_is_mapped_upright(run, tmp_path):
    photo = Image.new("RGB", (300, 200), (210, 170, 150))
    photo.paste((60, 40, 30), (120, 70, 180, 130))
    exif = Image.Exif()
    exif[0x0112] = 6
    photo.save(tmp_path / "turned.jpg", exif=exif)
    arguments = ["explain", str(tmp_path / "turned.jpg"), "--out", str(tmp_path / "maps"), "--run", str(run.folder)]
    assert CliRunner().invoke(app, arguments).exit_code == 0
    with np.load(tmp_path / "maps" / "turned.npz") as stored:
        assert stored["values"].shape == (300, 200)
        assert str(stored["diagnosis"]) in CODES


def test_unknown_diagnosis_is_refused_in_one_sentence(tmp_path):
    result = CliRunner().invoke(app, ["explain", "x.jpg", "--diagnosis", "FLU", "--out", str(tmp_path)])
    assert result.exit_code == 2
    assert "choose from AK BCC" in result.output


def test_heatmap_never_overwrites_its_photo(run, tmp_path):
    photo = tmp_path / "lesion.png"
    photo.write_bytes(example_bytes())
    result = CliRunner().invoke(app, ["explain", str(photo), "--out", str(tmp_path), "--run", str(run.folder)])
    assert result.exit_code == 2
    assert photo.read_bytes() == example_bytes()


def test_cases_are_test_photos_with_masks_in_their_frame(run, data):
    cases = masked_photos(run, data)
    test = run.split[(run.split["split"] == "test") & (run.split["source"] == "ham10000")]
    assert len(cases.labels) == len(test)
    assert set(cases.groups) == set(test["group"])
    inside = [image[mask].mean() for image, mask in zip(shrunk(cases.images[:60]), cases.masks[:60], strict=True)]
    outside = [image[~mask].mean() for image, mask in zip(shrunk(cases.images[:60]), cases.masks[:60], strict=True)]
    assert np.mean(np.array(inside) < np.array(outside)) > 0.9  # lesions are darker than the skin around them


def test_few_photos_are_drawn_by_lesion(run, data):
    cases = masked_photos(run, data, "validation", most=12)
    validation = run.split[(run.split["split"] == "validation") & (run.split["source"] == "ham10000")]
    assert len(set(cases.groups)) == len(cases.labels) == 12
    assert set(cases.groups) <= set(validation["group"])


@pytest.fixture
def own_run(run, tmp_path):
    return shutil.copytree(run.folder, tmp_path / run.name)


def test_figures_of_validation_photos_are_printed_and_the_run_stays_as_it_was(own_run, data, tmp_path):
    before = {path.name: path.read_bytes() for path in own_run.iterdir()}
    arguments = ["--data", str(data), "--split", "validation", "--photos", "8", "--method", "gradcam"]
    arguments += ["--sample", "8", "--json", str(tmp_path / "figures.json")]
    result = CliRunner().invoke(app, ["explain-check", str(own_run), *arguments])
    assert result.exit_code == 0, result.output
    assert "8 validation photos" in result.output
    assert "Printed only" in result.output
    assert before == {path.name: path.read_bytes() for path in own_run.iterdir()}
    figures = json.loads((tmp_path / "figures.json").read_text())
    assert (figures["split"], figures["photos"], figures["default_method"]) == ("validation", 8, "gradcam")
    assert set(figures["methods"]) == {"gradcam", "centre spot"}


def shrunk(images: np.ndarray) -> np.ndarray:
    return np.stack([np.asarray(Image.fromarray(image).resize((PLACES, PLACES))) for image in images])
