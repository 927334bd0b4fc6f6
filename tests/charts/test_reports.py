"""Dots with intervals under headings."""

import numpy as np
import pandas as pd
import pytest

from melanoma.charts.frame import GREY
from melanoma.charts.reports import dot_plot, group_dots
from melanoma.estimates import Estimate


def make_table() -> pd.DataFrame:
    rows = [("A", "one", "own", 0.5), ("A", "one", "chance", 0.2), ("B", "one", "own", 0.7), ("B", "two", "own", 0.1)]
    table = pd.DataFrame(rows, columns=["group", "line", "series", "value"])
    return table.assign(low=table["value"] - 0.1, high=table["value"] + 0.2)


def test_dots_lie_on_the_line_that_names_them_with_their_intervals():
    figure = dot_plot(make_table(), "share")
    ticks = figure.layout.yaxis
    places = {
        (trace.name, ticks.ticktext[int(np.abs(np.array(ticks.tickvals) - y).argmin())], x)
        for trace in figure.data
        for x, y in zip(trace.x, trace.y, strict=True)
    }
    assert places == {("own", "one", 0.5), ("chance", "one", 0.2), ("own", "one", 0.7), ("own", "two", 0.1)}
    assert figure.data[0].error_x.array == pytest.approx([0.2] * 3)
    assert [note.text for note in figure.layout.annotations] == ["<b>A</b>", "<b>B</b>"]
    assert figure.layout.xaxis.range[0] <= 0 <= figure.layout.xaxis.range[1]


def test_a_long_name_takes_two_rows_and_leaves_a_phone_room_for_the_dots():
    figure = dot_plot(make_table().replace({"line": {"two": "lesions that no other source shows"}}), "share")
    assert figure.layout.yaxis.ticktext == ("one", "one", "lesions that no other<br>source shows")


def test_the_pointer_reads_shares_in_per_cent_and_statistics_as_numbers():
    assert dot_plot(make_table(), "share", percent=True).data[0].customdata[0] == "one: 50 % (40–70 %)"
    assert dot_plot(make_table(), "AUC").data[0].customdata[0] == "one: 0.50 (0.40–0.70)"


def test_small_groups_of_patients_are_grey_and_say_their_number():
    table = pd.DataFrame({"by": "Age", "group": ["under 30", "30 to 44", "45 to 59"], "photos": [12, 400, 90]})
    table = table.assign(**{"accuracy": [0.8, 0.9, None], "accuracy low": [0.7, 0.8, None]})
    figure = group_dots(table.assign(**{"accuracy high": [0.9, 1, None]}), "accuracy", Estimate(0.85, 0.8, 0.9))
    assert figure.layout.yaxis.ticktext == ("under 30 (n 12)", "30 to 44 (n 400)")
    assert [colour == GREY for colour in figure.data[0].marker.color] == [True, False]
    assert figure.layout.shapes[0].x0 == 0.85
