"""`export`: the ONNX file of a run, made again."""

import shutil

import numpy as np
import pytest
from command_line import call

from melanoma.run import open_run, write_checksums

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


@pytest.mark.parametrize("kind", ["code of its own", "garbage", "no numbers"])
@pytest.mark.parametrize("command", ["export", "evaluate"])
def test_a_file_that_is_no_network_is_one_sentence(trained, made_up_data, tmp_path, command, kind):
    keras = pytest.importorskip("keras")
    copy = shutil.copytree(trained, tmp_path / "broken")
    shutil.copytree(trained.parent / "splits", tmp_path / "splits")
    network = keras.saving.load_model(copy / "model.keras", compile=False)
    if kind == "garbage":
        (copy / "model.keras").write_bytes(b"no network")
    elif kind == "no numbers":
        network.set_weights([np.full_like(weights, np.nan) for weights in network.get_weights()])
        network.save(copy / "model.keras")
    else:
        twice = keras.layers.Lambda(lambda x: 2 * x)(network.outputs[0])
        keras.Model(network.input, [twice, *network.outputs[1:]]).save(copy / "model.keras")
    write_checksums(copy)
    options = ["--data", made_up_data] if command == "evaluate" else []
    result = call(command, copy, *options)
    assert result.exit_code == 2, result.output
    said = "gave no answer that is a number" if kind == "no numbers" else "cannot be opened as a network"
    assert said in result.stderr
    assert "Traceback" not in result.stderr
