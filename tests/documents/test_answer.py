"""What a user takes away says what the page says."""

import csv
import io
import json

import pytest

from melanoma.diagnoses import CODES
from melanoma.documents import answer as report
from melanoma.explain.heatmaps import heatmaps, scale_of
from melanoma.photo.photos import read_photo
from melanoma.photo.synthetic import example_bytes
from melanoma.serving.classifier import Classifier
from melanoma.serving.worklist import COLUMNS


@pytest.fixture(scope="module")
def answered(light_run):
    classifier = Classifier.open(light_run)
    photo = read_photo(example_bytes())
    prediction = classifier.predict(photo)
    return photo, prediction, classifier.operating_points[prediction.operating_point]


def test_csv_has_the_columns_of_score(answered):
    photo, prediction, _ = answered
    (row,) = csv.DictReader(io.StringIO(report.csv_row("a, b.png", photo, prediction)))
    assert tuple(row) == COLUMNS
    assert row["file"] == "a, b.png"
    assert row["decision"] == prediction.decision
    assert sum(float(row[f"p_{code}"]) for code in CODES) == pytest.approx(1, abs=1e-4)


def test_json_carries_the_threshold_with_its_record_and_no_pixels(answered):
    photo, prediction, point = answered
    told = json.loads(report.as_json("x.png", photo, prediction, point))
    assert told["operating_point"]["test"]["sensitivity"] == point["test"]["sensitivity"]
    assert told["use"] == "Research use only, not a medical device."
    assert len(json.dumps(told)) < 4000


def test_pdf_is_one_whether_or_not_its_letters_are_latin(answered):
    photo, prediction, point = answered
    maps = heatmaps(prediction)
    for name in ("x.png", "лицо ◆.png"):
        made = report.pdf(name, photo, prediction, point, heatmap=maps[prediction.top], scale_peak=scale_of(maps))
        assert made.startswith(b"%PDF")
        assert made.count(b"/Type /Page\n") == 1
