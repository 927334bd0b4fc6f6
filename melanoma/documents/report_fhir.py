"""A report for a clinic's information system: a FHIR R4 DiagnosticReport that contains its Observations, as JSON.

It is `preliminary`: no clinician has confirmed it. Who the patient is, is not known here: only the case reference and
the name that were entered stand in it. Diagnoses carry the codes of `melanoma.diagnoses`, where these were checked.
"""

from __future__ import annotations

import datetime
import json
from html import escape
from typing import Any

from melanoma.diagnoses import DIAGNOSES, Diagnosis
from melanoma.documents.report import Report, name_program
from melanoma.documents.wording import RESEARCH_USE, write_headline

JSON = dict[str, Any]
SNOMED_CT, ICD_10 = "http://snomed.info/sct", "http://hl7.org/fhir/sid/icd-10"
UCUM = "http://unitsofmeasure.org"
XHTML = "http://www.w3.org/1999/xhtml"
DIGITS = 6  # of a probability


def as_fhir(report: Report) -> str:
    """The DiagnosticReport. http://hl7.org/fhir/R4/diagnosticreport.html"""
    observations = _list_observations(report)
    words = _conclude(report)
    resource: JSON = {
        "resourceType": "DiagnosticReport",
        "text": {"status": "generated", "div": f'<div xmlns="{XHTML}"><p>{escape(words)}</p></div>'},
        "contained": observations,
        "status": "preliminary",
        "category": [{"text": "Clinical decision support, research use only"}],
        "code": {"text": "Skin lesion: probabilities of nine diagnoses, by a neural network"},
        "issued": report.made.astimezone(datetime.UTC).isoformat(timespec="seconds"),
        "result": [{"reference": f"#{observation['id']}"} for observation in observations],
        "conclusion": words,
        **_describe_case(report),
    }
    if report.case.name:
        resource["resultsInterpreter"] = [{"display": report.case.name}]
    return json.dumps(resource, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _describe_case(report: Report) -> JSON:
    """Whose lesion, and when it was photographed: only what was entered."""
    case: JSON = {}
    if report.case.reference:
        case["subject"] = {"identifier": {"value": report.case.reference}}
    if report.case.photographed:
        case["effectiveDateTime"] = report.case.photographed.isoformat()
    return case


def _conclude(report: Report) -> str:
    """Research use, the decision, warnings, and the clinician's own conclusion."""
    decision = write_headline(report.prediction).replace("**", "")
    parts = [RESEARCH_USE, decision, *map(str, report.cautions)]
    if report.case.findings:
        parts.append(f"Findings of the clinician: {report.case.findings}")
    if report.case.conclusion:
        parts.append(f"Conclusion of the clinician: {report.case.conclusion}")
    return " ".join(parts)


def _list_observations(report: Report) -> list[JSON]:
    """The decision with its score, and the nine probabilities."""
    prediction, point = report.prediction, report.prediction.point
    decision = _observe(report, "decision", "Decision of a neural network about a skin lesion") | {
        "valueString": prediction.decision,
        "component": [
            _measure(point.score_name, prediction.score),
            _measure("refer from", point.threshold),
        ],
    }
    probabilities = _observe(report, "probabilities", "Calibrated probabilities of nine diagnoses") | {
        "component": [
            _measure(diagnosis.name, prediction.probability(diagnosis.code), _list_codes(diagnosis))
            for diagnosis in DIAGNOSES
        ]
    }
    return [decision, probabilities]


def _observe(report: Report, id_: str, words: str) -> JSON:
    """What both observations have. http://hl7.org/fhir/R4/observation.html"""
    prediction = report.prediction
    observation: JSON = {
        "resourceType": "Observation",
        "id": id_,
        "status": "preliminary",
        "code": {"text": words},
        "method": {"text": f"{prediction.run}, SHA-256 {prediction.run_sha256}, {prediction.kind_name} photo"},
        "device": {"display": name_program()},
        **_describe_case(report),
    }
    if report.case.site:
        observation["bodySite"] = {"text": report.case.site}
    return observation


def _measure(words: str, share: float, codes: list[JSON] | None = None) -> JSON:
    """A component with a share from 0 to 1."""
    code: JSON = {"coding": codes, "text": words} if codes else {"text": words}
    return {"code": code, "valueQuantity": {"value": round(share, DIGITS), "system": UCUM, "code": "1"}}


def _list_codes(diagnosis: Diagnosis) -> list[JSON]:
    """The diagnosis in the systems that FHIR R4 names by a URI."""
    terms = diagnosis.terminology
    codes = ((SNOMED_CT, terms.snomed_ct), (ICD_10, terms.icd_10))
    return [{"system": system, "code": code} for system, code in codes if code]
