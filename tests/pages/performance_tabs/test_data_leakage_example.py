"""The leaky protocol beside the honest one."""

from reading_pages import open_page, read

TAB = {"tab": "Data leakage example"}


def test_the_two_protocols_stand_side_by_side(models):
    words = read(open_page("performance", **TAB))
    assert "88 % were copies" in words
    assert "Mostly copies." in words


def test_without_its_runs_the_tab_says_which_is_missing(empty_models, models, monkeypatch):
    from melanoma.run import folder

    (empty_models / "baseline-cnn").symlink_to(models / "baseline-cnn")
    monkeypatch.setattr(folder, "MODELS", empty_models)
    assert "Not here: `baseline-cnn-leaky`." in read(open_page("performance", **TAB))
