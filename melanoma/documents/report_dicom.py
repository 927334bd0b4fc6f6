"""A report for a picture archive: its PDF as a DICOM Encapsulated PDF, and its photo as a Secondary Capture Image.

Both belong to one study, whose UID follows from the photos and the case reference: made again, they find each other.
Who the patient is, is not known here: only the case reference that was entered stands in them, as the Patient ID.
What a dermatoscope would know and a file does not say (polarization, contact) is left out. DICOM PS3.3: A.45.1, A.8.1.
"""

from __future__ import annotations

import datetime
import io
import uuid

from PIL import ImageCms
from pydicom import Dataset
from pydicom.dataset import FileMetaDataset
from pydicom.uid import (
    UID,
    EncapsulatedPDFStorage,
    ExplicitVRLittleEndian,
    SecondaryCaptureImageStorage,
)

from melanoma.documents.case import Paper
from melanoma.documents.report import Report, name_program
from melanoma.documents.report_pdf import as_pdf
from melanoma.sources import DERMOSCOPIC

NAMESPACE = uuid.UUID("b7a6f3a0-53b2-4e0b-8b8e-5f0b3c2d9a11")  # of UIDs that follow from what they name
LOSSY = ("JPEG", "MPO", "WEBP", "HEIF", "AVIF")  # formats whose files may have lost detail
TITLE = "Skin lesion: answer of a neural network. Research use only."
LONGEST = 64  # characters of a Patient ID, and of other values of the kind LO (PS3.5, 6.2)


def why_not_dicom(reference: str) -> str:
    """Why a case reference cannot be a Patient ID, in a sentence; empty where it can. Nothing of it is changed."""
    if len(reference) > LONGEST or "\\" in reference or not reference.isprintable():
        return f"DICOM takes a case reference of up to {LONGEST} characters without a backslash. Change it first."
    return ""


def as_dicom_pdf(report: Report, paper: Paper = "A4") -> bytes:
    """The report's PDF, encapsulated: a DICOM file. ValueError where `why_not_dicom` has a reason."""
    content = as_pdf(report, paper)
    dataset = _begin(report, EncapsulatedPDFStorage, "DOC", 1)
    dataset.ConversionType = "WSD"
    dataset.AcquisitionDateTime = _date_of_photo(report)
    dataset.BurnedInAnnotation = "YES" if report.case.reference else "NO"
    dataset.DocumentTitle = TITLE
    dataset.ConceptNameCodeSequence = []
    dataset.MIMETypeOfEncapsulatedDocument = "application/pdf"
    dataset.EncapsulatedDocumentLength = len(content)
    dataset.EncapsulatedDocument = _pad(content)
    return _write(dataset)


def as_dicom_photo(report: Report) -> bytes:
    """The pictured photo as it was read, upright sRGB, uncompressed: a DICOM file. ValueError likewise."""
    photo, kind = report.picture.photo, report.picture.prediction.kind.kind
    dataset = _begin(report, SecondaryCaptureImageStorage, "DMS" if kind == DERMOSCOPIC else "XC", 2)
    dataset.ConversionType = "DI"
    dataset.ImageType = ["DERIVED", "SECONDARY"]
    dataset.DerivationDescription = f"Upright sRGB copy of a file, SHA-256 {photo.sha256}"
    dataset.PatientOrientation = dataset.Laterality = ""  # not known
    dataset.AcquisitionDateTime = _date_of_photo(report)
    if report.case.site:
        dataset.ImageComments = f"Body site: {report.case.site}"
    if photo.format in LOSSY:
        dataset.LossyImageCompression = "01"
    dataset.Rows, dataset.Columns, dataset.SamplesPerPixel = photo.pixels.shape
    dataset.PhotometricInterpretation = "RGB"
    dataset.PlanarConfiguration = 0
    dataset.BitsAllocated = dataset.BitsStored = 8
    dataset.HighBit, dataset.PixelRepresentation = 7, 0
    dataset.ICCProfile = _pad(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    dataset.ColorSpace = "SRGB"
    dataset.PixelData = _pad(photo.pixels.tobytes())
    dataset["PixelData"].VR = "OB"
    return _write(dataset)


def _begin(report: Report, kind: UID, modality: str, series: int) -> Dataset:
    """What all objects have: patient, study, series, equipment, and the object itself."""
    if reason := why_not_dicom(report.case.reference):
        raise ValueError(reason)
    dataset = Dataset()
    made = report.made.astimezone(datetime.UTC)
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.SpecificCharacterSet = "ISO_IR 192"  # UTF-8
    dataset.SOPClassUID = kind
    study = "|".join(["study", report.case.reference, *(one.photo.sha256 for one in report.photos)])
    own = f"{kind}|{study}|{report.prediction.run_sha256}|{made.isoformat()}"
    dataset.StudyInstanceUID = _make_uid(study)
    dataset.SeriesInstanceUID = _make_uid(f"series|{own}")
    dataset.SOPInstanceUID = _make_uid(f"instance|{own}")
    dataset.PatientName = dataset.PatientBirthDate = dataset.PatientSex = ""
    dataset.PatientID = report.case.reference
    dataset.ReferringPhysicianName = dataset.AccessionNumber = dataset.StudyID = ""
    day = report.case.photographed
    dataset.StudyDate = f"{day or made:%Y%m%d}"
    dataset.StudyTime = "" if day else f"{made:%H%M%S}"
    dataset.StudyDescription = "Skin lesion"
    dataset.Modality = modality
    dataset.SeriesNumber, dataset.InstanceNumber = series, 1
    dataset.SeriesDescription = TITLE[:LONGEST]
    dataset.Manufacturer = "melanoma"
    dataset.SoftwareVersions = [name_program()[:LONGEST], report.run.name[:LONGEST]]
    dataset.ContentDate = dataset.InstanceCreationDate = f"{made:%Y%m%d}"
    dataset.ContentTime = dataset.InstanceCreationTime = f"{made:%H%M%S}"
    dataset.TimezoneOffsetFromUTC = "+0000"
    return dataset


def _date_of_photo(report: Report) -> str:
    """As DICOM writes it; empty where it was not entered."""
    return f"{report.case.photographed:%Y%m%d}" if report.case.photographed else ""


def _make_uid(name: str) -> UID:
    """A UID that follows from a name (PS3.5, B.2: from a UUID)."""
    return UID(f"2.25.{uuid.uuid5(NAMESPACE, name).int}")


def _pad(content: bytes) -> bytes:
    """DICOM stores an even number of bytes."""
    return content + b"\0" * (len(content) % 2)


def _write(dataset: Dataset) -> bytes:
    file = io.BytesIO()
    dataset.save_as(file, enforce_file_format=True)
    return file.getvalue()
