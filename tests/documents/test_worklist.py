"""A worklist taken away: CSV with the columns of `score`, JSON, and one PDF."""

import csv
import io
import json
from dataclasses import replace

import pytest
from pdf_reader import count_pages, read_text

from melanoma.diagnoses import NAMES
from melanoma.documents.answer import as_csv as one_as_csv
from melanoma.documents.worklist import ABOUT_MAPS, as_csv, as_json, as_pdf, describe_rows, write_standing
from melanoma.documents.worklist_maps import draw_map
from melanoma.photo import example_bytes, read_photo
from melanoma.serving import Classifier
from melanoma.serving.reading import Reader
from melanoma.serving.rows import COLUMNS
from melanoma.serving.worklist import STANDINGS, judge_photo, make_rows


@pytest.fixture(scope="module")
def classifier(run) -> Classifier:
    return Classifier.open(run)


@pytest.fixture(scope="module")
def rows(classifier):
    """A lesion of two photos, a photo by itself, and a file that is none."""
    photos = [judge_photo(classifier, n, f"{n}.png", example_bytes(seed=n)) for n in (1, 2, 3)]
    photos.append(judge_photo(classifier, 4, "=letter.jpg", b"Dear colleague"))
    return make_rows(classifier, photos, {1: "left arm", 3: "left arm"})


def read_rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_the_csv_has_the_columns_of_score_a_row_a_photo_and_one_for_the_lesion(rows):
    text = as_csv(rows)
    assert text.splitlines()[0] == ",".join(COLUMNS)
    lines = {line["file"]: line for line in read_rows(text)}
    assert set(lines) == {"1.png", "3.png", "left arm: 1.png, 3.png", "2.png", "'=letter.jpg"}
    assert lines["left arm: 1.png, 3.png"]["sha256"] == ""
    lesion = next(row for row in rows if row.lesion)
    assert lines["left arm: 1.png, 3.png"]["malignant"] == f"{lesion.prediction.malignancy:.6f}"
    assert lines["'=letter.jpg"]["status"] == "error"
    assert "not a photo" in lines["'=letter.jpg"]["message"]


def test_a_photo_has_the_row_that_it_has_by_itself(rows, classifier):
    photo = read_photo(example_bytes(seed=2))
    alone = one_as_csv([("2.png", photo, classifier.predict(photo))]).splitlines()[1]
    assert alone in as_csv(rows).splitlines()


def test_rows_stand_in_the_order_of_the_page(rows):
    order = [photo.name for row in rows for photo in row.photos]
    files = [line["file"].lstrip("'") for line in read_rows(as_csv(rows)) if ":" not in line["file"]]
    assert files == order


def test_the_json_says_the_same(rows):
    records = json.loads(as_json(rows))
    lesion = next(record for record in records if "lesion" in record)
    assert (lesion["name"], lesion["lesion"], lesion["photos_counted"]) == ("left arm", ["1.png", "3.png"], 2)
    error = next(record for record in records if "error" in record)
    assert error["file"] == "=letter.jpg"
    by_file = {record["file"]: record for record in records if "decision" in record and "file" in record}
    for line in read_rows(as_csv(rows)):
        if line["file"] in by_file:
            assert by_file[line["file"]]["decision"] == line["decision"]
            assert by_file[line["file"]]["probabilities"]["MEL"] == float(line["p_MEL"])


def test_a_lesion_that_could_not_be_answered_says_why(rows):
    lesion = replace(next(row for row in rows if row.lesion), prediction=None, problem="Answer them one by one.")
    assert json.loads(as_json([lesion]))[-1]["error"] == "Answer them one by one."
    assert read_rows(as_csv([lesion]))[-1]["message"] == "Answer them one by one."


def test_the_pdf_has_a_cover_with_every_row_and_a_part_for_each(rows, run):
    content = as_pdf(rows, run)
    text = " ".join(read_text(content).split())
    assert describe_rows(rows) in text
    assert "Research use only, not a medical device." in text
    assert "Routine does not rule out melanoma." in text
    for number, row in enumerate(rows, 1):
        assert f"{number}. {write_standing(row.standing)}" in text
    assert text.count("left arm: 1.png") == 1
    assert "Operating point high sensitivity, dermoscopic photos. On test photos, this threshold" in text
    assert "not a photo" in text
    assert f"Network {run.name}." in text
    assert all(photo.thumbnail in content for row in rows for photo in row.photos)  # as they are, without a loss


def test_the_map_of_each_photo_stands_beside_it_where_there_is_one(rows, run, classifier):
    def draw(photo):
        return draw_map(classifier, photo, example_bytes(seed=photo.number), Reader()) if photo.number != 2 else None

    content = as_pdf(rows, run, draw)
    drawn = {photo.name: draw(photo) for row in rows for photo in row.photos}
    maps = {name: one for name, one in drawn.items() if one}
    assert maps.keys() == {"1.png", "3.png"}
    assert all(one.jpeg in content for one in maps.values())
    text = " ".join(read_text(content).split())
    assert ABOUT_MAPS in text
    for name, one in maps.items():
        assert f"{name}, map for {NAMES[one.diagnosis]}" in text
    assert ABOUT_MAPS not in " ".join(read_text(as_pdf(rows, run)).split())


def test_a_long_list_takes_several_pages_and_no_lesion_is_torn_apart(rows, run):
    single = next(row for row in rows if not row.lesion and row.prediction)
    many = [replace(single, photos=(replace(single.photos[0], number=n),)) for n in range(1, 31)]
    content = as_pdf(many, run)
    assert 4 <= count_pages(content) <= 9
    assert "30. " in read_text(content)


def test_decisions_are_told_apart_by_shape():
    words = [write_standing(standing) for standing in STANDINGS]
    assert len({word[0] for word in words}) == len(STANDINGS)
    assert [word[2:] for word in words] == ["Refer", "Undecided", "Not judged", "Routine"]
