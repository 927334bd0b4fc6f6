"""The report in FHIR R4, held against the published schema."""

import json
from functools import cache
from pathlib import Path

import jsonschema
import pytest
from predictions import POINT, make_prediction
from reports import CASE, REFERRED, make_report

from melanoma.diagnoses import DIAGNOSES
from melanoma.documents.case import CaseDetails
from melanoma.documents.report_fhir import ICD_10, SNOMED_CT, as_fhir
from melanoma.photo import DOUBTFUL

DIM = make_prediction(POINT, "high-sensitivity", "The photo is dim.", quality=DOUBTFUL, NV=0.97, MEL=0.01)


@cache
def schema() -> jsonschema.Draft6Validator:
    return jsonschema.Draft6Validator(json.loads((Path(__file__).parent / "fhir_r4_schema.json").read_text()))


@pytest.mark.parametrize("prediction", [REFERRED, DIM])
@pytest.mark.parametrize("case", [CASE, CaseDetails()])
def test_it_fits_the_published_schema(prediction, case):
    resource = json.loads(as_fhir(make_report(prediction, case=case)))
    assert [error.message for error in schema().iter_errors(resource)] == []


@pytest.mark.parametrize(
    "change",
    [
        {"status": "done"},
        {"issued": "today"},
        {"diagnosis": "melanoma"},
        {"code": {"words": "skin"}},
        {"contained": [{"id": "x"}]},
    ],
)
def test_the_schema_does_refuse(change):
    resource = json.loads(as_fhir(make_report(case=CASE))) | change
    assert not schema().is_valid(resource)


def test_it_says_what_the_answer_says():
    resource = json.loads(as_fhir(make_report(DIM, case=CASE)))
    decision, probabilities = resource["contained"]
    assert [one["reference"] for one in resource["result"]] == ["#decision", "#probabilities"]
    assert decision["valueString"] == DIM.decision == "refer"
    shares = {one["code"]["text"]: one["valueQuantity"]["value"] for one in probabilities["component"]}
    assert shares == {d.name: pytest.approx(DIM.probability(d.code), abs=1e-6) for d in DIAGNOSES}
    assert resource["conclusion"].startswith("Research use only")
    assert "The photo is dim." in resource["conclusion"]
    assert resource["status"] == decision["status"] == "preliminary"


def test_codes_are_those_that_were_checked():
    probabilities = json.loads(as_fhir(make_report()))["contained"][1]
    found = {
        one["code"]["text"]: {coding["system"]: coding["code"] for coding in one["code"].get("coding", [])}
        for one in probabilities["component"]
    }
    for diagnosis in DIAGNOSES:
        terms = diagnosis.terminology
        expected = {SNOMED_CT: terms.snomed_ct, ICD_10: terms.icd_10}
        assert found[diagnosis.name] == {system: code for system, code in expected.items() if code}


def test_no_identity_unless_it_was_entered():
    bare, entered = (json.loads(as_fhir(make_report(case=case))) for case in (CaseDetails(), CASE))
    assert not {"subject", "resultsInterpreter", "effectiveDateTime"} & set(bare)
    assert all("subject" not in one and "bodySite" not in one for one in bare["contained"])
    assert entered["subject"] == {"identifier": {"value": "2026-0417"}}
    assert entered["resultsInterpreter"] == [{"display": "M. Example"}]
    assert "x.png" not in json.dumps(bare)
