"""Why one diagnosis rather than another."""

import pytest
from reading_pages import read

pytestmark = pytest.mark.slow


def test_each_colour_speaks_for_its_diagnosis(at):
    page = at("Compare two")
    one = next(box for box in page.selectbox if box.label == "Why")
    one.set_value("VASC").run()
    assert not page.exception
    assert "Purple speaks for vascular lesion ◇, orange for melanoma ◆" in read(page)
