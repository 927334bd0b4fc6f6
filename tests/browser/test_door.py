"""What a clinician reads when a cat, a torn file, a DICOM file, a HEIC photo or a clinical close-up is opened."""

import pytest
from encodings_of_photos import dicom, encode
from playwright.sync_api import expect
from visiting import expect_no_crash, expect_words, read, upload, wait_until_still

from melanoma.photo import draw_example

pytestmark = pytest.mark.browser
NO_ANSWER = "No answer is given for this photo."


@pytest.fixture
def page(desktop, address):
    """The first page, in a wide window."""
    desktop.goto(address)
    return desktop


def as_upload(name: str, content: bytes) -> dict:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": content}


def expect_decision(page, yes: bool) -> None:
    """Whether the page holds a decision, and files to take away."""
    for place in (page.locator(".st-key-decision"), page.get_by_role("button", name="PDF")):
        expect(place).to_have_count(int(yes))
    expect_no_crash(page)


def test_a_cat_gets_no_answer(page, data):
    cat = next((data / "everyday").glob("*Siamese*"))
    upload(page, as_upload(cat.name, cat.read_bytes()))
    expect_words(page, NO_ANSWER, "The photo may not show a skin lesion.")
    wait_until_still(page)
    expect_decision(page, yes=False)


def test_half_a_file_is_refused_in_a_sentence_also_where_its_end_was_put_back(page):
    whole = encode(draw_example(3, 600, 450), "JPEG", quality=90)
    torn = whole[: len(whole) // 2]
    upload(page, as_upload("torn.jpg", torn), as_upload("closed.jpg", torn + b"\xff\xd9"))
    alerts = page.get_by_role("alert")
    expect(alerts).to_have_count(2)
    for name, alert in zip(("torn.jpg", "closed.jpg"), alerts.all(), strict=True):
        expect(alert).to_contain_text(name)
        expect(alert).to_contain_text("damaged")
    wait_until_still(page)
    expect_decision(page, yes=False)


def test_a_dicom_file_is_answered_and_names_nobody(page):
    upload(page, as_upload("IM0001.dcm", dicom(draw_example(0, 600, 450))))
    expect_words(page, "IM0001.dcm", "Malignancy probability", "Dermoscopic photo")
    wait_until_still(page)
    expect_decision(page, yes=True)
    assert "Doe" not in read(page)


def test_a_heic_photo_of_a_telephone_is_answered(page, data):
    photo = data.parent / "cases" / "formats" / "IMG_0001.HEIC"
    content = photo.read_bytes() if photo.exists() else encode(draw_example(0, 600, 450), "HEIF", quality=90)
    upload(page, as_upload("IMG_0001.HEIC", content))
    expect_words(page, "IMG_0001.HEIC", "Malignancy probability")
    wait_until_still(page)
    expect_decision(page, yes=True)


def test_a_clinical_close_up_is_read_as_one_and_says_how_little_it_was_tested(page, data, run):
    clinical = run.split[(run.split["split"] == "validation") & (run.split["kind"] == "clinical")]
    path = next((data / "milk10k").rglob(f"{clinical['image_id'].iloc[0]}.*"))
    upload(page, as_upload(path.name, path.read_bytes()))
    expect_words(page, "Clinical close-up, as the network sees it", "Clinical photos of one study alone")
    wait_until_still(page)
    expect(page.get_by_role("radio", name="clinical close-up")).to_be_checked()
    expect_decision(page, yes=True)
