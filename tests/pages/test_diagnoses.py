"""The page about one diagnosis."""

import pytest
from reading_pages import open_app, open_page, read, session_of

from melanoma.diagnoses import DIAGNOSES, NAMES
from melanoma.documents.diagnosis import DESCRIPTIONS
from melanoma.documents.wording import write_share


@pytest.mark.parametrize("diagnosis", DIAGNOSES, ids=lambda d: d.code)
def test_every_diagnosis_has_its_page_by_its_address(run, diagnosis):
    page = open_page("diagnoses", diagnosis=diagnosis.name)
    words = read(page)
    assert DESCRIPTIONS[diagnosis.code] in words
    assert ("◆ Counted as malignant" if diagnosis.malignant else "◇ Benign") in words
    assert (diagnosis.terminology.describe() or "What it is confused with") in words
    for kind in ("dermoscopic", "clinical"):
        assert write_share(run.evaluation.of_kind(kind).per_class[diagnosis.code].sensitivity) in words


def test_what_is_most_often_confused_stands_first_with_its_count_and_interval(run):
    words = read(open_page("diagnoses", diagnosis="melanoma"))
    codes = run.evaluation.confusion.codes
    row = dict(zip(codes, run.evaluation.confusion.counts[codes.index("MEL")], strict=True))
    (first, *_) = words.split("| it is taken for | photos | share |\n| --- | --- | --- |\n")[1].splitlines()
    assert first.startswith(f"| nevus | {row['NV']} | {100 * row['NV'] / sum(row.values()):.0f} % (")


def test_training_lesions_are_counted(run):
    split = run.split
    own = split[(split["diagnosis"] == "MEL") & (split["split"] == "train") & (split["kind"] == "clinical")]
    words = read(open_page("diagnoses", diagnosis="melanoma"))
    assert f"| clinical close-up | {own['group'].nunique():,} | {len(own):,} |" in words


def test_an_unknown_diagnosis_in_the_address_is_named_and_the_first_opens(run):
    page = open_page("diagnoses", diagnosis="measles")
    assert page.selectbox(key="diagnosis").value == DIAGNOSES[0].name
    assert "“measles”, which is not here" in read(page)


def test_without_a_network_the_page_says_so(empty_models):
    app = open_app()
    app.switch_page("pages/diagnoses.py").run()
    assert not app.exception
    assert "No network is ready" in read(app)


def test_analyze_leads_to_the_page_of_a_likely_diagnosis(run):
    app = open_app()
    app.button(key="example").click().run()
    top = next(v for key, v in session_of(app).results.items() if key[0] == "prediction").top
    app.button(key=f"about-{top}").click().run()
    assert not app.exception
    assert app.title[0].value == "Diagnoses"
    assert app.selectbox(key="diagnosis").value == NAMES[top]
