"""Photos that are open: which is on the page, what closing does, and what was no photo."""

import pytest

from melanoma.documents.case import CaseDetails
from pages.parts.open_photos import OpenPhoto, OpenPhotos

A, B, C = (OpenPhoto.from_file(f"{name}.jpg", name.encode()) for name in "abc")


@pytest.fixture
def photos() -> OpenPhotos:
    photos = OpenPhotos()
    photos.add([A, B])
    photos.add([C])
    return photos


def test_the_first_of_those_that_came_last_is_on_the_page(photos):
    assert photos.current == C
    photos.add([B, A])
    assert photos.current == B
    assert photos.photos == [A, B, C]  # none is opened twice


def test_a_photo_is_told_from_another_by_name_and_content(photos):
    photos.add([OpenPhoto.from_file("a.jpg", b"other"), OpenPhoto.from_file("copy of a.jpg", b"a")])
    assert len(photos.photos) == 5


def test_closing_one_shows_its_neighbour_and_the_last_one_leaves_nothing(photos):
    photos.close(C)
    assert photos.current == B
    photos.select(A)
    photos.close(A)
    assert photos.current == B
    photos.close(B)
    assert photos.current is None
    assert photos.photos == []


def test_closing_another_photo_leaves_the_page_as_it_is(photos):
    photos.close(A)
    assert photos.current == C


def test_closing_all_forgets_what_was_no_photo_too(photos):
    photos.refuse(C, "This is no photo.")
    assert photos.current == B
    assert photos.unreadable == {"c.jpg": "This is no photo."}
    photos.close_all()
    assert (photos.current, photos.photos, photos.unreadable) == (None, [], {})


def test_why_a_file_was_no_photo_is_kept_until_others_come(photos):
    photos.refuse(C, "This is no photo.")
    photos.select(A)
    assert photos.unreadable
    photos.add([B])
    assert not photos.unreadable


def test_only_an_open_photo_can_be_put_on_the_page(photos):
    photos.close(C)
    with pytest.raises(ValueError, match="not in list"):
        photos.select(C)


def test_what_was_written_about_a_photo_is_forgotten_when_it_is_closed(photos):
    photos.cases = {photo: CaseDetails(reference=photo.name) for photo in (A, B, C)}
    photos.close(A)
    photos.refuse(B, "This is no photo.")
    assert list(photos.cases) == [C]
    photos.close_all()
    assert photos.cases == {}
