"""Training and serving must never drift apart: photo bytes to probabilities, against what the run recorded."""

from pathlib import Path

import numpy as np
import pytest

from melanoma.dataset.photo_table import read_photo_table
from melanoma.evaluation.calibration import apply_temperature
from melanoma.evaluation.metrics import probabilities_of
from melanoma.photo.photos import read_photo
from melanoma.photo.synthetic import example_bytes
from melanoma.serving.classifier import Classifier


@pytest.fixture(scope="module")
def classifier(run):
    return Classifier.open(run)


def test_synthetic_examples_get_the_recorded_probabilities(run, classifier):
    temperature = run.calibration.temperature
    for stored in run.evaluation.synthetic_examples:
        expected = apply_temperature(np.array([stored.probabilities]), temperature)[0]
        served = classifier.predict(read_photo(example_bytes(stored.seed))).probabilities
        assert served == pytest.approx(expected, abs=1e-4)


@pytest.mark.slow
def test_test_photos_get_the_recorded_predictions(run, classifier, data):
    # Photos stored squashed are left out: serving is given photos as they are, training sets them upright.
    table = read_photo_table(data).set_index("image_id")
    unsquashed = table.index[table["aspect"].isna()]
    recorded = run.predictions.query("split == 'test'")
    recorded = recorded[recorded["image_id"].isin(unsquashed)].iloc[::60]
    assert len(recorded) >= 20
    assert set(recorded["kind"]) == {"dermoscopic", "clinical"}
    for image_id, kind, raw in zip(recorded["image_id"], recorded["kind"], probabilities_of(recorded), strict=True):
        (expected,) = apply_temperature(raw[np.newaxis], run.calibration.of_kind(kind).temperature)
        content = Path(table.loc[image_id, "path"]).read_bytes()
        served = classifier.predict(read_photo(content), kind=kind).probabilities
        assert served == pytest.approx(expected, abs=1e-4), image_id
