"""The report on paper: read back, it says what the page says, warns first, and loses nothing that was written."""

import re
from dataclasses import replace

import numpy as np
import pytest
from pdf_reader import count_pages, list_glyphs, read_pictures, read_sizes, read_text
from predictions import POINT, make_prediction
from reports import CASE, REFERRED, drawn_photo, make_map, make_report

from melanoma.documents.case import PAPERS, CaseDetails
from melanoma.documents.report_pdf import as_pdf
from melanoma.documents.wording import CLINICAL_CAUTION, ONE_PHOTO
from melanoma.photo import DOUBTFUL, GOOD, UNUSABLE, Assessment
from melanoma.photo.skin_tone import CAUTION
from melanoma.run import Abstention
from melanoma.serving.kinds import KindOfPhoto

ROUTINE = make_prediction(NV=0.97, MEL=0.01)
DARK = make_prediction(POINT, "high-sensitivity", "The photo is dark.", quality=UNUSABLE, NV=0.95, MEL=0.018, SK=0.03)
DIM = make_prediction(POINT, "high-sensitivity", "The photo is dim.", quality=DOUBTFUL, NV=0.97, MEL=0.01)
CLINICAL = replace(REFERRED, kind=KindOfPhoto("clinical"))
UNDECIDED = replace(ROUTINE, decision="undecided", photos=2)
RESEARCH_USE = "Research use only, not a medical device."


def write(prediction=REFERRED, *names: str, paper="A4", **facts) -> str:
    """The text of a report in one kind of blank, as if it stood on one line."""
    return " ".join(read_text(as_pdf(make_report(prediction, *names, **facts), paper)).split())


def test_the_report_is_one_page_that_says_what_the_page_says():
    content = as_pdf(make_report(case=CASE))
    text = " ".join(read_text(content).split())
    assert count_pages(content) == 1
    assert "Refer Malignancy probability 17 %, threshold 7 %" in text
    assert "Most likely nevus ◇, 70 %. Prediction set (90 %):" in text
    assert "Operating point high sensitivity Malignancy probability 17 % Refer from 7 %" in text
    assert "Test sensitivity 97 % (95–98 %) Test specificity 64 % (61–67 %)" in text
    assert re.search(r"MEL melanoma ◆ malignant 14 %", text) and re.search(r"NV nevus ◇ benign 70 %", text)
    assert "Read as a dermoscopic photo. Quality: good. Changed when read: nothing." in text
    assert f"Photo: SHA-256 {drawn_photo().sha256}" in text
    assert f"Network made-up: SHA-256 {'ab' * 32} · melanoma " in text
    assert "A lesion that is none of the nine diagnoses gets one of the nine." in text


def test_predictive_values_are_those_at_the_chosen_prevalence():
    assert "Prevalence chosen 20 % Positive predictive value 40 % (38–42 %)" in write(prevalence=0.2)
    assert "Prevalence chosen 1 % Positive predictive value 3 % (2–3 %)" in write(prevalence=0.01)
    assert "predictive value" not in write(prevalence=None)


@pytest.mark.parametrize(("paper", "size"), [("A4", (595.28, 841.89)), ("Letter", (612, 792))])
def test_the_paper_is_the_one_that_was_chosen(paper, size):
    assert set(read_sizes(as_pdf(make_report(), paper))) == {size}


def test_research_use_is_said_first_and_at_the_foot_of_every_page():
    content = as_pdf(make_report(case=replace(CASE, findings="word " * 400, conclusion="word " * 400)), "Letter")
    lines = read_text(content).splitlines()
    assert count_pages(content) == 2
    assert lines.count(RESEARCH_USE) == 2
    assert lines[0] == RESEARCH_USE
    assert [line for line in lines if line.startswith(f"{RESEARCH_USE} Page")] == [
        f"{RESEARCH_USE} Page 1 of 2",
        f"{RESEARCH_USE} Page 2 of 2",
    ]


def test_every_font_is_embedded():
    content = as_pdf(make_report(case=CASE))
    fonts = content.count(b"/FontDescriptor ")
    assert fonts == content.count(b"/FontFile2 ") > 0
    assert b"/Type1" not in content


@pytest.mark.parametrize(
    ("prediction", "names", "warning"),
    [
        (DARK, (), "Unusable photo. The photo is dark. The answer cannot be relied on."),
        (DIM, (), "Doubtful photo. The photo is dim. Read the answer with care."),
        (CLINICAL, (), f"Clinical close-up. {CLINICAL_CAUTION}"),
        (UNDECIDED, ("a.png", "b.png"), f"Undecided for one photo. {ONE_PHOTO}"),
    ],
)
def test_a_warning_heads_the_page(prediction, names, warning):
    text = write(prediction, *names, case=CASE)
    start = text.index(warning)
    assert text.startswith(RESEARCH_USE)
    assert start < 110  # after research use and the time, before all else
    assert start < text.index(CASE.reference) < text.index("Malignancy probability")


def test_a_photo_that_is_good_has_no_warning():
    assert write(case=CASE).index("Case 2026-0417") < 110


def test_a_dark_photo_is_referred_with_the_reason_and_never_called_routine():
    text = write(DARK)
    assert "Refer The photo is not good enough to call it routine." in text
    assert "Routine" not in text


def test_routine_does_not_read_as_harmless():
    assert "Routine Malignancy probability 2 %, threshold 7 %. This does not rule out melanoma." in write(ROUTINE)


