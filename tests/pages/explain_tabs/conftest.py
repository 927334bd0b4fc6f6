"""The Explain page at one of its tabs, with the synthetic example open."""

import pytest
from reading_pages import open_page


@pytest.fixture
def at(run):
    """A tab's name -> the page there."""

    def open_tab(name: str):
        page = open_page("explain", **{"explain-tab": name})
        page.button(key="example").click().run()
        assert not page.exception
        return page

    return open_tab
