"""The report as JSON: the record of the answer, unchanged, with the clinician's part and what the PDF says too."""

import json
from dataclasses import replace

from pdf_reader import read_text
from predictions import POINT, SET, make_prediction
from reports import CASE, REFERRED, drawn_photo, make_map, make_report

from melanoma.documents.answer import as_lesion_record, as_record
from melanoma.documents.report_json import as_json
from melanoma.documents.report_pdf import as_pdf, list_threshold
from melanoma.estimates import UNDEFINED, percent
from melanoma.photo import DOUBTFUL
from melanoma.run import TestRates

DIM = make_prediction(POINT, "high-sensitivity", "The photo is dim.", quality=DOUBTFUL, NV=0.97, MEL=0.01)


def test_the_record_of_the_answer_stays_as_it_is_and_two_keys_are_added():
    record = json.loads(as_json(make_report(case=CASE)))
    answer = as_record("x.png", drawn_photo(), REFERRED)
    assert {key: record[key] for key in answer} == json.loads(json.dumps(answer))
    assert set(record) - set(answer) == {"case", "report"}


def test_what_the_clinician_wrote_stands_below_one_key():
    assert json.loads(as_json(make_report(case=CASE)))["case"] == {
        "reference": "2026-0417",
        "body_site": "left forearm",
        "date_of_photo": "2026-11-03",
        "findings": "Asymmetric, 7 mm.\nGrey-blue structures.",
        "conclusion": "Suspicious: excision.",
        "name": "M. Example",
    }
    assert set(json.loads(as_json(make_report()))["case"].values()) == {None}


def test_a_lesion_is_a_list_whose_last_record_is_the_answer():
    together = replace(REFERRED, photos=2)
    *photos, lesion = json.loads(as_json(make_report(together, "a.png", "b.png", own=(REFERRED, DIM), case=CASE)))
    records = [as_record(name, drawn_photo(), one) for name, one in (("a.png", REFERRED), ("b.png", DIM))]
    assert photos == json.loads(json.dumps(records))
    expected = json.loads(json.dumps(as_lesion_record(records, together)))
    assert {key: lesion[key] for key in expected} == expected
    assert lesion["case"]["reference"] == CASE.reference


def test_the_facts_of_the_json_are_those_of_the_pdf():
    report = make_report(DIM, case=CASE, heatmap=make_map(0.4))
    record, text = json.loads(as_json(report)), " ".join(read_text(as_pdf(report)).split())
    facts = record["report"]
    assert facts["warnings"] == ["Doubtful photo. The photo is dim. Read the answer with care."]
    assert all(warning in text for warning in facts["warnings"])
    assert len(facts["limits"]) in (3, 4)
    assert all(f"– {limit}" in text for limit in facts["limits"])
    assert f"Prevalence chosen {percent(facts['prevalence'])}" in text
    for name in ("positive", "negative"):
        value = facts[f"{name}_predictive_value"]["value"]
        assert f"{name.title()} predictive value {percent(value)}" in text or percent(value, 1) in text
    assert f"raw peak {facts['map']['raw_peak']:.3g}" in text
    assert facts["map"]["diagnosis"] == "MEL"
    assert facts["program"] in text
    assert facts["made"][:10] in text
    assert f"Prediction set ({percent(facts['prediction_set']['target_coverage'])})" in text
    assert dict(list_threshold(report))["Refer from"] == percent(record["operating_point"]["threshold"])
    assert facts["prediction_set"]["least_probability"] == SET.least_probability


def test_json_has_null_for_what_was_not_measured():
    unmeasured = replace(REFERRED, point=replace(POINT, test=TestRates(UNDEFINED, None)))
    text = as_json(make_report(unmeasured, prevalence=None, heatmap=None))
    assert "NaN" not in text
    record = json.loads(text)
    assert record["operating_point"]["test"] == {"sensitivity": None, "specificity": None}
    assert record["report"]["prevalence"] is record["report"]["positive_predictive_value"] is None
    assert record["report"]["map"] is None
