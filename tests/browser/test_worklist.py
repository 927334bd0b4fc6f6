"""A morning in the clinic: many photos at once, the worst first, two of one lesion, the answers to take away."""

import csv
import hashlib
import io
import json
import re
import zipfile
from pathlib import Path

import keys
import numpy as np
import pytest
from pdf_reader import read_text
from PIL import Image
from playwright.sync_api import Page, expect
from visiting import (
    EXAMPLE,
    download,
    expect_no_crash,
    expect_words,
    find_violations_in_both_windows,
    go_to_page,
    open_window,
    unfold,
    upload,
    wait_until_still,
)

from melanoma.photo.synthetic import example_bytes
from melanoma.serving.rows import COLUMNS

pytestmark = pytest.mark.browser

# As soon as there is something to stop: on an idle machine the photos are done before a test has looked for the button.
# Again where it did nothing: a click on a button that is just being drawn anew may be lost. Not at once: one too many
# would stop the list again after it was told to go on.
STOP_AT_ONCE = """let last = 0; const clicking = setInterval(() => {
    if (document.querySelector(".st-key-go-on button")) { clearInterval(clicking); return; }
    const button = document.querySelector(".st-key-stop button");
    if (button && Date.now() - last > 3000) { last = Date.now(); button.click(); }
}, 30);"""
TABLE = "[data-testid=stDataFrame]"


def as_upload(name: str, data: bytes) -> dict:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": data}


def encode(data: bytes, format_: str) -> bytes:
    file = io.BytesIO()
    Image.open(io.BytesIO(data)).convert("RGB").save(file, format_)
    return file.getvalue()


def turn(data: bytes) -> bytes:
    """The photo as a camera brings it that is held upright."""
    file = io.BytesIO()
    Image.open(io.BytesIO(data)).convert("RGB").transpose(Image.Transpose.ROTATE_90).save(file, "PNG")
    return file.getvalue()


@pytest.fixture(scope="module")
def morning(request) -> list[dict]:
    """Real photos where there are any, else synthetic ones: 40 files of mixed formats, three of them bad, and a ZIP."""
    try:
        data: Path = request.getfixturevalue("data")
        places = sorted(data.glob("ham10000_600x450/ISIC_???????.jpg"))[:35]
        photos = [path.read_bytes() for path in places]
    except pytest.skip.Exception:
        photos = [example_bytes(seed=n) for n in range(35)]
    assert len(photos) == 35
    formats = {0: "PNG", 1: "WEBP", 2: "TIFF", 3: "BMP"}
    files = [
        as_upload(f"lesion {n}.{formats.get(n, 'JPEG').lower()}", encode(photo, formats.get(n, "JPEG")))
        for n, photo in enumerate(photos[:32])
    ]
    bad = [
        as_upload("letter.jpg", b"Dear colleague"),
        as_upload("empty.png", b""),
        as_upload("broken.jpg", encode(photos[0], "JPEG")[:3000]),
    ]
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as target:
        for n, photo in enumerate(photos[32:]):
            target.writestr(f"zip {n}.png", encode(photo, "PNG"))
        target.writestr("../out.jpg", b"x")
        target.writestr("lesions.csv", "file,lesion\nzip 0.png,left arm\nzip 1.png,left arm\n")
    return [*files, *bad, as_upload("more.zip", archive.getvalue())]


def drop(page: Page, address: str, *files: dict | Path) -> None:
    page.goto(f"{address}/worklist")
    field = page.locator("input[type=file]")
    field.wait_for(state="attached")
    wait_until_still(page)
    field.set_input_files(list(files))


def wait_until_done(page: Page) -> None:
    page.get_by_text(re.compile("^Take away")).wait_for()
    expect(page.locator(".st-key-worklist-progress")).to_have_count(0)
    wait_until_still(page)


def press(page: Page, key: str) -> None:
    """A shortcut, once the page stands still; then what it does."""
    wait_until_still(page)
    page.keyboard.press(key)
    wait_until_still(page)


