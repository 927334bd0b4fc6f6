"""What all figures share."""

from plotly.colors import hex_to_rgb

from melanoma.charts.frame import colour_by_malignancy, error_bars, share_ticks


def test_ticks_of_shares_are_whole_per_cent_and_at_least_three():
    assert share_ticks()["ticktext"] == ["0 %", "25 %", "50 %", "75 %", "100 %"]
    ticks = share_ticks(0.12)
    assert [text for value, text in zip(ticks["tickvals"], ticks["ticktext"], strict=True) if value <= 0.12] == [
        "0 %", "2 %", "4 %", "6 %", "8 %", "10 %", "12 %",
    ]  # fmt: skip


def test_error_bars_reach_to_the_ends_of_the_interval():
    bars = error_bars([0.5], [0.375], [0.75])
    assert (bars["array"], bars["arrayminus"]) == ([0.25], [0.125])


def test_malignant_is_red_and_benign_blue():
    malignant, benign, precursor = colour_by_malignancy(["MEL", "NV", "AK"])
    assert malignant == precursor
    red, _, blue = hex_to_rgb(malignant)
    assert red > blue
    red, _, blue = hex_to_rgb(benign)
    assert red < blue
