"""Whoever is killed in the middle of a save: no saved case is lost, and none is half."""

import subprocess
import sys
import threading
from pathlib import Path

import killed_saving
import pytest
from casebook_samples import add_case
from postgres import run_server

from melanoma.casebook import Casebook, CasebookError, Lesion, Patient, open_casebook

pytestmark = pytest.mark.slow

KILLS = {"sqlite": 50, "postgresql": 15}  # the second survives its clients anyway; below its server is killed


def check_whole(book: Casebook, saved: list[str]) -> None:
    """Every case that was reported is there, and every case that is there is whole."""
    patients = {patient.id: patient.reference for patient in book.find(Patient)}
    assert set(saved) <= set(patients.values())
    lesions = book.find(Lesion)
    assert len(lesions) == len(patients)
    for lesion in lesions:
        case = book.case(lesion.id)
        parts = (case.visits, case.photos, case.answers, case.readings, case.reports, case.outcomes)
        assert [len(part) for part in parts] == [1, 1, 1, 2, 1, 1], case.patient.reference
        assert len(book.history(patient_id=case.patient.id)) == 9
    assert book.check() == ()


def test_a_process_that_saves_is_killed_again_and_again(place):
    script = Path(killed_saving.__file__)
    kills = KILLS["postgresql" if "://" in place else "sqlite"]
    command = [sys.executable, script, place, str(kills)]
    result = subprocess.run(command, env={"PYTHONPATH": ":".join(sys.path)}, capture_output=True, text=True, check=True)
    saved = result.stdout.split()
    assert len({reference.rsplit("-", 1)[0] for reference in saved}) == kills
    book = open_casebook(place)
    check_whole(book, saved)
    book.close()


def test_a_server_is_killed_while_two_save():
    with run_server(fsync=True) as server:
        book = open_casebook(server.create("clinic"))
        saved: list[str] = []
        for kill in range(3):
            threads = [threading.Thread(target=save_until_it_breaks, args=(book, f"{kill}-{n}", saved)) for n in (1, 2)]
            before = len(saved)
            for thread in threads:
                thread.start()
            while len(saved) < before + 10:
                assert any(thread.is_alive() for thread in threads)
            server.kill()
            for thread in threads:
                thread.join()
            server.start()
            check_whole(book, saved)
        book.close()


def save_until_it_breaks(book: Casebook, name: str, saved: list[str]) -> None:
    """Save cases, and note each that was saved."""
    for number in range(10_000):
        try:
            with book.write("dr-a") as writer:
                add_case(writer, f"{name}-{number}")
        except CasebookError:
            return
        saved.append(f"{name}-{number}")
