"""What a map says, what it cannot say, and what was measured of it."""

from reading_pages import read


def test_limits_and_sources_are_named(at):
    words = read(at("How to read"))
    for source in ("Adebayo 2018", "Saporta 2022", "Tschandl 2020"):
        assert source in words
    assert "That the answer is right." in words


def test_what_was_measured_of_this_run_is_shown_for_the_kind_of_the_open_photo(at):
    page = at("How to read")
    assert "in evidence inside the lesion" in measured(page, "dermoscopic")
    control = next(control for control in page.segmented_control if control.label == "Read as")
    control.set_value("clinical").run()
    assert "no better in insertion and deletion" in measured(page, "clinical")
    assert "inside the lesion" not in measured(page, "clinical").split("The map explained")[0]


def test_every_measure_of_every_method_stands_in_a_table_in_words(at, run):
    table = at("How to read").dataframe[0].value
    (row,) = table[(table["measure"] == "Pointing game ↑") & (table["method"] == "Grad-CAM")].itertuples()
    localised = run.evaluation.faithfulness.methods["gradcam"].all
    assert row.heatmap == localised.pointing_game.text()
    assert row.chance == localised.pointing_game_chance.text()
    assert not table.isna().any().any()


def measured(page, kind: str) -> str:
    return read(page).split(f"How faithful this run's maps are on {kind} test photos")[1]