def test_undecided_says_from_which_score():
    point = replace(POINT, abstention=Abstention(0.02, 0.8))
    prediction = replace(make_prediction(point, NV=0.95, MEL=0.035), decision="undecided")
    text = write(prediction)
    assert "Undecided: have it seen" in text
    assert "Undecided from 2 %" in text


def test_what_the_clinician_wrote_is_there():
    text = write(case=CASE)
    assert "Case Body site Date of photo Photo" not in text  # each label stands beside its own value
    for words in ("Case 2026-0417", "Body site left forearm", "Date of photo 3 November 2026"):
        assert words in text
    assert "Clinician's own findings Asymmetric, 7 mm. Grey-blue structures." in text
    assert "Clinician's own conclusion Suspicious: excision. M. Example Clinician's name Signature Date of" in text


def test_without_details_there_is_still_a_line_to_sign_on():
    text = write()
    assert "Clinician's name Signature Date of signature" in text
    assert "Clinician's own" not in text
    assert "Case" not in text


@pytest.mark.parametrize("paper", PAPERS)
@pytest.mark.parametrize("word", ["βλάβη", "пятно", "naevus"])
def test_two_texts_of_two_thousand_characters_lose_no_word_and_fit_on_two_pages(paper, word):
    words = [f"{word}{number:03}" for number in range(2000 // (len(word) + 4))]
    halves = words[::2], words[1::2]
    case = CaseDetails(findings=" ".join(words), conclusion="\n\n".join(" ".join(half) for half in halves))
    content = as_pdf(make_report(case=case), paper)
    found = re.findall(rf"{word}\d\d\d", read_text(content))
    assert found == [*words, *halves[0], *halves[1]]
    assert count_pages(content) == 2


def test_nothing_that_was_written_is_taken_for_a_command():
    strange = r"{nb} **bold** __line__ <b>tag</b> &amp; %s \n ~~gone~~ --x-- [link](http://x)"
    text = write(case=CaseDetails(reference=strange, findings=strange, name=strange))
    assert text.count(strange) == 3


def test_a_photo_name_is_printed_as_it_is():
    assert "Photo снимок № 3.png" in write(REFERRED, "снимок № 3.png")
    assert "[U+202E]gnp.exe" in write(REFERRED, "nevus \u202egnp.exe")


def test_arabic_and_hindi_are_joined():
    content = as_pdf(make_report(case=CaseDetails(findings="ببب\nक्षेत्र")))
    assert list_glyphs(content).count("ب") == 3
    assert "क्ष" in list_glyphs(content)


def test_what_was_changed_on_reading_is_said():
    report = make_report()
    photo = replace(drawn_photo(), notes=("converted from Lab colours", "turned upright"))
    changed = replace(report, photos=(report.photos[0]._replace(photo=photo),))
    assert "Changed when read: converted from Lab colours; turned upright." in " ".join(
        read_text(as_pdf(changed)).split()
    )


def test_photo_map_whole_photo_and_colour_key_are_printed():
    crop, drawn, whole, key = read_pictures(as_pdf(make_report()))
    assert crop.shape == drawn.shape == (600, 600, 3)
    assert whole.shape[1] > whole.shape[0]
    assert np.abs(key[:, 5].astype(int) - key[:, -5]).max() > 30  # from the colour of skin to that of evidence
    without = as_pdf(make_report(heatmap=None))
    assert len(read_pictures(without)) == 2
    assert "raw peak" not in read_text(without)


def test_a_weak_map_is_not_stretched():
    def change(peak: float) -> float:
        plain, drawn, *_ = read_pictures(as_pdf(make_report(heatmap=make_map(peak))))
        inside = np.s_[20:-20, 20:-20]  # without the outline
        return float(np.abs(drawn[inside].astype(int) - plain[inside]).max())

    assert change(0.001) == 0
    assert 0 < change(0.05) < change(1.0) / 3


def test_the_key_says_how_strong_the_map_is():
    text = write(heatmap=make_map(0.05))
    assert "Map: evidence for melanoma ◆ 0 1 From no evidence" in text
    assert "this map's raw peak 0.05, 5 % of the strongest" in text
    assert "No positive evidence for this diagnosis: nothing is drawn." in write(heatmap=make_map(0.001))


def test_a_lesion_is_reported_with_every_photo_and_its_own_answer():
    together = replace(REFERRED, photos=2)
    report = make_report(together, "a.png", "b.png", "c.png", own=(REFERRED, ROUTINE, DARK), pictured=1)
    content = as_pdf(report)
    text = " ".join(read_text(content).split())
    assert "Photos 3 of one lesion" in text
    assert "Refer Malignancy probability 17 %" in text
    assert "1 a.png dermoscopic good 17 % refer 2 b.png dermoscopic good 2 % routine 3 c.png" in text
    assert "Photo 2: what the network saw." in text
    assert len(read_pictures(content)) == 1 + 3  # the small ones are the same picture; crop, map, key


@pytest.mark.parametrize("paper", PAPERS)
def test_twenty_photos_of_one_lesion_are_all_there(paper):
    names = [f"photo-{number:02}.png" for number in range(20)]
    content = as_pdf(make_report(replace(REFERRED, photos=20), *names), paper)
    text = read_text(content)
    assert all(name in text and f"Photo {number}\n" in text for number, name in enumerate(names, 1))


def test_a_caution_heads_the_report_and_is_said_once():
    cautious = replace(REFERRED, assessment=Assessment(GOOD, cautions=(CAUTION,)))
    text = write(prediction=cautious)
    assert text.count(CAUTION) == 1
    assert text.index(CAUTION) < text.index("Malignancy probability")
