"""A run and a photo become a prediction, or a refusal in plain words."""

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from predictions import SET

from melanoma.diagnoses import CODES, MALIGNANT
from melanoma.documents.decision import NAMES_OF_DECISIONS
from melanoma.documents.wording import describe_diagnoses
from melanoma.photo import example_bytes, read_photo
from melanoma.photo.fingerprint import BYTES, fingerprint_photo
from melanoma.run import MODELS, Run, RunError, open_run, write_checksums, write_part
from melanoma.run.folder import CHECKSUMS
from melanoma.serving import Classifier, why_not_ready
from melanoma.serving.engines import Outputs
from melanoma.serving.prediction import list_differential

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def classifier(run) -> Classifier:
    return Classifier.open(run)


@pytest.fixture
def copy(run, tmp_path) -> Run:
    """A copy of the run that a test may change."""
    return Run(shutil.copytree(run.folder, tmp_path / run.name))


def rewrite(run: Run, name: str, part: object) -> Run:
    """The run with one of its JSON files written anew, its checksums too."""
    write_part(run.folder / name, part)
    write_checksums(run.folder)
    return Run(run.folder)


def test_prediction_of_a_synthetic_example(classifier, run):
    prediction = classifier.predict(read_photo(example_bytes()))
    assert prediction.probabilities.shape == (9,)
    assert prediction.probabilities.dtype == np.float32
    assert prediction.probabilities.sum() == pytest.approx(1, abs=1e-5)
    assert prediction.top == CODES[prediction.probabilities.argmax()]
    malignant = sum(prediction.probabilities[CODES.index(code)] for code in MALIGNANT)
    assert prediction.malignancy == pytest.approx(malignant, abs=1e-6)
    assert prediction.input.shape == (run.input_size, run.input_size, 3)
    assert prediction.maps.shape[0] == 9
    assert (prediction.maps >= 0).all()
    assert (prediction.run, prediction.run_sha256) == (run.name, run.sha256)


def test_each_operating_point_decides_by_its_own_score_and_threshold(classifier):
    for name, point in classifier.calibration.operating_points.items():
        prediction = classifier.predict(read_photo(example_bytes()), name)
        expected = prediction.malignancy if point.score == "malignant" else prediction.probability("MEL")
        assert prediction.operating_point == name
        assert (prediction.threshold, prediction.score) == (point.threshold, expected)
        below = "undecided" if expected >= point.least_score else "routine"
        assert prediction.decision == ("refer" if expected >= point.threshold else below)


def test_a_dark_photo_is_referred_at_every_operating_point(classifier):
    photo = read_photo(example_bytes())
    dark = replace(photo, pixels=(photo.pixels * 0.1).astype(np.uint8))
    for name in classifier.calibration.operating_points:
        prediction = classifier.predict(dark, name)
        assert (prediction.decision, prediction.assessment.quality) == ("refer", "unusable")
    assert classifier.predict(dark, "balanced").referred_for_quality


def test_unknown_operating_point_is_refused_with_the_known_ones(classifier):
    with pytest.raises(RunError, match=r"no operating point 'strict': choose from .*high-sensitivity"):
        classifier.predict(read_photo(example_bytes()), "strict")


def test_an_answer_that_is_no_number_is_refused(classifier):
    broken = replace(classifier, calibration=replace(classifier.calibration, temperature=float("nan")))
    with pytest.raises(RunError, match="no answer that is a number"):
        broken.predict(read_photo(example_bytes()))


@dataclass(frozen=True)
class Stand:
    """A network that gives what it is told to, for any photo."""

    outputs: Outputs
    name: str = "stand"

    def forward(self, inputs: np.ndarray) -> Outputs:
        return self.outputs


BROKEN = {
    "a logit": lambda good, value: replace(good, logits=fill(good.logits, value)),
    "a kind": lambda good, value: replace(good, kind=fill(good.kind, value)),
    "a map": lambda good, value: replace(good, maps=fill(good.maps, value)),
}


def fill(array: np.ndarray, value: float) -> np.ndarray:
    """A copy whose first number is another."""
    changed = array.copy()
    changed.flat[0] = value
    return changed


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
@pytest.mark.parametrize("name", BROKEN)
def test_outputs_that_are_no_numbers_are_refused(classifier, name, value):
    photo = read_photo(example_bytes())
    good = classifier.network.forward(classifier.predict(photo).input[np.newaxis])
    broken = replace(classifier, network=Stand(BROKEN[name](good, value)))
    with pytest.raises(RunError, match="no answer that is a number"):
        broken.predict(photo)


