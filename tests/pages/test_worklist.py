"""The Worklist page: many photos in, a row a lesion, worst first; from a row into Analyze and back to it."""

import hashlib
import io
import zipfile

import numpy as np
import pytest
from casebook_samples import DAY, add_case, make_answer
from PIL import Image
from reading_pages import go_to, open_app, open_page, read, read_decision, session_of, upload

from melanoma.casebook import SETTING, Visit
from melanoma.photo import draw_example, example_bytes
from melanoma.serving.worklist import STANDINGS
from pages.parts import open_casebook
from pages.parts.worklist_view import AS_THEY_CAME, BY_NAME

PATIENCE = 240  # seconds, for a machine that does other things at the same time


def dim_example() -> bytes:
    """A photo that is unusable: the synthetic example at a tenth of its brightness."""
    file = io.BytesIO()
    Image.fromarray((0.1 * draw_example()).astype(np.uint8)).save(file, "PNG")
    return file.getvalue()


PHOTOS = [(f"{n}.png", example_bytes(seed=n - 1)) for n in range(1, 5)]
FILES = [*PHOTOS, ("letter.jpg", b"Dear colleague"), ("dim.png", dim_example())]


def drop(page, *files: tuple[str, bytes]):
    """Give the page files, and wait until all are answered."""
    upload(page, *files)
    assert view_of(page).worklist.wait(PATIENCE)
    return rerun(page)


def rerun(page):
    page.run()
    assert not page.exception
    return page


def click(page, key: str):
    page.button(key=key).click().run()
    assert not page.exception
    return page


def view_of(page):
    return session_of(page).worklist


def select(page, *names: str):
    """Select the rows of these files, as a click in the table does."""
    view = view_of(page)
    view.selected = [row.key for row in view.shown if any(photo.name in names for photo in row.photos)]
    return rerun(page)


def table(page):
    return page.dataframe[0].value


@pytest.fixture
def page(run):
    return open_page("worklist")


@pytest.fixture
def listed(page):
    """The page with all of FILES answered."""
    return drop(page, *FILES)


def test_an_empty_page_says_what_to_do_and_what_is_kept(page):
    words = read(page)
    assert "Drop the photos of a morning above." in words
    assert "Beyond 256 MB of files, those lowest in the list are let go" in words
    assert "Research use only, not a medical device." in words
    assert not page.dataframe


def test_rows_stand_worst_first_with_what_could_not_be_judged_above_routine(listed):
    session = session_of(listed)
    listed.segmented_control(key="operating-point").set_value("balanced").run()
    decisions = [text.split(" ", 1)[1].lower() for text in table(listed)["decision"]]
    assert set(decisions) >= {"not judged", "routine"}
    assert decisions == sorted(decisions, key=STANDINGS.index)
    malignancy = table(listed)["malignancy"].dropna().tolist()
    assert malignancy == sorted(malignancy, reverse=True)
    assert session.operating_point == "balanced"
    unjudged = table(listed)[table(listed)["file"].isin(["letter.jpg", "dim.png"])]
    assert unjudged["malignancy"].isna().all()
    assert unjudged["reason"].str.contains("not a photo|The photo is dark").all()
    assert "Routine does not rule out melanoma." in read(listed)


def test_rows_are_filtered_ordered_and_hidden_once_seen(listed):
    listed.radio(key="worklist-order").set_value(BY_NAME).run()
    names = table(listed)["file"].tolist()
    assert names == sorted(names)
    listed.radio(key="worklist-order").set_value(AS_THEY_CAME).run()
    assert table(listed)["file"].tolist() == [name for name, _ in FILES]
    listed.button_group(key="worklist-standings").set_value(["not judged"]).run()
    assert set(table(listed)["file"]) == {"letter.jpg", "dim.png"}
    click(select(listed, "dim.png"), "seen")
    listed.toggle(key="worklist-hide-seen").set_value(True).run()
    assert table(listed)["file"].tolist() == ["letter.jpg"]
    click(select(listed, "letter.jpg"), "seen")
    assert "No row to show" in read(listed)


def test_next_previous_and_seen_walk_through_the_rows(listed):
    order = [row.key for row in view_of(listed).shown]
    click(listed, "next")
    assert view_of(listed).selected == [order[0]]
    click(listed, "next")
    click(listed, "previous")
    assert view_of(listed).selected == [order[0]]
    click(listed, "seen")
    assert view_of(listed).selected == [order[1]]
    assert table(listed)["seen"].tolist()[:2] == ["✓", ""]


def test_a_selected_row_is_described_and_one_that_was_not_judged_cannot_be_taken_for_more(listed):
    select(listed, "1.png")
    assert "Malignancy probability" in read(listed)
    assert "Most likely" in read(listed)
    select(listed, "letter.jpg")
    assert "□ Not judged.** Have the lesion seen, or take the photo again." in read(listed)
    assert "Malignancy probability" not in read(listed)
    assert listed.button(key="open-row").disabled


def test_selected_rows_become_one_lesion_and_come_apart_again(listed):
    click(select(listed, "1.png", "3.png"), "group")
    (row,) = view_of(listed).selection
    assert {photo.name for photo in row.photos} == {"1.png", "3.png"}
    assert "One answer for the lesion, from 2 photos." in read(listed)
    assert len(table(listed)) == len(FILES) - 1
    click(listed, "ungroup")
    assert len(table(listed)) == len(FILES)
    assert len(view_of(listed).selection) == 2


