"""What a model card says of clinical close-ups, of two photos of one lesion, and of photos that show none."""

from __future__ import annotations

import pandas as pd

from melanoma.documents.cards import Section, Table
from melanoma.documents.wording import CLINICAL_CAUTION, write_share
from melanoma.estimates import percent
from melanoma.evaluation.kind_tables import describe_pairs, tabulate_pairs, tabulate_recognition
from melanoma.evaluation.tables import describe_groups, list_headline, tabulate_groups, write_estimate
from melanoma.run import Evaluation, KindCalibration, Run, operating_point_name


def list_kinds(run: Run) -> tuple[Section, ...]:
    """A section for each kind and combination that was measured; none for a network of dermoscopic photos alone."""
    evaluation, calibration = run.evaluation, run.calibration
    if evaluation is None or calibration is None or evaluation.clinical is None:
        return ()
    sections = [_describe_clinical(evaluation, calibration.clinical)]
    if evaluation.pairs is not None:
        blocks: list[str | Table] = [
            describe_pairs(evaluation.pairs),
            Table("On the same test lesions", tabulate_pairs(evaluation.pairs)),
        ]
        if calibration.pair is not None:
            blocks.append(Table("Operating points of both photos", _tabulate_points(calibration.pair)))
        sections.append(Section("A dermoscopic and a clinical photo of one lesion", tuple(blocks)))
    if evaluation.kinds is not None:
        table = tabulate_recognition(evaluation.kinds).astype(str)
        text = "No lesion: everyday photos, and crops of bare skin. Such a photo is never called routine."
        sections.append(Section("Kind of photo", (text, Table("Of test photos", table))))
    return tuple(sections)


def _describe_clinical(evaluation: Evaluation, calibration: KindCalibration | None) -> Section:
    clinical = evaluation.clinical
    assert clinical is not None
    rows = [(name, write_estimate(name, value)) for name, value in list_headline(clinical.headline)]
    blocks: list[str | Table] = [
        f"Measured on {clinical.photos:,} clinical test photos of {clinical.lesions:,} lesions. {CLINICAL_CAUTION}",
        Table("Estimates on clinical photos", pd.DataFrame(rows, columns=["estimate", "value (95 % interval)"])),
    ]
    if calibration is not None:
        blocks.append(Table("Operating points of clinical photos", _tabulate_points(calibration)))
    groups = tabulate_groups(clinical)
    if "sensitivity" in groups:
        lines = "; ".join(describe_groups(groups[groups["by"] != "Source"], "sensitivity"))
        blocks.append(f"Sensitivity for malignant lesions at the default operating point: {lines}.")
    return Section("Clinical close-ups", tuple(blocks))


def _tabulate_points(calibration: KindCalibration) -> pd.DataFrame:
    rows = [
        (
            operating_point_name(name),
            f"{point.score_name} at least {percent(point.threshold, 1)}",
            write_share(point.test.sensitivity),
            write_share(point.test.specificity),
        )
        for name, point in calibration.operating_points.items()
    ]
    return pd.DataFrame(rows, columns=["operating point", "refer when", "test sensitivity", "test specificity"])
