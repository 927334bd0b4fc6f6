"""What the address says: unknown names are said, known ones open."""

import pytest
from reading_pages import open_page, read, session_of


@pytest.mark.parametrize(
    ("page", "query", "what"),
    [
        ("performance", {"tab": "Nowhere"}, "tab “Nowhere”"),
        ("dataset", {"tab": "Nowhere"}, "tab “Nowhere”"),
        ("model_card", {"run": "nobody"}, "run “nobody”"),
        ("analyze", {"network": "nobody"}, "network “nobody”"),
        ("diagnoses", {"diagnosis": "measles"}, "diagnosis “measles”"),
    ],
)
def test_what_the_address_asks_for_and_is_not_here_is_said(run, page, query, what):
    assert f"The address asks for the {what}, which is not here." in read(open_page(page, **query))


def test_an_unknown_operating_point_is_said_and_the_default_decides(run):
    page = open_page("analyze", point="lenient")
    page.button(key="example").click().run()
    assert "operating point “lenient”, which is not here" in read(page)
    assert session_of(page).operating_point == run.calibration.default_operating_point


def test_a_known_tab_opens_without_a_word(run):
    page = open_page("performance", tab="Operating point")
    assert "such patients" in read(page)
    assert "which is not here" not in read(page)
