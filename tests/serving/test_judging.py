"""A worklist judges in the background, keeps so much, and groups what the visitor or a table says is one lesion."""

import gc
import io
import threading
import weakref
import zipfile
from dataclasses import replace

import pytest

from melanoma.photo import example_bytes
from melanoma.serving import Classifier, judging
from melanoma.serving.judging import FAULT, NOT_KEPT, TOO_MANY, WAITING_FULL, Worklist

PHOTOS = [(f"{n}.png", example_bytes(seed=n)) for n in range(1, 5)]
PATIENCE = 240  # seconds, for a machine that does other things at the same time


@pytest.fixture(scope="module")
def classifier(run) -> Classifier:
    return Classifier.open(run)


@pytest.fixture
def worklist(classifier) -> Worklist:
    return Worklist(classifier)


def finish(worklist: Worklist) -> Worklist:
    assert worklist.wait(PATIENCE)
    return worklist


def zip_of(*files: tuple[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in files:
            archive.writestr(name, content)
    return file.getvalue()


def test_photos_are_judged_as_they_came_and_a_bad_one_stops_nothing(worklist):
    worklist.add([*PHOTOS[:2], ("letter.jpg", b"Dear colleague"), PHOTOS[2]])
    photos = finish(worklist).photos
    assert [photo.name for photo in photos] == ["1.png", "2.png", "letter.jpg", "3.png"]
    assert [photo.prediction is None for photo in photos] == [False, False, True, False]
    progress = worklist.progress
    assert (progress.judged, progress.waiting, progress.is_running) == (4, 0, False)


def test_the_first_row_is_waited_for_and_no_longer(worklist, monkeypatch):
    assert worklist.wait_for_first(PATIENCE)  # there is none to come
    go_on = threading.Event()
    judge_photo = judging.judge_photo

    def hold_back_all_but_the_first(classifier, number, *arguments):
        assert number == 1 or go_on.wait(PATIENCE)
        return judge_photo(classifier, number, *arguments)

    monkeypatch.setattr(judging, "judge_photo", hold_back_all_but_the_first)
    worklist.add(PHOTOS[:2])
    assert worklist.wait_for_first(PATIENCE)
    assert worklist.progress.judged == 1
    assert worklist.progress.is_running
    go_on.set()
    finish(worklist)


def test_it_stops_with_what_is_done_and_goes_on(worklist, classifier, monkeypatch):
    first, go_on = threading.Event(), threading.Event()
    judge_photo = judging.judge_photo

    def judge_slowly(*arguments):
        first.set()
        assert go_on.wait(PATIENCE)
        return judge_photo(*arguments)

    monkeypatch.setattr(judging, "THREADS", 1)
    monkeypatch.setattr(judging, "judge_photo", judge_slowly)
    worklist.add(PHOTOS)
    assert first.wait(PATIENCE)
    assert worklist.progress.is_running
    worklist.stop()
    assert worklist.progress.is_running  # the photo in work is finished
    go_on.set()
    progress = finish(worklist).progress
    assert (progress.judged, progress.waiting, progress.is_stopped, progress.is_running) == (1, 3, True, False)
    assert progress.seconds_left > 0
    worklist.resume()
    assert finish(worklist).progress.judged == 4


def test_what_waits_may_be_left_out(worklist, monkeypatch):
    monkeypatch.setattr(judging, "THREADS", 0)
    worklist.add(PHOTOS)
    worklist.leave_out()
    assert worklist.progress.waiting == 0
    assert worklist.photos == []


def test_nobody_judges_on_for_a_visitor_who_has_gone(classifier, monkeypatch):
    begun, go_on = threading.Event(), threading.Event()
    judged: list[int] = []

    def judge(_, number, *__):
        judged.append(number)
        begun.set()
        assert go_on.wait(PATIENCE)
        raise RuntimeError

    monkeypatch.setattr(judging, "THREADS", 1)
    monkeypatch.setattr(judging, "judge_photo", judge)
    worklist = Worklist(classifier)
    worklist.add(PHOTOS)
    assert begun.wait(PATIENCE)
    (thread,) = [thread for thread in threading.enumerate() if thread.name == "worklist"]
    gone = weakref.ref(worklist)
    del worklist
    go_on.set()
    thread.join(PATIENCE)
    gc.collect()
    assert gone() is None
    assert judged == [1]


def test_a_fault_of_the_program_is_a_row_and_stops_nothing(worklist, monkeypatch):
    judge_photo = judging.judge_photo

    def judge(classifier, number, *rest):
        if number == 1:
            raise RuntimeError("patient name")
        return judge_photo(classifier, number, *rest)

    monkeypatch.setattr(judging, "judge_photo", judge)
    worklist.add(PHOTOS[:2])
    first, second = finish(worklist).photos
    assert (first.prediction, first.problem) == (None, FAULT)
    assert second.prediction is not None


def test_the_files_that_stand_last_in_the_list_are_let_go_first(classifier):
    everything = Worklist(classifier)
    everything.add(PHOTOS)
    order = [row.photos[0].name for row in finish(everything).make_rows()]
    kept = sum(len(data) for name, data in PHOTOS if name in order[:2])
    some = Worklist(classifier, kept=kept + 10)
    some.add(PHOTOS)
    rows = finish(some).make_rows()
    assert [some.file_of(row.photos[0]) is not None for row in rows] == [True, True, False, False]
    assert some.kept_bytes == kept
    assert some.file_of(rows[0].photos[0]) == dict(PHOTOS)[order[0]]


def test_what_cannot_be_read_is_not_kept(worklist):
    worklist.add([("letter.jpg", b"Dear colleague")])
    assert finish(worklist).kept_bytes == 0


def test_the_same_file_under_the_same_name_is_one_row_and_under_another_two(worklist):
    worklist.add(PHOTOS[:1])
    finish(worklist).add([PHOTOS[0], ("copy.png", PHOTOS[0][1])])
    assert [photo.name for photo in finish(worklist).photos] == ["1.png", "copy.png"]
    assert worklist.progress.repeated == 1


def test_no_more_than_so_many_photos_and_bytes_wait(worklist, monkeypatch):
    monkeypatch.setattr(judging, "THREADS", 0)
    monkeypatch.setattr(judging, "MOST", 3)
    monkeypatch.setattr(judging, "MOST_WAITING", len(PHOTOS[0][1]) + 10)
    worklist.add(PHOTOS)
    assert worklist.notes == (TOO_MANY,)
    assert [photo.problem for photo in worklist.photos] == [WAITING_FULL, WAITING_FULL]
    assert worklist.progress.waiting == 1


def test_a_zip_gives_a_row_for_each_file_and_its_table_groups_them(worklist):
    table = b"file;lesion\n1.png;left arm\nsub/2.png;left arm\n3.png;back\n"
    inside = [("lesions.csv", table), PHOTOS[0], ("sub/2.png", PHOTOS[1][1]), PHOTOS[2], ("../4.png", b"x")]
    worklist.add([("morning.zip", zip_of(*inside))])
    rows = finish(worklist).make_rows()
    assert worklist.notes == ()
    assert {row.name for row in rows} == {"left arm: 1.png, sub/2.png", "3.png", "../4.png"}
    assert next(row for row in rows if row.name == "../4.png").reason.startswith("This file's name in the ZIP points")


def test_lesions_of_two_tables_with_one_name_stay_two(worklist):
    for first in (0, 2):
        names = [name for name, _ in PHOTOS[first : first + 2]]
        table = "file,lesion\n" + "".join(f"{name},1\n" for name in names)
        worklist.add([("lesions.csv", table.encode()), *PHOTOS[first : first + 2]])
        finish(worklist)
    assert {row.key for row in worklist.make_rows()} == {"1+2", "3+4"}


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.zip", b"no zip", "a.zip: This ZIP is damaged"),
        ("a.zip", zip_of(), "a.zip: there is no file"),
        ("lesions.csv", b"photo,place\n1.png,arm\n", "lesions.csv: The table is not used."),
        ("lesions.csv", b"file,lesion\n\xff", "lesions.csv: The table is not text in UTF-8"),
    ],
)
def test_what_is_wrong_with_a_zip_or_a_table_is_said(worklist, name, data, words):
    worklist.add([(name, data)])
    assert worklist.notes[0].startswith(words)
    assert worklist.photos == []


