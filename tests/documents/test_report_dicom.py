"""The report as DICOM: read back, and without an identity that nobody entered."""

import io
import os
import shutil
import subprocess
from dataclasses import replace

import numpy as np
import pytest
from pdf_reader import read_text
from pydicom import dcmread
from pydicom.uid import EncapsulatedPDFStorage, SecondaryCaptureImageStorage
from reports import CASE, drawn_photo, make_report

from melanoma.documents.case import CaseDetails
from melanoma.documents.report_dicom import as_dicom_pdf, as_dicom_photo, why_not_dicom
from melanoma.photo import read_photo

IDENTITY = ("PatientName", "PatientBirthDate", "PatientSex", "ReferringPhysicianName", "AccessionNumber")


def read(content: bytes):
    return dcmread(io.BytesIO(content))


def test_the_pdf_comes_back_as_it_was():
    dataset = read(as_dicom_pdf(make_report(case=CASE)))
    assert dataset.SOPClassUID == EncapsulatedPDFStorage
    assert (dataset.Modality, dataset.MIMETypeOfEncapsulatedDocument) == ("DOC", "application/pdf")
    content = dataset.EncapsulatedDocument[: dataset.EncapsulatedDocumentLength]
    assert content.rstrip().endswith(b"%%EOF")
    assert "Research use only" in read_text(content)
    assert (dataset.StudyDate, dataset.AcquisitionDateTime) == ("20261103", "20261103")


def test_the_photo_comes_back_pixel_by_pixel():
    content = as_dicom_photo(make_report(case=CASE))
    dataset = read(content)
    assert dataset.SOPClassUID == SecondaryCaptureImageStorage
    assert dataset.Modality == "DMS"
    assert dataset.ImageComments == "Body site: left forearm"
    np.testing.assert_array_equal(dataset.pixel_array, drawn_photo().pixels)
    np.testing.assert_array_equal(read_photo(content).pixels, drawn_photo().pixels)  # by the app itself


@pytest.mark.parametrize("make", [as_dicom_pdf, as_dicom_photo])
def test_no_identity_unless_it_was_entered(make):
    bare, entered = (read(make(make_report(case=case))) for case in (CaseDetails(), CASE))
    assert all(dataset[name].value in ("", None) for dataset in (bare, entered) for name in IDENTITY)
    assert bare.PatientID == ""
    assert entered.PatientID == "2026-0417"
    assert bare.get("BurnedInAnnotation", "NO") == "NO"
    assert "x.png" not in str(bare)


def test_both_are_found_in_one_study_and_other_cases_in_others():
    report = make_report(case=CASE)
    pdf, photo = read(as_dicom_pdf(report)), read(as_dicom_photo(report))
    again = read(as_dicom_pdf(make_report(case=CASE)))
    other = read(as_dicom_pdf(make_report(case=replace(CASE, reference="2026-0418"))))
    assert pdf.StudyInstanceUID == photo.StudyInstanceUID == again.StudyInstanceUID
    assert other.StudyInstanceUID != pdf.StudyInstanceUID
    uids = [one.SOPInstanceUID for one in (pdf, photo, again, other)]
    assert len(set(uids)) == 4
    assert all(uid.is_valid for uid in uids)


@pytest.mark.parametrize("reference", ["x" * 65, r"A\17", "A\n17"])
def test_a_reference_that_dicom_cannot_hold_is_refused_and_not_changed(reference):
    with pytest.raises(ValueError, match="up to 64 characters without a backslash"):
        as_dicom_photo(make_report(case=replace(CASE, reference=reference)))
    assert why_not_dicom("x" * 64) == ""


@pytest.mark.parametrize("case", [CASE, CaseDetails()], ids=["entered", "bare"])
@pytest.mark.parametrize(("make", "kind"), [(as_dicom_pdf, "EncapsulatedPDF"), (as_dicom_photo, "SCImage")])
def test_a_validator_of_others_finds_no_fault(make, kind, case, tmp_path):
    (tmp_path / "it.dcm").write_bytes(make(make_report(case=case)))
    lines = validate(tmp_path / "it.dcm")
    assert kind in lines
    assert [line for line in lines if line.startswith("Error")] == []


def test_the_validator_does_refuse(tmp_path):
    dataset = read(as_dicom_photo(make_report(case=CASE)))
    del dataset.Rows
    dataset.save_as(tmp_path / "it.dcm", enforce_file_format=True)
    assert any(line.startswith("Error") and "Rows" in line for line in validate(tmp_path / "it.dcm"))


def validate(file) -> list[str]:
    """What dciodvfy says of it. Without it a test is skipped, or fails where MELANOMA_REQUIRE_SERVERS=1."""
    program = shutil.which("dciodvfy")
    if program is None:
        missing = "no dciodvfy: install Debian's package `dicom3tools`"
        if os.environ.get("MELANOMA_REQUIRE_SERVERS") == "1":
            pytest.fail(missing)
        pytest.skip(missing)
    said = subprocess.run([program, "-new", file], capture_output=True, text=True, check=False, timeout=60)
    return (said.stdout + said.stderr).splitlines()
