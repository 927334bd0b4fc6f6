"""The Cases page: off, empty, a case from its first reading to its outcome, two people, and what is refused."""

import datetime
from dataclasses import replace

import pytest
from reading_cases import (
    add_lesion,
    add_visit,
    choose,
    find,
    go_to_tab,
    has,
    open_cases,
    open_photo,
    press,
    read_first,
    run,
    settle,
    write,
)
from reading_pages import go_to, open_app, open_page, read, session_of, upload

from melanoma.casebook import SETTING, Answer, Lesion, Outcome, Patient, Reading, Report, StoredPhoto, Visit
from melanoma.casebook.access import READER, User
from melanoma.casebook.criteria import MAJOR, MINOR
from melanoma.photo import example_bytes, read_photo
from melanoma.serving import Classifier
from pages.cases_tabs import follow_up
from pages.parts import open_casebook

LEADING_AWAY = {"All cases"}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv(SETTING, str(tmp_path))
    return tmp_path


@pytest.fixture
def book(folder):
    return open_casebook.find_casebook()


@pytest.fixture
def page(book):
    return open_cases()


@pytest.fixture
def visited(page):
    """The page with a case, and a photo opened for its first visit."""
    add_lesion(page)
    add_visit(page)
    return page


def shows_answer(page) -> bool:
    return "-badge[" in read(page)


def test_off_it_says_what_it_would_store_and_stores_nothing(monkeypatch, tmp_path):
    monkeypatch.delenv(SETTING, raising=False)
    monkeypatch.chdir(tmp_path)
    page = open_page("cases")
    words = read(page)
    assert "The casebook is off. Nothing is stored." in words
    assert "No name is needed." in words
    assert SETTING in page.code[0].value
    assert list(tmp_path.iterdir()) == []


def test_the_setting_has_one_name():
    assert open_casebook.SETTING == SETTING


def test_a_folder_that_is_not_there_is_said_in_a_sentence(monkeypatch, tmp_path):
    monkeypatch.setenv(SETTING, str(tmp_path / "gone"))
    page = open_page("cases")
    (error,) = page.error
    assert "There is no folder" in error.value


def test_nothing_is_saved_for_nobody(book):
    page = open_page("cases")
    assert "Enter your id above" in read(page)
    write(page, "Patient's reference", "A-17")
    write(page, "Lesion's label", "1")
    choose(page, "Body site", "upper-arm")
    assert find(page, "button", "Add the lesion").disabled


def test_the_probabilities_come_after_the_own_reading_and_both_are_kept(visited, book, run):
    page = visited
    assert not shows_answer(page)
    assert "%" not in "".join(element.value for element in page.markdown)
    read_first(page)
    assert shows_answer(page)
    (reading,), (answer,) = book.find(Reading), book.find(Answer)
    assert (reading.reader, reading.diagnosis, reading.management, reading.after_support) == (
        "AB",
        "NV",
        "follow-up",
        False,
    )
    assert reading.made <= answer.made
    assert reading.seconds > 0
    expected = Classifier.open(run).predict(read_photo(example_bytes(seed=0)))
    assert answer.probabilities == pytest.approx(tuple(map(float, expected.probabilities)), abs=1e-6)
    assert (answer.decision, answer.run_sha256) == (expected.decision, run.sha256)
    assert answer.skin_tone is not None
    assert book.find(StoredPhoto) == ()  # nobody asked for it


def test_a_reading_is_revised_and_both_stay(visited, book):
    page = visited
    read_first(page)
    press(page, "Revise it")
    assert find(page, "selectbox", "Diagnosis").value == "NV"
    choose(page, "Diagnosis", "MEL")
    press(page, "Save my reading")
    first, second = book.find(Reading)
    assert (first.diagnosis, first.after_support) == ("NV", False)
    assert (second.diagnosis, second.after_support, second.revises) == ("MEL", True, first.id)
    assert second.answer_id == book.find(Answer)[0].id
    assert not has(page, "Keep my reading")


def test_a_reading_is_kept_with_its_time(visited, book):
    read_first(visited)
    press(visited, "Keep my reading")
    first, second = book.find(Reading)
    assert (second.diagnosis, second.confidence, second.revises) == (first.diagnosis, first.confidence, first.id)
    assert second.made > first.made


def test_who_does_not_want_to_read_first_sees_the_answer_at_once(page, book):
    page.toggle(key="reads-first").set_value(False).run()
    add_lesion(page)
    add_visit(page)
    assert shows_answer(page)
    assert book.find(Answer) == ()  # shown, and not stored before somebody says so
    choose(page, "Diagnosis", "NV")
    choose(page, "What next", "none")
    press(page, "Save my reading and the answer")
    (reading,), (answer,) = book.find(Reading), book.find(Answer)
    assert reading.after_support
    assert reading.answer_id == answer.id


