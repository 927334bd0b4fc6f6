"""Runs in earlier formats still open; each format is stored as it was written."""

import json
import shutil
from pathlib import Path

import pytest

from melanoma.estimates import Estimate
from melanoma.run import Member, Run, open_run, write_checksums

STORED = Path(__file__).parent / "old_formats"


@pytest.fixture
def run(tmp_path) -> Run:
    """As it was written while run.json had `arguments`, calibration.json `conformal` and evaluation.json `figures`."""
    folder = shutil.copytree(STORED / "arguments", tmp_path / "efficientnet-lite0-lite2-erased")
    write_checksums(folder)
    return open_run(folder)


def stored(name: str) -> dict:
    return json.loads((STORED / "arguments" / name).read_text())


def test_settings_have_the_values_of_the_old_arguments(run):
    settings, old = run.facts.settings, stored("run.json")["arguments"]
    assert settings.input_size == old["size"] == 272
    assert settings.clipnorm == old["clip"] == 1.0
    assert settings.frozen_share == old["frozen"] == 0.3
    assert settings.freeze_batch_norm is old["steady"] is True
    assert settings.class_balance_exponent == old["power"] == -0.5
    assert settings.augmentation_strength == old["strength"] == 1.0
    assert settings.mixup_alpha == old["mixup"] == 0.2
    assert settings.uninformative_share == old["blank"] == 0.05
    assert settings.lesion_attention_weight == old["focus"] == 0.3
    assert settings.distillation_weight == old["taught"] == 0.7
    assert settings.ema_decay == old["average"] == 0.999
    assert settings.samples_per_epoch == old["samples"] == 0
    assert run.is_lesion_attentive


def test_how_the_run_was_made_is_kept(run):
    facts = run.facts
    assert facts.started_from == ("efficientnet-lite0-lite2-both-taught",)
    assert facts.averaged == ("one", "two")
    assert facts.teachers == ("teacher",)
    assert facts.ensemble[0] == Member("efficientnet-lite0-taught", 272, 0.8049)
    assert (facts.concept_erasure.run, facts.concept_erasure.photos) == ("efficientnet-lite0-lite2-both-taught", 7636)
    assert facts.export.network_sha256 == stored("run.json")["export"]["network_sha256"]


def test_operating_points_are_unchanged(run):
    old = stored("calibration.json")
    assert run.calibration.temperature == old["temperature"]
    for name, point in run.calibration.operating_points.items():
        assert point.threshold == old["operating_points"][name]["threshold"]
        assert point.test.sensitivity == Estimate(**old["operating_points"][name]["test"]["sensitivity"])
        assert point.test.npv["0.05"] == Estimate(**old["operating_points"][name]["test"]["npv"]["0.05"])


def test_the_prediction_set_holds_all_that_the_old_one_held(run):
    limits = stored("calibration.json")["conformal"]["thresholds"].values()
    assert run.calibration.prediction_set.least_probability == pytest.approx(1 - max(limits))
    assert run.calibration.prediction_set.test_coverage == {}  # of this set nothing was measured


def test_results_are_unchanged(run):
    new, old = run.evaluation, stored("evaluation.json")
    assert new.headline.melanoma_auc == Estimate(**old["figures"]["melanoma_auc"])
    everyday = old["unfamiliar"]["everyday"]
    assert new.out_of_distribution.photos["everyday"].refer == Estimate(**everyday["refer"])
    assert new.source_probe.diagnoses["NV"].answer.auc == Estimate(**old["source_probe"]["NV"]["answer"]["auc"])
    assert new.synthetic_examples[0].probabilities == tuple(old["specimens"][0]["probabilities"])
    pointing = old["faithfulness"]["methods"]["gradcam"]["all"]["pointing_game"]
    assert new.faithfulness.methods["gradcam"].all.pointing_game == Estimate(**pointing)
    for name, variation in old["robustness"]["changes"]["artefact"].items():
        patch = new.robustness.changes["artefact"][name].controls["patch"]
        assert patch.excess.decision == Estimate(**variation["controls"]["patch"]["excess"]["decision"])
