"""What a user takes away says what the page says."""

import csv
import io
import json
import re
from dataclasses import replace

import numpy as np
import pytest
from pdf_reader import count_pages, read_pictures, read_text
from predictions import MELANOMA_POINT, POINT, SET, make_prediction

from melanoma.diagnoses import CODES
from melanoma.documents.answer import as_csv, as_json, as_pdf, as_record
from melanoma.estimates import UNDEFINED
from melanoma.explain import Heatmap, Method
from melanoma.photo import GOOD, UNUSABLE, Assessment, example_bytes, read_photo
from melanoma.photo.skin_tone import CAUTION
from melanoma.run import TestRates
from melanoma.serving.worklist import COLUMNS

PHOTO = read_photo(example_bytes())
REFERRED = make_prediction(NV=0.7, MEL=0.14, PBK=0.1)
DARK = make_prediction(POINT, "high-sensitivity", "The photo is dark.", quality=UNUSABLE, NV=0.95, MEL=0.018, SK=0.03)


def make_map(peak: float) -> Heatmap:
    values = np.zeros((6, 6))
    values[2, 3] = peak
    return Heatmap.of(values, "MEL", Method.GRADCAM, "features")


def write(name: str = "x.png", prediction=REFERRED, heatmap: Heatmap | None = None) -> bytes:
    return as_pdf(name, PHOTO, prediction, SET, heatmap=heatmap, scale_peak=1.0)


def test_csv_has_the_columns_of_score():
    (row,) = csv.DictReader(io.StringIO(as_csv([("a, b.png", PHOTO, REFERRED)])))
    assert tuple(row) == COLUMNS
    assert (row["file"], row["decision"], row["status"]) == ("a, b.png", "refer", "ok")
    assert sum(float(row[f"p_{code}"]) for code in CODES) == pytest.approx(1, abs=1e-4)


def test_json_carries_the_threshold_with_its_test_results_and_no_pixels():
    record = json.loads(as_json([("x.png", PHOTO, REFERRED)]))
    assert record == as_record("x.png", PHOTO, REFERRED)
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
    cautious = replace(REFERRED, assessment=Assessment(GOOD, (), (CAUTION,)))
    record = as_record("x.png", PHOTO, cautious)
    assert record == as_record("x.png", PHOTO, REFERRED) | {"cautions": [CAUTION]}
    (row,) = csv.DictReader(io.StringIO(as_csv([("x.png", PHOTO, cautious)])))
    (plain,) = csv.DictReader(io.StringIO(as_csv([("x.png", PHOTO, REFERRED)])))
    assert (row, plain["message"]) == (plain | {"message": CAUTION}, "")
    assert CAUTION in " ".join(read_text(write(prediction=cautious)).split())


def test_json_says_the_score_that_the_threshold_is_compared_with():
    record = as_record("x.png", PHOTO, make_prediction(MELANOMA_POINT, "melanoma-95", MEL=0.05, BCC=0.2))
    assert record["score"] == pytest.approx(0.05, abs=1e-6)
    assert record["malignant"] > 0.25


def test_json_has_null_for_what_was_not_measured():
    unmeasured = replace(REFERRED, point=replace(POINT, test=TestRates(UNDEFINED, None)))
    text = as_json([("x.png", PHOTO, unmeasured)])
    assert "NaN" not in text
    assert json.loads(text)["operating_point"]["test"] == {"sensitivity": None, "specificity": None}


def test_the_pdf_is_one_page_that_says_what_the_page_says():
    content = write(heatmap=make_map(1.0))
    text = read_text(content)
    assert count_pages(content) == 1
    assert "Refer. Malignancy probability 17 %, threshold 7 %" in text
    assert "is at or above the threshold of 7 %" in text
    assert "sensitivity 97 % (95–98 %) and specificity 64 % (61–67 %)" in text
    assert PHOTO.sha256 in text
    assert re.search(r"melanoma\s+malignant\s+14 %", text) and re.search(r"nevus\s+benign\s+70 %", text)
    assert len(read_pictures(content)) == 2


def test_the_pdf_says_research_use_first_and_at_its_foot():
    lines = read_text(write()).splitlines()
    assert lines[0] == "Research use only, not a medical device."
    assert lines[-1].startswith("Research use only, not a medical device. Page 1")


def test_the_pdf_of_a_dark_photo_refers_with_the_reason():
    text = read_text(write(prediction=DARK))
    assert "Refer. The photo is not good enough to call it routine." in text
    assert "The photo is dark." in text
    assert "Routine" not in text


@pytest.mark.parametrize("name", ["φωτογραφία.jpg", "снимок № 3.png", "Zoë Łódź ñ.png", "รูป.png", "त्वचा.png"])
def test_names_in_any_script_are_printed(name):
    assert name in read_text(write(name))


def test_a_character_without_a_font_is_printed_as_its_code_point():
    assert "Photo [U+4E2D]e\N{COMBINING ACUTE ACCENT}[U+000A].png".replace("e\u0301", "é") in read_text(
        write("中e\N{COMBINING ACUTE ACCENT}\n.png")
    )


def test_a_weak_map_is_not_stretched():
    plain, strong = read_pictures(write(heatmap=make_map(1.0)))
    _, weak = read_pictures(write(heatmap=make_map(0.05)))
    _, none = read_pictures(write(heatmap=make_map(0.001)))
    inside = np.s_[10:-10, 10:-10]  # without the outline

    def change(picture: np.ndarray) -> float:
        return float(np.abs(picture[inside].astype(int) - plain[inside]).max())

    assert change(none) == 0
    assert 0 < change(weak) < change(strong) / 3


def test_the_caption_says_how_strong_the_map_is():
    assert "raw peak 0.05, 5 % of the strongest of the nine maps" in read_text(write(heatmap=make_map(0.05))).replace(
        "\n", " "
    )
    assert "no positive evidence for melanoma" in read_text(write(heatmap=make_map(0.001)))