def test_the_rules_are_kept_as_they_were_entered(visited, book):
    page = visited
    find(page, "toggle", "7-point checklist").set_value(True).run()
    find(page, "pills", "Major, 2 points each").set_value([MAJOR[1]]).run()
    find(page, "pills", "Minor, 1 point each").set_value([MINOR[0], MINOR[3]]).run()
    assert "4 of 10 points" in read(page)
    find(page, "toggle", "ABCD rule").set_value(True).run()
    assert "Until then the rule is not kept." in read(page)
    find(page, "pills", "Colours").set_value(["black", "red"]).run()
    find(page, "pills", "Structures").set_value(["dots"]).run()
    find(page, "segmented_control", "Asymmetry: axes").set_value(2).run()
    find(page, "slider", "Border: segments that end abruptly").set_value(5).run()
    assert "total dermoscopy score 4.6" in read(page)
    read_first(page)
    seven, abcd = book.find(Reading)[0].criteria
    assert (seven.rule, seven.score) == ("7-point checklist", 4)
    assert {entry.criterion for entry in seven.entries if entry.value} == {MAJOR[1], MINOR[0], MINOR[3]}
    assert abcd.score == 4.6


def test_photos_are_kept_where_it_is_asked_for_and_found_again(visited, book):
    page = visited
    find(page, "checkbox", "Keep the photos in the casebook").set_value(True).run()
    read_first(page)
    (stored,) = book.find(StoredPhoto)
    assert book.content(stored.sha256) == example_bytes(seed=0)
    assert (stored.format, stored.kind) == ("PNG", "dermoscopic")
    later = open_cases("CD", case=session_of(page).cases.lesion_id)
    assert not later.file_uploader
    assert has(later, "Make a report")


def test_the_photos_of_two_visits_are_compared_once_both_were_read(book):
    app = open_app()
    go_to(app, "cases")
    write(app, "Your id", "AB")
    lesion_id = add_lesion(app)
    for seed, day in enumerate((datetime.date(2026, 1, 5), datetime.date(2026, 6, 5))):
        find(app, "date_input", "Day").set_value(day).run()
        add_visit(app, seed=seed)
        assert not has(app, "Two dates")  # it would show an answer before the own reading
        find(app, "checkbox", "Keep the photos in the casebook").check().run()
        read_first(app)
    earlier, later = (book.find(StoredPhoto, visit_id=visit.id)[0] for visit in book.find(Visit))
    app = open_app()  # another day: nothing is open, and the photos come from the casebook
    app.query_params["case"] = lesion_id
    go_to(app, "cases")
    press(app, "Two dates")
    assert app.title[0].value == "Two dates"
    assert (app.selectbox(key="pair-earlier").value, app.selectbox(key="pair-later").value) == (
        earlier.sha256,
        later.sha256,
    )
    assert [one.value for one in app.date_input] == [datetime.date(2026, 1, 5), datetime.date(2026, 6, 5)]
    assert read(app).count("Malignant **") == 2
    assert session_of(app).cases.compared == {earlier.sha256, later.sha256}
    assert [link.proto.label for link in app.get("page_link")] == ["Back to the case"]


def test_a_report_is_made_stored_and_offered(visited, book):
    page = visited
    read_first(page)
    press(page, "Make a report")
    (report,) = book.find(Report)
    assert book.content(report.sha256).startswith(b"%PDF")
    assert (report.who, report.answer_id) == ("AB", book.find(Answer)[0].id)
    assert any(button.label.startswith("PDF of") for button in page.get("download_button"))


def test_an_answer_is_offered_to_other_systems(visited, book):
    page = visited
    read_first(page)
    assert offered(page) == []
    (visit,) = book.find(Visit)
    page.session_state[f"other-systems-{visit.id}"] = True  # it is unfolded
    run(page)
    assert offered(page) == ["DICOM, the report", "DICOM, the photo", "FHIR R4, the report"]
    assert not book.find(Report)
    patient = book.find(Patient)[0]
    with book.write("dr-b") as writer:
        writer.change(replace(patient, reference="x" * 65))
    run(page)
    assert "DICOM takes a case reference of up to 64 characters" in page.warning[-1].value


def offered(page) -> list[str]:
    return [one.label for one in page.get("download_button") if one.label.split()[0] in ("DICOM,", "FHIR")]


def test_a_report_needs_the_photos_of_its_answer(visited, book):
    read_first(visited)
    later = open_cases("CD", case=session_of(visited).cases.lesion_id)
    assert not has(later, "Make a report")
    assert "open them again" in read(later)
    open_photo(later, seed=1)
    assert "These are not the photos of the answer." in read(later)
    assert book.find(Report) == ()