def test_a_suggestion_is_grouped_only_when_it_is_confirmed(page):
    drop(page, *PHOTOS[:2], ("copy.png", PHOTOS[0][1]))
    assert "1.png, copy.png. Almost the same picture." in read(page)
    assert len(table(page)) == 3
    (same,) = [button for button in page.button if button.key.startswith("same-")]
    same.click().run()
    assert len(table(page)) == 2
    assert "Almost the same picture." not in read(page)


def test_a_suggestion_that_is_wrong_does_not_come_back(page):
    drop(page, *PHOTOS[:2], ("copy.png", PHOTOS[0][1]))
    (other,) = [button for button in page.button if button.key.startswith("not-same-")]
    other.click().run()
    assert "Almost the same picture." not in read(rerun(page))
    assert len(table(page)) == 3


def test_a_zip_with_a_table_of_lesions_and_a_bad_one(page):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in [*PHOTOS[:3], ("lesions.csv", b"file,lesion\n1.png,arm\n2.png,arm\n")]:
            archive.writestr(name, content)
    drop(page, ("morning.zip", file.getvalue()), ("bad.zip", b"no zip"))
    assert set(table(page)["file"]) == {"arm: 1.png, 2.png", "3.png"}
    assert "bad.zip: This ZIP is damaged" in read(page)


def test_removed_rows_are_gone_and_the_list_is_closed(listed):
    click(select(listed, "letter.jpg", "dim.png"), "remove")
    assert len(table(listed)) == 4
    click(listed, "close-worklist")
    assert "Drop the photos of a morning above." in read(listed)


def test_of_the_selected_or_of_all_there_is_a_pdf_a_csv_and_a_json(listed):
    assert "Take away all 6 shown:" in read(listed)
    assert {button.label for button in listed.get("download_button")} == {"PDF", "CSV", "JSON"}
    select(listed, "1.png", "2.png")
    assert "Take away 2 selected:" in read(listed)


def test_from_a_row_into_analyze_on_to_the_next_and_back_to_its_row(run):
    app = open_app()
    go_to(app, "worklist")
    drop(app, *FILES)
    order = [row.key for row in view_of(app).shown if row.photos[0].name in dict(PHOTOS)]
    click(app, "next")
    first = view_of(app).selection[0]
    click(app, "open-row")
    assert [photo.name for photo in session_of(app).photos.photos] == [first.photos[0].name]
    assert read_decision(app).startswith("Refer.")
    click(app, "seen-next")
    second = view_of(app).find(order[1])
    assert [photo.name for photo in session_of(app).photos.photos] == [second.photos[0].name]
    go_to(app, "worklist")
    assert view_of(app).selected == [order[1]]
    assert table(app)["seen"].tolist()[:2] == ["✓", ""]


def test_a_lesion_is_opened_as_one_and_the_next_photo_by_itself(run):
    app = open_app()
    app.button(key="example").click().run()
    go_to(app, "worklist")
    drop(app, *PHOTOS)
    click(select(app, "1.png", "2.png"), "group")
    click(app, "open-row")
    photos = session_of(app).photos
    assert ({photo.name for photo in photos.photos}, photos.same_lesion) == ({"1.png", "2.png"}, True)
    assert "One answer for the lesion, from 2 photos." in read(app)
    go_to(app, "worklist")
    click(select(app, "3.png"), "open-row")
    photos = session_of(app).photos
    assert ([photo.name for photo in photos.photos], photos.same_lesion) == (["3.png"], False)


def test_the_kind_that_is_stated_in_analyze_holds_on_the_list(run):
    app = open_app()
    go_to(app, "worklist")
    drop(app, *PHOTOS[:1])
    click(app, "next")
    click(app, "open-row")
    sha256 = session_of(app).photos.current.sha256
    app.segmented_control(key=f"kind-{sha256[:16]}").set_value("clinical").run()
    go_to(app, "worklist")
    assert table(app)["kind"].tolist() == ["clinical"]


def test_another_network_answers_the_list_anew(two_networks):
    page = open_page("worklist")
    drop(page, *PHOTOS[:2])
    before = table(page)["malignancy"].tolist()
    page.selectbox(key="network").set_value("other").run()
    assert view_of(page).worklist.wait(PATIENCE)
    rerun(page)
    assert table(page)["malignancy"].tolist() != before
    assert view_of(page).worklist.classifier.run.name == "other"


def test_a_row_whose_photo_is_in_the_casebook_leads_to_its_case(run, tmp_path, monkeypatch):
    monkeypatch.setenv(SETTING, str(tmp_path))
    with open_casebook.find_casebook().write("AB") as writer:
        lesion = add_case(writer)
        visit = writer.add(Visit(lesion_id=lesion.id, date=DAY))
        writer.add(make_answer(visit.id, photos=(hashlib.sha256(PHOTOS[0][1]).hexdigest(),)))
    app = open_app()
    go_to(app, "worklist")
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as target:
        target.writestr("../out.jpg", b"x")  # not even read
    drop(app, *PHOTOS[:2], ("more.zip", archive.getvalue()))
    for name in (PHOTOS[1][0], "../out.jpg"):
        select(app, name)
        assert len(view_of(app).selection) == 1
        assert not [button for button in app.button if str(button.key).startswith("case-")]
    select(app, PHOTOS[0][0])
    assert app.button(key=f"case-{lesion.id}").label == "Open the case: A-17, lesion 1, upper back"
    click(app, f"case-{lesion.id}")
    assert app.title[0].value == "Cases"
    assert "A-17, lesion 1, upper back" in read(app)
