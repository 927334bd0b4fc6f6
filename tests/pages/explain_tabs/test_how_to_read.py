"""What a map says, what it cannot say, and what was measured of it."""

from reading_pages import read


def test_limits_and_sources_are_named(at):
    words = read(at("How to read"))
    for source in ("Adebayo 2018", "Saporta 2022", "Tschandl 2020"):
        assert source in words
    assert "That the answer is right." in words


def test_what_was_measured_of_this_run_is_shown(at):
    assert "Grad-CAM" in read(at("How to read")).split("How faithful this run's maps are on test photos")[1]