def test_a_file_that_is_no_photo_is_said_and_left_out(page, book):
    add_lesion(page)
    add_visit(page, photo=False)
    page.file_uploader[0].set_value([("letter.png", b"Dear colleague", "image/png")]).run()
    assert "not a photo" in page.error[0].value
    run(page)
    assert len(page.file_uploader) == 1


def test_an_answer_is_marked_as_wrong_in_one_click_and_back(visited, book):
    read_first(visited)
    press(visited, "This answer was wrong")
    (answer,) = book.find(Answer)
    assert answer.wrong_by == "AB"
    assert "Marked as wrong" in read(visited)
    press(visited, "Take this back")
    assert book.find(Answer)[0].wrong_at is None


def test_the_outcome_comes_later_and_the_agreement_counts_it(visited, book):
    page = visited
    read_first(page)
    press(page, "Keep my reading")
    write(page, "Code", "8720/3")
    settle(page)
    (outcome,) = book.find(Outcome)
    assert (outcome.diagnosis, outcome.source, outcome.code, outcome.who) == ("MEL", "histology", "8720/3", "AB")
    go_to_tab(page, "Agreement")
    words = read(page)
    assert "Such lesions are selected" in words
    assert "| malignant, referred (sensitivity) | 0 of 1 | 1 of 1 | 0 of 1 |" in words
    assert "Fewer than 5 lesions in every group" in words


def test_follow_ups_come_overdue_first(page, book, monkeypatch):
    today = datetime.datetime.now(datetime.UTC).date()
    with book.write("AB") as writer:
        patient = writer.add(Patient(reference="B-1"))
        for label, days in (("later", 3), ("overdue", -12), ("settled", None)):
            lesion = writer.add(Lesion(patient_id=patient.id, label=label, site="chest"))
            due = None if days is None else today + datetime.timedelta(days)
            writer.add(Visit(lesion_id=lesion.id, date=today - datetime.timedelta(90), follow_up_due=due))
    go_to_tab(page, "Follow-up")
    table = page.dataframe[0].value
    assert list(table["lesion"]) == ["overdue", "later"]
    assert list(table["when"]) == ["12 days overdue", "in 3 days"]
    assert "1 overdue" in read(page)
    assert "There are more" not in read(page)
    monkeypatch.setattr(follow_up, "MOST", 1)
    run(page)
    assert list(page.dataframe[0].value["lesion"]) == ["overdue"]
    assert "There are more: these 1 are due longest" in read(page)
    choose(page, "Open a case", book.find(Lesion, label="overdue")[0].id)
    assert "B-1, lesion overdue, chest" in read(page)


def test_search_finds_by_reference_and_a_case_opens(page, book):
    for reference in ("A-17", "B-3"):
        add_lesion(page, reference)
        press(page, "All cases")
    write(page, "Search by patient's reference", "b-")
    assert list(page.dataframe[0].value["patient"]) == ["B-3"]
    (patient,) = book.find(Patient, reference="B-3")
    choose(page, "Open a case: 1 found", book.find(Lesion, patient_id=patient.id)[0].id)
    assert "lesion 1, upper arm" in read(page)
    assert session_of(page).cases.lesion_id


def test_a_second_lesion_of_a_patient_who_is_known(page, book):
    add_lesion(page)
    press(page, "All cases")
    add_lesion(page, "A-17", "2", "face")
    assert len(book.find(Patient)) == 1
    assert [lesion.label for lesion in book.find(Lesion)] == ["1", "2"]
    press(page, "All cases")
    add_lesion(page, "A-17", "2", "face")
    assert "already has a lesion of this label" in page.error[0].value


def test_two_people_get_a_plain_question_and_nothing_is_lost(page, book):
    lesion_id = add_lesion(page)
    other = open_cases("CD", case=lesion_id)
    press(page, "Edit lesion")
    press(other, "Edit lesion")
    write(page, "Label", "north")
    press(page, "Save")
    write(other, "Label", "south")
    find(other, "text_area", "Note").set_value("dark spot").run()
    press(other, "Save")
    assert book.get(Lesion, lesion_id).label == "north"
    words = read(other)
    assert "This was changed by AB" in words
    assert "| label | 1 | north | south |" in words
    press(other, "Mine")
    lesion = book.get(Lesion, lesion_id)
    assert (lesion.label, lesion.note) == ("south", "dark spot")
    assert "Which is to stand?" not in read(other)
    history = book.history(lesion_id=lesion_id)
    assert [change.new["label"] for change in history] == ["1", "north", "south"]


