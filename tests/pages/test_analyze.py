"""The analyze page: from a photo to a decision, and what it says when something is wrong."""

import io
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from melanoma.diagnoses import CODES
from melanoma.run import folder as runs

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "pages" / "analyze.py"


def words(page: AppTest) -> str:
    elements = [*page.header, *page.markdown, *page.caption, *page.info, *page.error]
    return "\n".join(element.value for element in elements)


@pytest.fixture
def page(run, monkeypatch) -> AppTest:
    monkeypatch.setattr(runs, "MODELS", run.folder.parent)
    page = AppTest.from_file(PAGE, default_timeout=120).run()
    assert not page.exception
    return page


@pytest.fixture
def answered(page) -> AppTest:
    """The page with the drawn specimen's answer."""
    page.segmented_control(key="from").set_value("Drawn specimen").run()
    assert not page.exception
    return page


def test_drawn_specimen_gets_a_decision_with_its_threshold_and_record(answered):
    said = words(answered)
    assert "At the high sensitivity operating point this photo scores" in said
    assert "On test photos this threshold had sensitivity" in said
    assert "Research use only, not a medical device." in said
    assert "not a real lesion" in answered.session_state["photo_name"]
    assert answered.session_state["photo_bytes"].startswith(b"\x89PNG")


def test_another_operating_point_is_told_with_its_own_threshold(answered, run):
    answered.segmented_control(key="operating_point").set_value("melanoma-95").run()
    assert not answered.exception
    assert "probability of melanoma" in words(answered)


def test_what_the_threshold_means_where_cancers_are_rare_is_told_whole(answered, run):
    point = run.calibration["operating_points"][run.calibration["default_operating_point"]]
    table = next(block.value for block in answered.markdown if "of those referred, malignant" in block.value)
    head, _, *rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()]
    assert head[-1] == "of those not referred, benign"
    assert [row[0] for row in rows] == ["1%", "5%", "20%"]
    assert {len(row) for row in rows} == {3}
    assert rows[1][1].startswith(f"{point['test']['ppv']['0.05']['value']:.2f} ")


def test_any_diagnosis_can_be_asked_for_its_map(answered):
    choice = next(box for box in answered.selectbox if box.label.startswith("Heatmap"))
    assert len(choice.options) == len(CODES)
    before = next(c.value for c in answered.caption if "dashed square" in c.value)
    choice.select_index(8).run()
    assert next(c.value for c in answered.caption if "dashed square" in c.value) != before


def test_a_file_that_is_no_photo_gets_one_sentence(page):
    page.file_uploader(key="files").upload("notes.jpg", b"not a picture", "image/jpeg").run()
    assert not page.exception
    assert len(page.error) == 1
    assert "notes.jpg" in page.error[0].value
    assert "Traceback" not in page.error[0].value


def test_without_a_run_to_ask_the_page_says_where_it_looks(tmp_path, monkeypatch):
    monkeypatch.setattr(runs, "MODELS", tmp_path)
    page = AppTest.from_file(ROOT / "app.py", default_timeout=60).run()
    assert not page.exception
    assert "No network is ready" in words(page)


def test_the_first_page_paints_before_tensorflow_is_imported():
    program = (
        "import sys, pathlib; from streamlit.testing.v1 import AppTest;"
        "page = AppTest.from_file(pathlib.Path('app.py').resolve(), default_timeout=60).run();"
        "assert not page.exception; print([m for m in ('tensorflow', 'keras') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"


@pytest.fixture
def lens_cap_on(page) -> AppTest:
    """The page given a black picture."""
    file = io.BytesIO()
    Image.new("RGB", (400, 300), (6, 4, 4)).save(file, "PNG")
    page.file_uploader(key="files").upload("dark.png", file.getvalue(), "image/png").run()
    assert not page.exception
    return page


def test_unusable_photo_gets_no_answer_unless_asked(lens_cap_on):
    assert "No answer is given for this photo" in words(lens_cap_on)
    assert "this photo scores" not in words(lens_cap_on)
    lens_cap_on.checkbox[0].check().run()
    assert "this photo scores" in words(lens_cap_on)