def test_outputs_of_another_shape_are_refused(classifier):
    """Without the kind, for one, a photo of a cat would be read as dermoscopic."""
    photo = read_photo(example_bytes())
    good = classifier.network.forward(classifier.predict(photo).input[np.newaxis])
    changes = [
        {"kind": None},
        {"kind": good.kind[:, :2]},
        {"maps": good.maps[:, :3]},
        {"maps": good.maps[0]},
        {"maps": -good.maps},
        {"logits": good.logits[:, :8]},
        {"logits": good.logits.astype(str)},
    ]
    for change in changes:
        with pytest.raises(RunError, match="no answer that is a number"):
            replace(classifier, network=Stand(replace(good, **change))).predict(photo)


def test_a_run_that_learned_nothing_does_not_answer(copy):
    facts = copy.facts
    counts = tuple(replace(count, split="validation") for count in facts.data.counts)
    run = rewrite(copy, "run.json", replace(facts, data=replace(facts.data, counts=counts)))
    with pytest.raises(RunError, match="learned from no photo of any diagnosis"):
        Classifier.open(run)


def test_onnx_runtime_answers_without_tensorflow_and_offline(run):
    code = f"""
import sys
def refuse(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "urllib.Request"):
        print(event, arguments, file=sys.stderr)
        raise SystemExit(1)
sys.addaudithook(refuse)
from melanoma.run import find_run
from melanoma.serving.classifier import Classifier
from melanoma.photo.photos import read_photo
from melanoma.photo.synthetic import example_bytes
from melanoma.explain import read_heatmaps
classifier = Classifier.open(find_run({str(run.folder)!r}))
prediction = classifier.predict(read_photo(example_bytes()))
assert len(read_heatmaps(prediction)) == 9
assert classifier.engine == "ONNX Runtime", classifier.engine
loaded = {{"tensorflow", "keras", "tf_keras_vis", "streamlit"}} & set(sys.modules)
assert not loaded, loaded
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_a_run_without_export_answers_through_keras_with_the_same_numbers(classifier, copy):
    (copy.folder / "model.onnx").unlink()
    write_checksums(copy.folder)
    slow = Classifier.open(open_run(copy.folder))
    assert slow.engine == "Keras"
    photo = read_photo(example_bytes(seed=5))
    np.testing.assert_allclose(slow.predict(photo).probabilities, classifier.predict(photo).probabilities, atol=1e-3)


@pytest.mark.parametrize("name", ["model.onnx", "model.keras", "calibration.json"])
def test_a_changed_file_is_refused(copy, name):
    path = copy.folder / name
    content = path.read_bytes()
    changed = content.replace(b'"temperature": 0', b'"temperature": 1') if name.endswith("json") else content[:-1]
    assert changed != content
    path.write_bytes(changed)
    with pytest.raises(RunError, match=f"{name} was changed"):
        Classifier.open(copy)


def test_an_export_that_is_not_in_the_checksums_is_refused(copy):
    sums = copy.folder / CHECKSUMS
    sums.write_text("".join(line for line in sums.read_text().splitlines(True) if "model.onnx" not in line))
    with pytest.raises(RunError, match=r"model\.onnx is not among"):
        Classifier.open(copy)


def test_an_export_of_another_network_is_refused(copy):
    export = replace(copy.facts.export, network_sha256="0" * 64)
    with pytest.raises(RunError, match="exported from another network"):
        Classifier.open(rewrite(copy, "run.json", replace(copy.facts, export=export)))


def test_a_run_with_another_order_of_diagnoses_is_refused(copy):
    facts = replace(copy.facts, classes=(*CODES[1:], CODES[0]))
    with pytest.raises(RunError, match=r"trained on other diagnoses \(BCC DF"):
        Classifier.open(rewrite(copy, "run.json", facts))


@pytest.mark.parametrize("change", [{"protocol": "leaky"}, {"nine_class_set": True}])
def test_a_teaching_example_decides_nothing(copy, change):
    with pytest.raises(RunError, match="is a teaching example and decides nothing"):
        Classifier.open(rewrite(copy, "run.json", replace(copy.facts, **change)))


def test_an_uncalibrated_run_says_to_evaluate_it(copy):
    (copy.folder / "calibration.json").unlink()
    write_checksums(copy.folder)
    with pytest.raises(RunError, match=r"python -m melanoma evaluate"):
        Classifier.open(copy)


def test_a_run_that_is_still_training_does_not_answer(copy):
    with pytest.raises(RunError, match="still training"):
        Classifier.open(rewrite(copy, "run.json", replace(copy.facts, state="training")))


def test_a_run_without_a_network_does_not_answer(copy):
    for name in ("model.keras", "model.onnx"):
        (copy.folder / name).unlink()
    write_checksums(copy.folder)
    with pytest.raises(RunError, match="no network"):
        Classifier.open(copy)


def test_every_run_with_a_network_answers_or_says_why_not():
    for path in sorted(MODELS.glob("*/run.json")):
        run = open_run(path.parent)
        reason = why_not_ready(run)
        if reason is None:
            assert Classifier.open(run).predict(read_photo(example_bytes())).decision in NAMES_OF_DECISIONS
        else:
            assert run.name in reason and reason.endswith(".")


def test_the_stored_calibration_is_json_without_special_numbers(run):
    json.loads((run.folder / "calibration.json").read_text(), parse_constant=pytest.fail)


@pytest.mark.parametrize("content", [b"", b"no network", b"PK\x03\x04"])
def test_an_export_that_is_no_network_is_refused(copy, content):
    (copy.folder / "model.onnx").unlink()
    (copy.folder / "model.onnx").write_bytes(content)
    write_checksums(copy.folder)
    with pytest.raises(RunError, match=r"model.onnx cannot be opened as a network.*\.$"):
        Classifier.open(open_run(copy.folder))


def test_a_network_for_something_else_is_refused(copy):
    write_part(copy.folder / "run.json", replace(copy.facts, input=replace(copy.facts.input, size=96)))
    write_checksums(copy.folder)
    with pytest.raises(RunError, match=r"model.onnx is not the network that run.json describes"):
        Classifier.open(open_run(copy.folder))


@pytest.mark.slow
def test_a_keras_file_with_code_or_other_outputs_is_refused(copy):
    keras = pytest.importorskip("keras")
    (copy.folder / "model.onnx").unlink()
    photo = keras.Input((copy.input_size, copy.input_size, 3))
    flat = keras.layers.GlobalAveragePooling2D()(photo)
    networks = {
        "cannot be opened": keras.layers.Lambda(lambda x: x)(keras.layers.Dense(9)(flat)),
        "is not the network": keras.layers.Dense(4)(flat),
    }
    for why, logits in networks.items():
        (copy.folder / "model.keras").unlink()
        keras.Model(photo, logits).save(copy.folder / "model.keras")
        write_checksums(copy.folder)
        with pytest.raises(RunError, match=f"model.keras {why}"):
            Classifier.open(open_run(copy.folder))


def test_diagnoses_that_were_never_learned_are_not_offered(copy):
    """A network trained on HAM10000's seven alone has an output for the others, which says nothing."""
    facts, calibration = copy.facts, copy.calibration
    counts = tuple(count for count in facts.data.counts if count.diagnosis not in ("SCC", "SK"))
    any_share = replace(calibration.prediction_set, least_probability=0.0)
    nine = rewrite(copy, "calibration.json", replace(calibration, prediction_set=any_share))
    named = Classifier.open(nine).predict(read_photo(example_bytes()))
    assert set(named.differential) == set(CODES)
    seven = rewrite(copy, "run.json", replace(facts, data=replace(facts.data, counts=counts)))
    prediction = Classifier.open(seven).predict(read_photo(example_bytes()))
    assert prediction.unlearned == ("SCC", "SK")
    assert set(prediction.differential) == set(CODES) - {"SCC", "SK"}
    words = describe_diagnoses(prediction, SET)
    assert "learned from no photo of: squamous cell carcinoma ◆, seborrheic keratosis ◇." in words
    assert "learned from no photo" not in describe_diagnoses(named, SET)


