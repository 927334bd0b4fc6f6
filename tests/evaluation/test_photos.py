"""A run measured with photos: synthetic examples in the layout of HAM10000, and a network that was never trained."""

import shutil

import numpy as np
import pandas as pd
import pytest

from melanoma.diagnoses import CODES
from melanoma.evaluation.metrics import PROBABILITIES, softmax
from melanoma.evaluation.report import evaluate_run, write_report
from melanoma.photo.photos import read_photo
from melanoma.photo.preprocessing import network_input
from melanoma.photo.synthetic import draw_example, example_bytes
from melanoma.run import (
    DataFacts,
    NetworkInput,
    Run,
    RunError,
    RunFacts,
    TrainingSettings,
    open_run,
    write_checksums,
    write_part,
)
from melanoma.serving.keras_outputs import predict_features_and_heads, predict_logits

PHOTOS = 36
SIZE = 32
HAM_NAMES = {"bcc": "BCC", "bkl": "PBK", "df": "DF", "mel": "MEL", "nv": "NV", "vasc": "VASC"}


class Stages:
    """Keeps what it is told of progress."""

    def __init__(self):
        self.stages: dict[str, int | None] = {}
        self.steps: dict[str, int] = {}

    def begin(self, stage: str, steps: int | None = None) -> None:
        self.stages[stage], self.steps[stage] = steps, 0
        self.now = stage

    def advance(self, steps: int = 1) -> None:
        self.steps[self.now] += steps


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """PHOTOS lesions, six of each of six diagnoses, with ages, sexes and sites."""
    folder = tmp_path_factory.mktemp("data")
    images = folder / "ham10000" / "images"
    images.mkdir(parents=True)
    rows = []
    for i in range(PHOTOS):
        name = f"ISIC_{i:07d}"
        (images / f"{name}.jpg").write_bytes(example_bytes(seed=i, width=200, height=150))
        rows.append((name, f"HAM_{i:07d}", list(HAM_NAMES)[i % 6]))
    table = pd.DataFrame(rows, columns=["image_id", "lesion_id", "dx"])
    table = table.assign(age=50.0, sex=["female", "male"] * (PHOTOS // 2), localization="back")
    table.to_csv(folder / "ham10000" / "HAM10000_metadata.csv", index=False)
    return folder


@pytest.fixture(scope="module")
def run(data, tmp_path_factory) -> Run:
    import keras

    from melanoma.training.architectures import build_network

    folder = tmp_path_factory.mktemp("models") / "untrained"
    folder.mkdir()
    table = pd.read_csv(data / "ham10000" / "HAM10000_metadata.csv")
    split = pd.DataFrame({"image_id": table["image_id"], "diagnosis": table["dx"].map(HAM_NAMES)})
    split["group"], split["source"] = table["lesion_id"], "ham10000"
    split["split"] = [("validation", "test")[i // 6 % 2] for i in range(PHOTOS)]
    split.to_csv(folder / "split.csv", index=False)
    keras.utils.set_random_seed(1)
    build_network("baseline-cnn", input_size=SIZE, classes=9).save(folder / "model.keras")
    facts = RunFacts(
        name="untrained",
        state="finished",
        architecture="baseline-cnn",
        input=NetworkInput(SIZE),
        settings=TrainingSettings("baseline-cnn", SIZE, 1, 10),
        data=DataFacts("abc", PHOTOS, PHOTOS),
        seed=1,
        started="2026-01-02T03:04:05+00:00",
    )
    write_part(folder / "run.json", facts)
    write_checksums(folder)
    return open_run(folder)


@pytest.fixture(scope="module")
def network(run):
    import keras

    return keras.saving.load_model(run.network_path, compile=False)


@pytest.fixture(scope="module")
def evaluated(run, data) -> tuple[Run, Stages]:
    stages = Stages()
    write_report(run, evaluate_run(run, data, progress=stages))
    return open_run(run.folder), stages


@pytest.mark.slow
def test_the_network_is_asked_through_the_serving_path(evaluated, network, data):
    run, _ = evaluated
    images = data / "ham10000" / "images"
    pixels = [read_photo((images / f"{i}.jpg").read_bytes()).pixels for i in run.predictions["image_id"]]
    inputs = np.stack([network_input(one, SIZE) for one in pixels])
    expected = softmax(predict_logits(network, inputs).astype(np.float64))
    assert run.predictions[PROBABILITIES].to_numpy() == pytest.approx(expected, abs=1e-4)
    examples = np.stack([network_input(draw_example(seed), SIZE) for seed in range(4)])
    expected = softmax(predict_logits(network, examples).astype(np.float64))
    assert [one.seed for one in run.evaluation.synthetic_examples] == [0, 1, 2, 3]
    assert np.array([one.probabilities for one in run.evaluation.synthetic_examples]) == pytest.approx(
        expected, abs=1e-5
    )


@pytest.mark.slow
def test_what_photos_tell_is_measured(evaluated):
    evaluation = evaluated[0].evaluation
    assert evaluation.command == "python -m melanoma evaluate untrained --data DATA"
    assert evaluation.robustness.photos == PHOTOS // 2
    assert set(evaluation.robustness.changes) == {"turn and flip", "JPEG", "resize", "light"}  # no cut-outs there
    assert evaluation.source_probe.diagnoses == {"NV": None, "MEL": None}  # one source
    assert "everyday" not in evaluation.out_of_distribution.photos
    assert evaluation.per_age["45 to 59"].photos == evaluation.per_site["torso"].photos == 18
    assert {sex: group.photos for sex, group in evaluation.per_sex.items()} == {"female": 9, "male": 9}


@pytest.mark.slow
def test_progress_ends_where_it_said_it_would(evaluated):
    _, stages = evaluated
    assert list(stages.stages)[:3] == ["finding the photos", "reading photos", "asking the network"]
    assert stages.stages["reading photos"] == stages.stages["asking the network"] == PHOTOS
    for stage, steps in stages.stages.items():
        assert stages.steps[stage] == (steps or 0)


@pytest.mark.slow
def test_a_missing_photo_is_said_and_nothing_is_written(evaluated, data, tmp_path):
    run, _ = evaluated
    shutil.copytree(data, tmp_path / "data")
    for path in sorted((tmp_path / "data" / "ham10000" / "images").glob("*.jpg"))[1:]:
        path.unlink()
    with pytest.raises(RunError, match="35 of 36 photos"):
        evaluate_run(run, tmp_path / "data")
    assert open_run(run.folder).evaluation == run.evaluation


@pytest.mark.slow
def test_features_are_what_the_last_layer_reads(network):
    inputs = np.stack([network_input(draw_example(seed), SIZE) for seed in range(3)])
    advances = []
    features, heads = predict_features_and_heads(network, inputs, advances.append)
    logits = heads["logits"]
    kernel, bias = network.get_layer("logits").get_weights()
    assert sum(advances) == 3
    assert logits.shape == (3, len(CODES))
    np.testing.assert_allclose(features @ kernel + bias, logits, atol=1e-4)
    np.testing.assert_allclose(logits, predict_logits(network, inputs, batch_size=2), atol=1e-4)