def chosen(page: Page):
    return page.locator(".st-key-worklist-chosen")


def read_csv(page: Page) -> list[dict[str, str]]:
    """The rows of the CSV of a whole morning, worst first."""
    name, content = download(page, "CSV")
    assert name == "worklist.csv"
    rows = list(csv.DictReader(io.StringIO(content.decode())))
    assert tuple(rows[0]) == COLUMNS
    assert len(rows) == 40
    assert [row["file"] for row in rows if row["file"].startswith("left arm")] == ["left arm: zip 0.png, zip 1.png"]
    assert sum(row["status"] == "error" for row in rows) == 4
    by_itself = [row for row in rows if not row["file"].startswith(("zip 0", "zip 1"))]  # the lesion's row is there
    routine = [place for place, row in enumerate(by_itself) if row["decision"] == "routine"]
    errors = [place for place, row in enumerate(by_itself) if row["status"] == "error"]
    assert max(errors) < min(routine)
    return rows


def test_a_morning(browser, address, morning):
    with open_window(browser, "desktop") as page:
        page.add_init_script(STOP_AT_ONCE)
        drop(page, address, *morning)
        go_on, done = page.get_by_role("button", name="Go on"), page.get_by_text(re.compile("^Take away all 38"))
        go_on.or_(done).first.wait_for()
        if go_on.is_visible():  # a machine that is fast has judged all before it is stopped
            expect_words(page, "photos answered. Stopped,")
            page.locator(TABLE).wait_for()  # what is done stays
            go_on.click()
        wait_until_done(page)
        expect_no_crash(page)

        # 32 photos, three bad files, and of the ZIP a lesion of two photos, a photo, and one that lies elsewhere
        expect_words(page, "38 lesions:", "4 not judged", "Take away all 38 shown:")
        rows = read_csv(page)

        # The worst, by keyboard alone, into Analyze and back to its row.
        press(page, "n")
        top = rows[0]["file"]
        expect(chosen(page)).to_contain_text(top)
        press(page, "o")
        page.get_by_text("In brackets: 95 % intervals").wait_for()
        expect(page.get_by_test_id("stMain")).to_contain_text(top)

        # With an older photo of it: here the same one, from a camera that was turned.
        go_to_page(page, "Two dates")
        older = next(file["buffer"] for file in morning if file["name"] == top or top.startswith("left arm"))
        upload(page, as_upload("older.png", turn(older)))
        expect_words(page, "Aligned by", "turned by", "The ranges meet", "In brackets: the least and the largest")
        page.get_by_role("link", name=re.compile("Back to the worklist, row 1 of 38")).click()
        page.locator(TABLE).wait_for()
        expect(chosen(page)).to_contain_text(top)
        press(page, "s")
        expect(chosen(page)).not_to_contain_text(top)
        press(page, "p")
        expect(chosen(page).get_by_role("button", name="Not seen")).to_be_visible()

        # Two rows become one lesion: selected in the table.
        wait_until_still(page)
        box = page.locator(TABLE).bounding_box()
        page.mouse.click(box["x"] + 16, box["y"] + 37 + 90)
        expect(chosen(page)).to_contain_text("2 rows selected")
        press(page, "g")
        expect(chosen(page)).to_contain_text("One answer for the lesion, from 2 photos.")
        expect_words(page, "37 lesions:", "Take away 1 selected:")

        name, content = download(page, "PDF")
        assert name == "worklist.pdf"
        text = " ".join(read_text(content).split())
        assert "1 lesion: 1 refer." in text
        assert "Lesion 1: " in text
        name, content = download(page, "JSON")
        assert name == "worklist.json"
        assert [len(record["lesion"]) for record in json.loads(content) if "lesion" in record] == [2]


