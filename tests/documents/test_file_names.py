"""The name of a document says which photo it is of, on every browser and disk."""

import unicodedata

import pytest

from melanoma.documents.file_names import name_report


@pytest.mark.parametrize(
    ("photo", "name"),
    [
        ("IMG_0417.jpg", "report-IMG_0417.pdf"),
        ("Synthetic example, not a patient", "report-Synthetic example, not a patient.pdf"),
        ("φωτογραφία № 3.JPEG", "report-φωτογραφία № 3.pdf"),
        ("皮肤.png", "report-皮肤.pdf"),
        ("mole.2026.11.png", "report-mole.2026.11.pdf"),
        ("../../etc/passwd.png", "report-passwd.pdf"),
        (r"C:\photos\left arm.png", "report-left arm.pdf"),
        ("a:b*c?.png", "report-a-b-c-.pdf"),
        ('"quoted" <b>%2e.png', "report--quoted- -b--2e.pdf"),
        ("nevus \u202egnp.exe", "report-nevus gnp.pdf"),
        ("a\r\nSet-Cookie: x\0.png", "report-a Set-Cookie- x.pdf"),
        (" . .png", "report-photo.pdf"),
        ("", "report-photo.pdf"),
        (".jpg", "report-jpg.pdf"),
        ("broken \ud800.png", "report-broken.pdf"),
        ("cafe\u0301.png", "report-café.pdf"),
    ],
)
def test_the_photo_gives_its_name(photo, name):
    assert name_report(photo, "pdf") == name


@pytest.mark.parametrize("letter", ["a", "я", "皮", "😀", "e\u0301\u0323"])
def test_a_long_name_is_cut_so_that_every_disk_takes_it(letter):
    name = name_report(f"{letter * 300}.png", "json", others=19)
    assert len(name.encode()) < 255
    assert name.startswith(f"report-{unicodedata.normalize('NFC', letter)}")
    assert name.endswith("-and-19-more.json")


def test_a_lesion_names_its_first_photo_and_how_many_more():
    assert name_report("one.png", "pdf", others=1) == "report-one-and-1-more.pdf"