def test_theirs_may_stand_and_fields_that_only_one_changed_are_kept(page, book):
    lesion_id = add_lesion(page)
    other = open_cases("CD", case=lesion_id)
    for one in (page, other):
        press(one, "Edit lesion")
    write(page, "Label", "north")
    press(page, "Save")
    find(other, "text_area", "Note").set_value("dark spot").run()
    press(other, "Save")
    press(other, "Mine")
    assert (book.get(Lesion, lesion_id).label, book.get(Lesion, lesion_id).note) == ("north", "dark spot")
    for one in (page, other):
        press(one, "Edit lesion")
    write(page, "Label", "east")
    press(page, "Save")
    write(other, "Label", "west")
    press(other, "Save")
    press(other, "Theirs")
    assert book.get(Lesion, lesion_id).label == "east"


def test_a_lesion_among_others_is_renamed_and_stays_open(page, book):
    add_lesion(page)
    press(page, "All cases")
    lesion_id = add_lesion(page, "A-17", "2", "face")
    press(page, "Edit lesion")
    write(page, "Label", "north")
    press(page, "Save")
    run(page)
    assert not page.error
    assert "A-17, lesion north, face" in read(page)
    choose(page, "Lesion of this patient", book.find(Lesion, label="1")[0].id)
    assert session_of(page).cases.lesion_id not in (None, lesion_id)


def test_what_somebody_deleted_meanwhile_is_shown_as_it_was_written(page, book):
    lesion_id = add_lesion(page)
    other = open_cases("CD", case=lesion_id)
    add_visit(other, photo=False)
    visit = book.find(Visit)[0]
    other.button(key=f"edit-{visit.id}").click().run()
    with book.write("AB") as writer:
        writer.delete(visit)
    find(other, "text_area", "Note").set_value("control of the scar").run()
    words = read(other)
    assert "Somebody deleted this" in words
    assert "control of the scar" in words
    press(other, "Understood")
    assert "control of the scar" not in read(other)


def test_deleting_asks_and_says_what_goes(visited, book):
    page = visited
    read_first(page)
    lesion_id = session_of(page).cases.lesion_id
    assert "**Delete lesion 1 of patient A-17, with 1 visit, 1 reading and 1 answer?**" in read(page)
    page.button(key=f"delete-{lesion_id}").click().run()
    assert not page.exception
    assert book.find(Lesion) == book.find(Reading) == ()
    assert book.find(Patient)
    assert "The casebook is empty." in read(page)


def test_everything_goes_out_and_into_an_empty_casebook(visited, book, tmp_path, monkeypatch):
    read_first(visited)
    go_to_tab(visited, "Take away")
    assert "1 patient, 1 lesion, 1 visit, 1 reading, 1 answer, 0 reports" in read(visited)
    path = tmp_path / "out.zip"
    book.export(path)
    (tmp_path / "other").mkdir()
    monkeypatch.setenv(SETTING, str(tmp_path / "other"))
    page = open_cases()
    go_to_tab(page, "Take away")
    page.file_uploader[0].set_value([("casebook.zip", path.read_bytes(), "application/zip")]).run()
    assert "In the casebook now: 1 lesion." in page.success[0].value
    assert open_casebook.find_casebook().find(Reading) == book.find(Reading)


def test_analyze_saves_its_answer_where_the_casebook_is_on(book):
    app = open_app()
    upload(app, ("lesion.png", example_bytes(seed=0)))
    write(app, "Your id", "AB")
    write(app, "Patient's reference", "A-17")
    write(app, "Lesion's label", "1")
    choose(app, "Body site", "face")
    press(app, "Save")
    (answer,) = book.find(Answer)
    assert answer.photos == (read_photo(example_bytes(seed=0)).sha256,)
    assert book.find(StoredPhoto) == ()
    assert "The answer is in the casebook." in app.success[0].value
    app.switch_page("pages/cases.py").run()
    assert "A-17, lesion 1, face" in read(app)
    assert shows_answer(app)


def test_analyze_says_nothing_of_a_casebook_that_is_off(monkeypatch):
    monkeypatch.delenv(SETTING, raising=False)
    page = open_page("analyze")
    upload(page, ("lesion.png", example_bytes(seed=0)))
    assert not has(page, "Save")
    assert "casebook" not in read(page)


def test_a_reader_changes_nothing_by_any_button_not_even_by_one_that_is_disabled(visited, book, monkeypatch):
    page = visited
    read_first(page)
    before, history = book.count(), book.history()
    monkeypatch.setattr(open_casebook, "find_user", lambda: User("rita@clinic.example", READER))
    page.run()
    pressed, refused = set(), 0
    while left := [one for one in page.button if one.label not in pressed | LEADING_AWAY]:
        pressed.add(left[0].label)
        left[0].proto.disabled = False  # no bar to who writes what a browser sends
        left[0].click().run()
        refused += any("A reader may not do this" in error.value for error in page.error)
        assert not page.exception
    assert "Delete for good" in pressed
    assert refused >= 2
    assert (book.count(), book.history()) == (before, history)
