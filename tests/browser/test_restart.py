"""The server ends and starts again while somebody works: words within a second or two, and work goes on."""

import pytest
from playwright.sync_api import expect
from visiting import EXAMPLE, expect_no_crash, expect_words, find_port, start_server, upload, wait_until_still

from pages.parts.connection import LOST

pytestmark = pytest.mark.browser


def test_a_server_that_is_killed_is_said_and_work_goes_on_with_the_next_one(desktop):
    port = find_port()
    with start_server(port=port) as (url, server):
        desktop.goto(url)
        upload(desktop, EXAMPLE)
        desktop.get_by_text("In brackets: 95 % intervals").wait_for()
        wait_until_still(desktop)  # Streamlit leaves what a script that has ended has drawn
        assert desktop.get_by_role("alert").filter(has_text="connection").count() == 0
        server.kill()
        server.wait()
        banner = desktop.locator("#connection")
        expect(banner).to_have_text(LOST, timeout=10_000)
        expect(banner).to_be_in_viewport()
        desktop.wait_for_selector("[data-testid=stDialog]", state="attached")  # Streamlit's own, with other words
        expect(desktop.get_by_test_id("stDialog")).to_be_hidden()
        expect(desktop.get_by_role("alert").filter(has_text="connection")).to_have_count(1)  # not hidden by that box
    with start_server(port=port):
        expect_words(desktop, "the photos that were open are forgotten. Open them again.")
        expect(banner).to_have_count(0)
        wait_until_still(desktop)
        assert desktop.get_by_text("In brackets: 95 % intervals").count() == 0
        upload(desktop, EXAMPLE)
        desktop.get_by_text("In brackets: 95 % intervals").wait_for()
        assert desktop.get_by_text("photos that were open are forgotten").count() == 0
        expect_no_crash(desktop)
