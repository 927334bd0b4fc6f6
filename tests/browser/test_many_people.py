"""Many people on one server: each sees their own photo and answer."""

import os
from itertools import count, islice

import pytest
from playwright.sync_api import expect
from visiting import read, wait_until_still

from melanoma.documents.wording import write_reason
from melanoma.photo import ENOUGH, read_photo
from melanoma.photo.synthetic import example_bytes
from melanoma.serving import Classifier

pytestmark = pytest.mark.browser

PEOPLE = int(os.environ.get("PEOPLE", "20"))


@pytest.fixture(scope="module")
def windows(browser):
    """A window for each person, with cookies and storage of its own."""
    contexts = [browser.new_context(viewport={"width": 1280, "height": 844}) for _ in range(PEOPLE)]
    for context in contexts:
        context.set_default_timeout(200_000)
    yield [context.new_page() for context in contexts]
    for context in contexts:
        context.close()


def test_several_people_at_once_each_see_their_own(windows, address, run):
    classifier = Classifier.open(run)
    drawn = (example_bytes(seed=seed) for seed in count())
    judged = ((photo, classifier.predict(read_photo(photo, ENOUGH))) for photo in drawn)
    answered = ((photo, answer) for photo, answer in judged if answer.assessment.quality != "unusable")
    photos, answers = zip(*islice(answered, PEOPLE), strict=True)
    headings = [write_reason(answer) for answer in answers]
    assert len(set(headings)) > PEOPLE // 2, "answers that can be told apart"
    for page in windows:
        page.goto(address, wait_until="commit")
    fields = [page.locator("input[type=file]").first for page in windows]
    for field in fields:
        field.wait_for(state="attached")
    for person, (page, field) in enumerate(zip(windows, fields, strict=True)):
        wait_until_still(page)
        field.set_input_files({"name": f"person-{person}-.png", "mimeType": "image/png", "buffer": photos[person]})
    for person, page in enumerate(windows):
        expect(page.get_by_role("heading", name=headings[person].replace(" %", "\u00a0%"))).to_be_visible(
            timeout=200_000
        )
        page.get_by_text("The dashed square is what the network saw").wait_for()
        words = read(page)
        assert [other for other in range(PEOPLE) if f"person-{other}-" in words] == [person]
