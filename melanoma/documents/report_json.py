"""A report as JSON: the records of the answer as `predict --json` has them, and what the report adds to them."""

from __future__ import annotations

import json
from typing import Any

from melanoma.documents.answer import as_lesion_record, as_number, as_record
from melanoma.documents.case import CaseDetails
from melanoma.documents.report import Report, name_program


def as_json(report: Report) -> str:
    """Of one photo, its record; of several of one lesion, a list of their records with that of the lesion last.

    The record of what is answered has two more keys. `case`: what the clinician added, null where nothing was written;
    `report`: warnings, predictive values, map, limits, program and time.
    """
    records = [as_record(*photo) for photo in report.photos]
    answered = as_lesion_record(records, report.prediction) if report.is_of_several_photos else records.pop()
    answered |= {"case": _record_case(report.case), "report": _record_report(report)}
    content = [*records, answered] if report.is_of_several_photos else answered
    return json.dumps(content, indent=1, allow_nan=False) + "\n"


def _record_case(case: CaseDetails) -> dict[str, str | None]:
    return {
        "reference": case.reference or None,
        "body_site": case.site or None,
        "date_of_photo": case.photographed.isoformat() if case.photographed else None,
        "findings": case.findings or None,
        "conclusion": case.conclusion or None,
        "name": case.name or None,
    }


def _record_report(report: Report) -> dict[str, Any]:
    return {
        "made": report.made.isoformat(timespec="seconds"),
        "program": name_program(),
        "warnings": [str(caution) for caution in report.cautions],
        "prevalence": report.prevalence,
        "positive_predictive_value": as_number(report.positive_predictive_value),
        "negative_predictive_value": as_number(report.negative_predictive_value),
        "prediction_set": {
            "target_coverage": report.prediction_set.target_coverage,
            "least_probability": report.prediction_set.least_probability,
        },
        "map": _record_map(report),
        "limits": list(report.limits),
    }


def _record_map(report: Report) -> dict[str, Any] | None:
    """Of which photo and diagnosis the printed map is, and how strong; raw values."""
    heatmap, peak = report.heatmap, report.scale_peak
    if heatmap is None:
        return None
    return {
        "file": report.picture.name,
        "diagnosis": heatmap.diagnosis,
        "method": heatmap.method.value,
        "positive_evidence": heatmap.has_evidence(peak),
        "raw_peak": heatmap.peak,
        "strongest_raw_peak_of_nine": peak,
    }
