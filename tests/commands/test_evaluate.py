"""`evaluate`: what it prints, keeps and refuses."""

import json
import shutil

import pytest
from command_line import call

from melanoma.evaluation.tables import list_headline
from melanoma.run import open_run, write_checksums

pytestmark = pytest.mark.slow


@pytest.fixture
def copy(trained, tmp_path):
    """The trained run in a folder of its own, with the splits beside it."""
    shutil.copytree(trained.parent / "splits", tmp_path / "splits")
    return shutil.copytree(trained, tmp_path / "copy [b]")


def test_an_evaluation_without_photos_gives_the_same_estimates_and_opens(copy):
    before = open_run(copy)
    result = call("evaluate", copy.name, "--models", copy.parent)
    assert result.exit_code == 0, result.output
    assert f"copy [b]: {before.evaluation.photos} test photos" in result.stdout
    assert "Research use only, not a medical device." in result.stdout
    after = open_run(copy)
    # The saved predictions have seven digits.
    assert written(after) == written(before)
    assert after.evaluation.per_sex == before.evaluation.per_sex
    assert after.calibration.default.threshold == pytest.approx(before.calibration.default.threshold, rel=1e-5)


def written(run) -> list[str]:
    return [f"{name}: {value.text(3)}" for name, value in list_headline(run.evaluation.headline)]


def test_an_evaluation_prints_shares_as_per_cent_and_auc_as_a_number(copy):
    result = call("evaluate", copy)
    headline = open_run(copy).evaluation.headline
    assert headline.balanced_accuracy_9.percent() in result.stdout
    assert headline.melanoma_auc.text() in result.stdout


def test_the_gate_is_measured_on_the_test_photos_and_kept_beside_the_rest(copy, made_up_data):
    """The run learned from made-up photos: their test split is answered, counted, printed and written."""
    before = open_run(copy)
    result = call("evaluate", copy, "--data", made_up_data, "--gate")
    assert result.exit_code == 0, result.output
    after = open_run(copy)
    (kind,) = after.evaluation.gate.kinds
    figures = after.evaluation.gate.kinds[kind]
    assert (kind, figures.photos) == ("dermoscopic", before.evaluation.photos)
    assert sum(figures.decisions.values()) == figures.photos
    assert figures.flagged.value >= figures.refused.value
    assert f"{copy.name}: what is said before the answer" in result.stdout
    assert str(figures.photos) in result.stdout
    assert after.evaluation.gate.command == f"python -m melanoma evaluate {copy.name} --data DATA --gate"
    assert after.evaluation.headline == before.evaluation.headline


def test_the_gate_needs_photos_in_one_sentence(copy):
    result = call("evaluate", copy, "--gate")
    assert result.exit_code == 2
    assert "--gate needs the photos (--data DATA)" in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1


def test_a_new_evaluation_exports_a_network_that_has_no_export(copy):
    facts = json.loads((copy / "run.json").read_text())
    (copy / "run.json").write_text(json.dumps(facts | {"export": None}))
    (copy / "model.onnx").unlink()
    write_checksums(copy)
    assert call("evaluate", copy).exit_code == 0
    run = open_run(copy)
    assert run.facts.export.network_sha256 == run.sha256
    assert (copy / "model.onnx").exists()


def test_a_run_that_still_trains_is_refused(copy):
    facts = json.loads((copy / "run.json").read_text())
    (copy / "run.json").write_text(json.dumps(facts | {"state": "training"}))
    result = call("evaluate", copy)
    assert result.exit_code == 2
    assert "copy [b] is still training" in result.stderr


def test_photos_of_another_folder_are_missed_in_one_sentence(copy, data_without_photos):
    result = call("evaluate", copy, "--data", data_without_photos)
    assert result.exit_code == 2
    assert str(data_without_photos) in result.stderr


@pytest.fixture
def data_without_photos(tmp_path):
    folder = tmp_path / "empty [c]"
    folder.mkdir()
    return folder