def test_the_likeliest_diagnosis_is_one_that_was_learned():
    probabilities = np.array([0.5, 0.25, 0.125, 0.125, 0, 0, 0, 0, 0], np.float32)
    assert list_differential(probabilities, SET, ("AK",))[0] == "BCC"


def test_a_photo_that_the_network_learned_from_comes_with_that_caution_and_the_same_decision(classifier, copy):
    photo = read_photo(example_bytes())
    before = classifier.predict(photo)
    assert not any("learned from this photo" in caution for caution in before.assessment.cautions)
    np.save(copy.folder / "training_photos.npy", fingerprint_photo(photo.pixels)[np.newaxis])
    write_checksums(copy.folder)
    after = Classifier.open(Run(copy.folder)).predict(photo)
    assert after.assessment.cautions[0].startswith("The network learned from this photo, or from one that looks the")
    assert (after.decision, after.assessment.quality) == (before.decision, before.assessment.quality)


@pytest.mark.parametrize(
    "content", [b"", b"no table", np.zeros((2, 3), np.uint8), np.zeros((2, BYTES)), np.array([{}])]
)
def test_fingerprints_that_are_none_refuse_the_run_in_a_sentence(copy, content):
    path = copy.folder / "training_photos.npy"
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        np.save(path, content, allow_pickle=True)
    write_checksums(copy.folder)
    with pytest.raises(RunError, match=r"training_photos\.npy cannot be read: it is no table of fingerprints"):
        open_run(copy.folder)