def test_rows_are_grouped_and_taken_apart_by_hand(worklist):
    worklist.add(PHOTOS[:3])
    rows = finish(worklist).make_rows()
    name = worklist.group(rows[:2])
    (grouped,) = [row for row in worklist.make_rows() if row.lesion]
    assert grouped.lesion == name
    assert {photo.number for photo in grouped.photos} == {row.photos[0].number for row in rows[:2]}
    other = worklist.group([*worklist.make_rows()])
    assert other != name
    (all_three,) = worklist.make_rows()
    assert all_three.key == "1+2+3"
    worklist.ungroup(all_three)
    assert [row.key for row in worklist.make_rows()] == [row.key for row in rows]


def test_a_row_is_seen_where_all_its_photos_are(worklist):
    worklist.add(PHOTOS[:2])
    first, second = finish(worklist).make_rows()
    worklist.mark_seen(first)
    assert (worklist.is_seen(first), worklist.is_seen(second)) == (True, False)
    worklist.group([first, second])
    (both,) = worklist.make_rows()
    assert not worklist.is_seen(both)
    worklist.mark_seen(both)
    worklist.mark_seen(first, False)
    assert (worklist.is_seen(first), worklist.is_seen(second)) == (False, True)


def test_rows_are_removed_with_their_files(worklist):
    worklist.add(PHOTOS[:2])
    first, second = finish(worklist).make_rows()
    worklist.remove([first])
    assert [row.key for row in worklist.make_rows()] == [second.key]
    assert worklist.kept_bytes == len(dict(PHOTOS)[second.photos[0].name])


def test_a_photo_is_judged_as_the_kind_that_the_visitor_states(worklist, classifier):
    worklist.add(PHOTOS[:1])
    (photo,) = finish(worklist).photos
    worklist.state_kind(photo, "clinical")
    (stated,) = worklist.photos
    assert (stated.prediction.kind.kind, stated.prediction.kind.said) == ("clinical", True)


def test_another_network_answers_what_is_kept_and_of_the_others_says_so(classifier):
    worklist = Worklist(classifier, kept=0)
    worklist.add(PHOTOS[:1])
    finish(worklist)
    worklist.judge_again(classifier)
    (gone,) = finish(worklist).photos
    assert (gone.prediction, gone.problem) == (None, NOT_KEPT)
    kept = Worklist(classifier)
    kept.add(PHOTOS[:1])
    (before,) = finish(kept).photos
    hotter = replace(classifier, calibration=replace(classifier.calibration, temperature=8.0))
    kept.judge_again(hotter)
    (after,) = finish(kept).photos
    assert after.prediction.probabilities.max() < before.prediction.probabilities.max()
    assert (after.number, after.sha256) == (before.number, before.sha256)
