"""The casebook's lesions with an outcome, as a library."""

import datetime

from melanoma.casebook import Answer, Lesion, Outcome, Patient, StoredPhoto, Visit
from melanoma.casebook.similar import list_known

DAY = datetime.date(2026, 3, 1)
RUN, OTHER_RUN, PHOTO = "a" * 64, "b" * 64, "c" * 64


def add_lesion(writer, patient, label, *diagnoses, run=RUN, kind="dermoscopic", share=0.2, photo=PHOTO) -> Lesion:
    lesion = writer.add(Lesion(patient_id=patient.id, label=label, site="chest"))
    visit = writer.add(Visit(lesion_id=lesion.id, date=DAY))
    writer.add(
        Answer(
            visit_id=visit.id,
            photos=(photo,),
            kind=kind,
            quality="good",
            probabilities=(share, *[(1 - share) / 8] * 8),
            malignancy=0.5,
            decision="refer",
            operating_point="high-sensitivity",
            score=0.5,
            threshold=0.1,
            run="a-run",
            run_sha256=run,
            app_version="1",
        )
    )
    for source, diagnosis in diagnoses:
        writer.add(Outcome(lesion_id=lesion.id, diagnosis=diagnosis, source=source, date=DAY, who="lab"))
    return lesion


def test_a_library_holds_lesions_with_outcome_and_an_answer_of_this_network_to_this_kind(book):
    with book.write("dr-a") as writer:
        patient = writer.add(Patient(reference="A-1"))
        known = add_lesion(writer, patient, "1", ("follow-up", "NV"), ("histology", "MEL"), share=0.7)
        add_lesion(writer, patient, "2")  # nobody knows yet
        add_lesion(writer, patient, "3", ("histology", "NV"), run=OTHER_RUN)
        add_lesion(writer, patient, "4", ("histology", "NV"), kind="clinical")
        itself = add_lesion(writer, patient, "5", ("histology", "other"), photo="d" * 64)
    library = list_known(book, RUN, "dermoscopic", itself.id)
    assert [(one.name, one.diagnosis, one.settled) for one in library.lesions] == [
        ("A-1, lesion 1", "MEL", "histology")
    ]
    assert library.lesions[0].lesion_id == known.id
    assert library.probabilities[0, 0] == 0.7
    assert library.left_out == 2
    assert [one.lesion_id for one in list_known(book, RUN, "dermoscopic", "d" * 64).lesions] == [known.id]
    assert len(list_known(book, RUN, "dermoscopic").lesions) == 2


def test_only_a_stored_photo_is_there_to_show(book):
    with book.write("dr-a") as writer:
        patient = writer.add(Patient(reference="A-1"))
        sha256 = writer.keep(b"a photo")
        lesion = add_lesion(writer, patient, "1", ("histology", "MEL"), photo=sha256)
        add_lesion(writer, patient, "2", ("histology", "MEL"))
    (visit,) = book.find(Visit, lesion_id=lesion.id)
    with book.write("dr-a") as writer:
        writer.add(StoredPhoto(visit_id=visit.id, sha256=sha256, format="PNG"))
    assert {one.name: one.sha256 for one in list_known(book, RUN, "dermoscopic").lesions} == {
        "A-1, lesion 1": sha256,
        "A-1, lesion 2": "",
    }
