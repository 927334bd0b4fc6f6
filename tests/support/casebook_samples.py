"""Invented patients, lesions and all that belongs to them, the same for the same seed."""

import datetime
import random

from melanoma.casebook import (
    Answer,
    Entry,
    Lesion,
    Outcome,
    Patient,
    Reading,
    Report,
    ScoredRule,
    StoredPhoto,
    Visit,
    Writer,
)
from melanoma.casebook import vocabulary as words
from melanoma.diagnoses import CODES, MALIGNANT

DAY = datetime.date(2026, 3, 2)
TIME = datetime.datetime(2026, 3, 2, 9, 30, 15, 123456, tzinfo=datetime.UTC)
TEXTS = ("", "=1+1", "Zeile 1\nZeile 2", "naïve “quotes”; 'x'", "黒色腫 🩺", "\t tab, comma")


def make_answer(visit_id: str, top: str = "MEL", **fields: object) -> Answer:
    """An answer that is nearly sure of one diagnosis."""
    probabilities = tuple(0.92 if code == top else 0.01 for code in CODES)
    malignancy = sum(share for code, share in zip(CODES, probabilities, strict=True) if code in MALIGNANT)
    usual = {
        "made": TIME,
        "photos": ("a" * 64,),
        "kind": "dermoscopic",
        "quality": "good",
        "decision": "refer" if top in MALIGNANT else "routine",
        "operating_point": "high sensitivity",
        "threshold": 0.07,
        "run": "2026-11-28-lite0",
        "run_sha256": "b" * 64,
        "app_version": "0.1.0",
    }
    score = {"probabilities": probabilities, "malignancy": malignancy, "score": malignancy}
    return Answer(visit_id=visit_id, **(usual | score | fields))


def make_reading(visit_id: str, diagnosis: str = "NV", **fields: object) -> Reading:
    """A dermatologist's reading."""
    usual = {"made": TIME, "reader": "dr-a", "role": "dermatologist", "confidence": 70, "management": "follow-up"}
    return Reading(visit_id=visit_id, diagnosis=diagnosis, **(usual | fields))


def add_case(writer: Writer, reference: str = "A-17", content: bytes = b"a photo") -> Lesion:
    """A patient with one lesion, a visit, a photo, an answer, both readings, a report and an outcome."""
    patient = writer.add(Patient(reference=reference))
    lesion = writer.add(Lesion(patient_id=patient.id, label="1", site="upper-back"))
    visit = writer.add(
        Visit(lesion_id=lesion.id, date=DAY, reason="has grown", follow_up_due=datetime.date(2026, 6, 1))
    )
    photo = writer.add(StoredPhoto(visit_id=visit.id, stored=TIME, sha256=writer.keep(content), format="JPEG"))
    answer = writer.add(make_answer(visit.id, photos=(photo.sha256,)))
    first = writer.add(make_reading(visit.id))
    second = {"after_support": True, "answer_id": answer.id, "revises": first.id, "made": TIME.replace(minute=31)}
    writer.add(make_reading(visit.id, "MEL", **second))
    report = writer.keep(b"a report with " + content)
    writer.add(Report(visit_id=visit.id, answer_id=answer.id, made=TIME, who="dr-a", format="PDF", sha256=report))
    writer.add(Outcome(lesion_id=lesion.id, diagnosis="MEL", source="histology", date=DAY, who="dr-b", code="H26/1"))
    return lesion


def fill(writer: Writer, lesions: int, seed: int = 1, content_size: int = 200, first: int = 0) -> None:
    """Lesions of about half as many patients, each with up to three visits, at random. first: number of a patient."""
    chance = random.Random(seed)
    made = 0
    while made < lesions:
        patient = writer.add(_draw_patient(chance, first + made))
        for label in range(min(chance.randint(1, 3), lesions - made)):
            lesion = writer.add(_draw_lesion(chance, patient.id, str(label + 1)))
            for _ in range(chance.randint(0, 3)):
                _add_visit(writer, chance, lesion.id, content_size)
            for source in chance.sample(list(words.OUTCOME_SOURCES), chance.choice((0, 1, 1, 2))):
                writer.add(_draw_outcome(chance, lesion.id, source))
            made += 1


