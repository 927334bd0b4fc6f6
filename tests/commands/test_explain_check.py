"""`explain-check`: which estimates stay with the run, and which are printed alone."""

import json
import shutil

import pytest
from command_line import call

from melanoma.run import open_run

pytestmark = pytest.mark.slow

FEW = ("--sample", 8, "--method", "gradcam")


@pytest.fixture
def copy(trained, tmp_path):
    shutil.copytree(trained.parent / "splits", tmp_path / "splits")
    return shutil.copytree(trained, tmp_path / "copy [b]")


def test_estimates_of_test_photos_stay_with_the_run_beside_those_of_other_methods(copy, made_up_data):
    for method in ("gradcam", "layercam"):
        result = call("explain-check", copy, "--data", made_up_data, "--sample", 8, "--method", method)
        assert result.exit_code == 0, result.output
    faithfulness = open_run(copy).evaluation.faithfulness
    assert set(faithfulness.methods) == {"gradcam", "layercam", "centre spot"}
    test = open_run(copy).split.query("split == 'test' and source == 'ham10000'")
    assert (faithfulness.photos, faithfulness.split) == (len(test), "test")
    assert faithfulness.command == "python -m melanoma explain-check copy [b] --data DATA --sample 8"
    assert open_run(copy).evaluation.headline.accuracy


def test_estimates_of_few_photos_are_printed_and_the_run_stays_as_it_was(copy, made_up_data, tmp_path):
    before = {path.name: path.read_bytes() for path in copy.iterdir()}
    out = tmp_path / "estimates.json"
    result = call("explain-check", copy, "--data", made_up_data, "--photos", 8, *FEW, "--out", out)
    assert result.exit_code == 0, result.output
    assert "8 test photos" in result.stdout
    assert "Printed only" in result.stderr
    assert before == {path.name: path.read_bytes() for path in copy.iterdir()}
    written = json.loads(out.read_text())
    assert (written["split"], written["photos"], written["default_method"]) == ("test", 8, "gradcam")
    assert set(written["methods"]) == {"gradcam", "centre spot"}


def test_validation_photos_are_printed_alone(copy, made_up_data):
    before = (copy / "evaluation.json").read_bytes()
    validation = open_run(copy).split.query("split == 'validation' and source == 'ham10000'")
    result = call("explain-check", copy, "--data", made_up_data, "--split", "validation", *FEW)
    assert result.exit_code == 0, result.output
    assert f"{len(validation)} validation photos" in result.stdout
    assert (copy / "evaluation.json").read_bytes() == before


def test_a_run_without_evaluation_is_refused_before_any_work(copy, made_up_data):
    from melanoma.run import write_checksums

    (copy / "evaluation.json").unlink()
    write_checksums(copy)
    result = call("explain-check", copy, "--data", made_up_data)
    assert result.exit_code == 2
    assert "copy [b] has no evaluation yet" in result.stderr


def test_a_folder_without_masks_is_one_sentence(copy, made_up_data, tmp_path):
    shutil.copytree(made_up_data / "isic9", tmp_path / "bare [c]" / "isic9")
    result = call("explain-check", copy, "--data", tmp_path / "bare [c]")
    assert result.exit_code == 2
    assert "bare [c]" in result.stderr
    assert "too few" in result.stderr
