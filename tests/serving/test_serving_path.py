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
    # Photos stored squashed are left out: serving is given photos as they are, training sets them upright. So are
    # the sharper copies, which came after this run was evaluated.
    table = read_photo_table(data).set_index("image_id")
    unsquashed = table.index[table["aspect"].isna() & ~table["path"].str.contains("_288/")]
    recorded = run.predictions.query("split == 'test'")
    recorded = recorded[recorded["image_id"].isin(unsquashed)].iloc[::60]
    assert len(recorded) >= 20
    expected = apply_temperature(probabilities_of(recorded), run.calibration.temperature)
    for image_id, probabilities in zip(recorded["image_id"], expected, strict=True):
        with Path(table.loc[image_id, "path"]).open("rb") as file:
            served = classifier.predict(read_photo(file.read())).probabilities
        assert served == pytest.approx(probabilities, abs=1e-4), image_id
