"""The CSV row and the record of an answer say what the page says."""

import csv
import io
import json
from dataclasses import replace

import pytest
from predictions import MELANOMA_POINT, POINT, make_prediction

from melanoma.diagnoses import CODES
from melanoma.documents.answer import as_csv, as_record
from melanoma.estimates import UNDEFINED
from melanoma.photo import GOOD, UNUSABLE, Assessment, example_bytes, read_photo
from melanoma.photo.skin_tone import CAUTION
from melanoma.run import TestRates
from melanoma.serving.rows import COLUMNS

PHOTO = read_photo(example_bytes())
REFERRED = make_prediction(NV=0.7, MEL=0.14, PBK=0.1)
DARK = make_prediction(POINT, "high-sensitivity", "The photo is dark.", quality=UNUSABLE, NV=0.95, MEL=0.018, SK=0.03)


def test_csv_has_the_columns_of_score():
    (row,) = csv.DictReader(io.StringIO(as_csv([("a, b.png", PHOTO, REFERRED)])))
    assert tuple(row) == COLUMNS
    assert (row["file"], row["decision"], row["status"]) == ("a, b.png", "refer", "ok")
    assert sum(float(row[f"p_{code}"]) for code in CODES) == pytest.approx(1, abs=1e-4)


def test_json_carries_the_threshold_with_its_test_results_and_no_pixels():
    record = as_record("x.png", PHOTO, REFERRED)
    assert record["operating_point"]["test"]["sensitivity"] == {"value": 0.97, "low": 0.95, "high": 0.98}
    assert record["operating_point"]["threshold"] == POINT.threshold
    assert record["use"] == "Research use only, not a medical device."
    assert len(json.dumps(record)) < 4000


def test_json_and_csv_repeat_the_decision_and_its_reason():
    record = as_record("x.png", PHOTO, DARK)
    assert (record["decision"], record["decision_reason"]) == ("refer", "quality")
    assert record["quality_reasons"] == ["The photo is dark."]
    assert as_record("x.png", PHOTO, REFERRED)["decision_reason"] == "score"
    (row,) = csv.DictReader(io.StringIO(as_csv([("x.png", PHOTO, DARK)])))
    assert (row["decision"], row["message"]) == ("refer", "The photo is dark.")


def test_a_caution_stands_in_every_file_and_changes_no_decision():
    cautious = replace(REFERRED, assessment=Assessment(GOOD, cautions=(CAUTION,)))
    record = as_record("x.png", PHOTO, cautious)
    assert record == as_record("x.png", PHOTO, REFERRED) | {"cautions": [CAUTION]}
    (row,) = csv.DictReader(io.StringIO(as_csv([("x.png", PHOTO, cautious)])))
    (plain,) = csv.DictReader(io.StringIO(as_csv([("x.png", PHOTO, REFERRED)])))
    assert (row, plain["message"]) == (plain | {"message": CAUTION}, "")


def test_json_says_the_score_that_the_threshold_is_compared_with():
    record = as_record("x.png", PHOTO, make_prediction(MELANOMA_POINT, "melanoma-95", MEL=0.05, BCC=0.2))
    assert record["score"] == pytest.approx(0.05, abs=1e-6)
    assert record["malignant"] > 0.25


def test_json_has_null_for_what_was_not_measured():
    unmeasured = replace(REFERRED, point=replace(POINT, test=TestRates(UNDEFINED, None)))
    record = as_record("x.png", PHOTO, unmeasured)
    json.dumps(record, allow_nan=False)
    assert record["operating_point"]["test"] == {"sensitivity": None, "specificity": None}