def draw_id(chance: random.Random) -> str:
    return f"{chance.getrandbits(128):032x}"


def draw_date(chance: random.Random) -> datetime.date:
    return DAY + datetime.timedelta(days=chance.randint(-2000, 2000))


def draw_time(chance: random.Random) -> datetime.datetime:
    zone = datetime.timezone(datetime.timedelta(hours=chance.randint(-11, 11)))
    return TIME.astimezone(zone) + datetime.timedelta(microseconds=chance.randint(0, 10**14))


def _draw_patient(chance: random.Random, number: int) -> Patient:
    return Patient(
        id=draw_id(chance),
        reference=f"P-{number:05d} {chance.choice(('', 'ä', '=x'))}",
        birth_year=chance.choice((None, 1950, 2004)),
        sex=chance.choice(("", *words.SEXES)),
        skin_type=chance.choice((None, 1, 6)),
        note=chance.choice(TEXTS),
    )


def _draw_lesion(chance: random.Random, patient_id: str, label: str) -> Lesion:
    site = chance.choice(words.SITES)
    place = {"view": chance.choice(site.views), "x": chance.random(), "y": chance.random()}
    return Lesion(
        id=draw_id(chance),
        patient_id=patient_id,
        label=label,
        site=site.code,
        side=chance.choice(("", *words.SIDES)),
        note=chance.choice(TEXTS),
        **chance.choice(({}, place)),
    )


def _draw_outcome(chance: random.Random, lesion_id: str, source: str) -> Outcome:
    return Outcome(
        id=draw_id(chance),
        lesion_id=lesion_id,
        diagnosis=chance.choice(words.OUTCOME_DIAGNOSES),
        source=source,
        date=draw_date(chance),
        who=chance.choice(("dr-a", "Dr. Ångström")),
        note=chance.choice(TEXTS),
    )


def _add_visit(writer: Writer, chance: random.Random, lesion_id: str, content_size: int) -> None:
    day = draw_date(chance)
    due = chance.choice((None, day + datetime.timedelta(days=90)))
    visit = writer.add(Visit(id=draw_id(chance), lesion_id=lesion_id, date=day, follow_up_due=due))
    sha256 = writer.keep(chance.choice((b"one and the same", chance.randbytes(content_size))))
    stored = {"id": draw_id(chance), "stored": draw_time(chance), "taken": chance.choice((None, day))}
    writer.add(StoredPhoto(visit_id=visit.id, sha256=sha256, format="JPEG", kind="dermoscopic", **stored))
    top, made = chance.choice(CODES), draw_time(chance)
    wrong = {"wrong_by": "dr-b", "wrong_at": made, "wrong_note": "it was one"}
    fields = {"id": draw_id(chance), "skin_tone": chance.choice((None, -12.25)), **chance.choice(({}, wrong))}
    answer = writer.add(make_answer(visit.id, top, made=made, photos=(sha256,), **fields))
    rule = ScoredRule("7-point checklist", (Entry("atypical network", 2), Entry("irregular streaks", 0)), 2)
    first = {"id": draw_id(chance), "made": made, "criteria": chance.choice(((), (rule,))), "seconds": chance.random()}
    reading = writer.add(make_reading(visit.id, chance.choice(words.READ_DIAGNOSES), **first))
    second = {"id": draw_id(chance), "after_support": True, "answer_id": answer.id, "revises": reading.id}
    writer.add(make_reading(visit.id, made=draw_time(chance), note=chance.choice(TEXTS), **second))
    report = writer.keep(b"%PDF " + sha256.encode())
    which = {"id": draw_id(chance), "made": made, "who": "dr-a"}
    writer.add(Report(visit_id=visit.id, answer_id=answer.id, format="PDF", sha256=report, **which))
