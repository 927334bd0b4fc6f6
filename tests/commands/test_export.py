"""`export`: the ONNX file of a run, made again."""

import shutil

import pytest
from command_line import call

from melanoma.run import open_run

pytestmark = pytest.mark.slow


def test_an_export_is_checked_on_photos_and_recorded(trained, photo, tmp_path):
    shutil.copytree(trained.parent / "splits", tmp_path / "splits")
    folder = shutil.copytree(trained, tmp_path / "copy [b]")
    result = call("export", "copy [b]", "--models", tmp_path, "--photo", photo)
    assert result.exit_code == 0, result.output
    assert "as Keras on 9 pictures" in result.stdout
    assert open_run(folder).facts.export.photos == 9


@pytest.mark.parametrize(("name", "said"), [("gone [d].png", "gone [d].png"), ("lesion [1].txt", "not a photo")])
def test_a_photo_that_cannot_be_read_is_one_sentence(trained, tmp_path, name, said):
    (tmp_path / "lesion [1].txt").write_text("a letter")
    result = call("export", trained, "--photo", tmp_path / name)
    assert result.exit_code == 2
    assert said in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1