def test_a_list_is_worked_through_by_keyboard_alone(desktop, address):
    three = [as_upload(f"lesion {seed}.png", example_bytes(seed=seed)) for seed in range(3)]
    desktop.goto(f"{address}/worklist")
    keys.upload(desktop, *three)
    wait_until_done(desktop)
    for _ in range(2):
        desktop.keyboard.press("n")
        wait_until_still(desktop)
    second = read_name(desktop)
    desktop.keyboard.press("p")
    wait_until_still(desktop)
    first = read_name(desktop)
    assert first != second
    desktop.keyboard.press("o")
    expect(desktop.get_by_test_id("stMain")).to_contain_text(first)
    keys.press(desktop, "A .*Back to the worklist, row 1 of 3")
    expect(chosen(desktop)).to_contain_text(first)
    desktop.keyboard.press("s")
    expect(chosen(desktop)).to_contain_text(second)
    keys.press(desktop, "BUTTON.*Previous")
    expect(chosen(desktop)).to_contain_text(first)
    expect(chosen(desktop).get_by_role("button", name="Not seen")).to_be_visible()
    expect_no_crash(desktop)


def read_name(page: Page) -> str:
    """The file of the selected row."""
    return re.findall(r"lesion \d\.png", chosen(page).inner_text())[-1]


def test_a_zip_may_be_larger_than_a_photo(desktop, address, tmp_path):
    archive = tmp_path / "morning.zip"
    with zipfile.ZipFile(archive, "w") as target:
        target.writestr("lesion.png", example_bytes())
        target.writestr("letter.jpg", np.random.default_rng(0).bytes(52 * 1024**2))
    drop(desktop, address, archive)
    wait_until_done(desktop)
    expect_words(desktop, "2 lesions:", "1 not judged")


def test_on_a_phone_rows_are_seen_and_opened(browser, address):
    with open_window(browser, "phone") as page:
        drop(page, address, EXAMPLE, as_upload("letter.jpg", b"Dear colleague"))
        wait_until_done(page)
        page.get_by_role("button", name=re.compile("^Next")).click()
        expect(chosen(page)).to_contain_text("example.png")
        wait_until_still(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        page.get_by_role("button", name="Open in Analyze").click()
        page.get_by_text("Back to the worklist, row 1 of 2").wait_for()
        page.get_by_text("In brackets: 95 % intervals").wait_for()


def test_the_list_for_readers_who_see_little(desktop, address):
    desktop.goto(f"{address}/worklist")
    desktop.get_by_text("Research use only").first.wait_for()
    wait_until_still(desktop)
    assert find_violations_in_both_windows(desktop) == []


def test_a_full_list_for_readers_who_see_little(desktop, address):
    drop(desktop, address, EXAMPLE, as_upload("letter.jpg", b"Dear colleague"))
    wait_until_done(desktop)
    press(desktop, "n")
    expect(chosen(desktop)).to_contain_text("example.png")
    assert find_violations_in_both_windows(desktop) == []


def test_photos_are_taken_one_after_the_other_in_full_resolution(browser, address):
    shots = [{**EXAMPLE, "buffer": example_bytes(seed=n)} for n in range(3)]
    with open_window(browser, "phone") as page:
        page.goto(f"{address}/worklist")
        wait_until_still(page)
        unfold(page, "Photos with a phone")
        for shot, button in zip(shots, ("Take a photo", "Take it again", "Keep, next photo"), strict=True):
            with page.expect_file_chooser() as camera:
                page.get_by_role("button", name=button).click()
            assert camera.value.element.get_attribute("capture") == "environment"
            camera.value.set_files([shot])
            wait_until_still(page)
            page.get_by_role("img", name="The photo that was just taken").wait_for()
        page.get_by_role("button", name="Keep, done").click()
        expect_words(page, "Take away all 2 shown:")
        _, content = download(page, "CSV")
        rows = {row["file"]: row["sha256"] for row in csv.DictReader(io.StringIO(content.decode()))}
        # The first one was taken again. The bytes are those of the camera.
        kept = [hashlib.sha256(shot["buffer"]).hexdigest() for shot in shots[1:]]
        assert rows == {f"Photo {n}.png": sha256 for n, sha256 in enumerate(kept, 1)}
