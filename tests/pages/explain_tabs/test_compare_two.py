"""Why one diagnosis rather than another."""

import pytest
from reading_pages import read

from melanoma.diagnoses import CODES, mark_diagnosis

pytestmark = pytest.mark.slow


def test_each_colour_speaks_for_its_diagnosis(at):
    page = at("Compare two")
    one = next(box for box in page.selectbox if box.label == "Why")
    one.set_value("VASC").run()
    assert not page.exception
    other = next(box for box in page.selectbox if box.label != "Why" and box.value in CODES)
    assert f"Purple speaks for vascular lesion ◇, orange for {mark_diagnosis(other.value)}" in read(page)
