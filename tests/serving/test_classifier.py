"""A run and a photo become a prediction, or a refusal in plain words."""

import dataclasses
import json
import shutil

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from melanoma.diagnoses import CODES, MALIGNANT
from melanoma.photo.photos import read_photo
from melanoma.photo.synthetic import example_bytes
from melanoma.run import folder as runs
from melanoma.serving.classifier import Classifier, calibrated, conformal_set


@pytest.fixture(scope="module")
def classifier(light_run) -> Classifier:
    return Classifier.open(light_run)


@pytest.fixture
def copied(light_run, tmp_path) -> runs.Run:
    """A copy of the run that a test may change."""
    return runs.Run(shutil.copytree(light_run.folder, tmp_path / light_run.name))


def altered(run: runs.Run, name: str, **changes) -> runs.Run:
    """`run` with keys of one of its JSON files changed, sealed again."""
    path = run.folder / name
    runs.write_json(path, json.loads(path.read_text()) | changes)
    runs.seal(run.folder)
    return runs.Run(run.folder)


def test_prediction_of_a_specimen(classifier, light_run):
    prediction = classifier.predict(read_photo(example_bytes()))
    assert prediction.probabilities.shape == (9,)
    assert prediction.probabilities.dtype == np.float32
    assert prediction.probabilities.sum() == pytest.approx(1, abs=1e-5)
    assert prediction.top == CODES[prediction.probabilities.argmax()]
    malignant = sum(prediction.probabilities[CODES.index(code)] for code in MALIGNANT)
    assert prediction.malignant == pytest.approx(malignant, abs=1e-6)
    assert prediction.differential[0] == prediction.top
    assert prediction.input.shape == (light_run.input_size, light_run.input_size, 3)
    assert prediction.maps.shape[0] == 9
    assert (prediction.maps >= 0).all()
    assert (prediction.run, prediction.run_sha256) == (light_run.name, light_run.sha256)


def test_each_operating_point_decides_by_its_own_score_and_threshold(classifier):
    for name, point in classifier.operating_points.items():
        prediction = classifier.predict(read_photo(example_bytes()), name)
        melanoma = float(prediction.probabilities[CODES.index("MEL")])
        expected = prediction.malignant if point["score"] == "malignant" else melanoma
        assert prediction.operating_point == name
        assert prediction.threshold == point["threshold"]
        assert prediction.score == expected
        assert prediction.decision == ("refer" if expected >= point["threshold"] else "routine")


def test_a_score_equal_to_the_threshold_is_referred(classifier):
    photo = read_photo(example_bytes())
    name = classifier.calibration["default_operating_point"]
    score = classifier.predict(photo).score

    def decided(threshold: float) -> str:
        points = {name: classifier.operating_points[name] | {"threshold": threshold}}
        calibration = classifier.calibration | {"operating_points": points}
        return dataclasses.replace(classifier, calibration=calibration).predict(photo).decision

    assert decided(score) == "refer"
    assert decided(float(np.nextafter(score, 2))) == "routine"


def test_unknown_operating_point_is_refused_with_the_known_ones(classifier):
    with pytest.raises(runs.RunError, match=r"no operating point 'strict': choose from .*high-sensitivity"):
        classifier.predict(read_photo(example_bytes()), "strict")


def test_a_run_without_export_answers_through_keras_with_the_same_numbers(classifier, copied):
    (copied.folder / "model.onnx").unlink()
    runs.seal(copied.folder)
    slow = Classifier.open(runs.open_run(copied.folder))
    assert slow.engine == "Keras"
    photo = read_photo(example_bytes(seed=5))
    np.testing.assert_allclose(slow.predict(photo).probabilities, classifier.predict(photo).probabilities, atol=1e-3)


@pytest.mark.parametrize("name", ["model.onnx", "model.keras", "calibration.json"])
def test_a_changed_file_is_refused(copied, name):
    path = copied.folder / name
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(runs.RunError, match=f"{name} was changed"):
        Classifier.open(copied)


def test_an_export_that_is_not_in_the_checksums_is_refused(copied):
    sums = copied.folder / runs.SUMS
    sums.write_text("".join(line for line in sums.read_text().splitlines(True) if "model.onnx" not in line))
    with pytest.raises(runs.RunError, match=r"model\.onnx is not among"):
        Classifier.open(copied)


def test_an_export_of_another_network_is_refused(copied):
    facts = copied.facts["export"] | {"network_sha256": "0" * 64}
    with pytest.raises(runs.RunError, match="exported from another network"):
        Classifier.open(altered(copied, "run.json", export=facts))


def test_an_uncalibrated_run_says_to_evaluate_it(copied):
    (copied.folder / "calibration.json").unlink()
    runs.seal(copied.folder)
    with pytest.raises(runs.RunError, match=r"python -m melanoma evaluate"):
        Classifier.open(copied)


def test_a_run_that_is_still_training_is_not_asked(copied):
    with pytest.raises(runs.RunError, match="still training"):
        Classifier.open(altered(copied, "run.json", state="training"))


def test_a_run_of_figures_only_is_not_asked(copied):
    for name in ("model.keras", "model.onnx"):
        (copied.folder / name).unlink()
    runs.seal(copied.folder)
    with pytest.raises(runs.RunError, match="figures only"):
        Classifier.open(copied)


LOGITS = arrays.arrays(np.float32, (1, 9), elements=st.floats(-50, 50, width=32))


@given(LOGITS, st.floats(0.3, 5))
def test_temperature_keeps_the_order_and_the_sum(logits, temperature):
    (probabilities,) = calibrated(logits, temperature)
    assert probabilities.sum() == pytest.approx(1, abs=1e-5)
    assert (np.diff(probabilities[np.argsort(logits[0], kind="stable")]) >= 0).all()


@given(LOGITS, st.lists(st.floats(0, 1), min_size=9, max_size=9))
def test_differential_starts_with_the_top_and_holds_what_the_thresholds_let_in(logits, limits):
    (probabilities,) = calibrated(logits, 1.0)
    thresholds = dict(zip(CODES, limits, strict=True))
    differential = conformal_set(probabilities, thresholds)
    by_code = dict(zip(CODES, probabilities.tolist(), strict=True))
    assert differential[0] == CODES[probabilities.argmax()]
    assert set(differential[1:]) == {c for c in CODES if 1 - by_code[c] <= thresholds[c]} - {differential[0]}
    assert [by_code[c] for c in differential] == sorted((by_code[c] for c in differential), reverse=True)
