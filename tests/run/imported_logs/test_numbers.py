"""Cells become numbers."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from melanoma.run.imported_logs.numbers import find_decimal_mark, read_number, read_numbers


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("0.5", 0.5),
        ("0,5", 0.5),
        (" '0.5' ", 0.5),
        (".41", 0.41),
        ("5e-05", 5e-5),
        ("5,5E-05", 5.5e-5),
        ("−1.5", -1.5),
        ("1,234.5", 1234.5),
        ("1.234,5", 1234.5),
        ("1 234,5", 1234.5),
        ("1\u202f234", 1234),
        ("1'234.5", 1234.5),
        ("1,234,567", 1234567),
        ("45.5 %", 0.455),
        ("31.5s", 31.5),
        ("00:45", 45),
        ("1:02:03", 3723),
        ("tensor(1.5, device='cuda:0')", 1.5),
        ("np.float64(0.25)", 0.25),
        (3, 3),
    ],
)
def test_a_number_is_read_however_it_is_written(cell, number):
    assert read_number(cell) == pytest.approx(number)


@pytest.mark.parametrize(
    "cell", ["", "nan", "N/A", "null", "-", "#DIV/0!", "inf", "1e999", "best", "3 of 5", None, True, [1], 10**400]
)
def test_what_is_no_number_is_none(cell):
    assert math.isnan(read_number(cell))


@pytest.mark.parametrize(("decimal", "number"), [(".", 1234.0), (",", 1.234)])
def test_three_digits_after_a_comma_follow_the_table(decimal, number):
    assert read_number("1,234", decimal) == number


@pytest.mark.parametrize(
    ("columns", "separator", "decimal", "unsure"),
    [
        ([["1,234", "0,5"]], ",", ",", False),
        ([["1,234", "0.5"]], ",", ".", False),
        ([["1,234", "2,345"]], ";", ",", True),
        ([["1,234", "2,345"]], ",", ".", True),
        ([["1,234,567"]], ";", ".", False),
        ([["0,5", "0,6", "0.5"]], ";", ",", True),
        ([["1.234", "2.345"]], ";", ".", False),
        ([["1"] * 2000, ["0,5"]], ";", ",", False),
    ],
)
def test_the_decimal_mark_of_a_table(columns, separator, decimal, unsure):
    mark, note = find_decimal_mark(columns, separator)
    assert (mark, note is not None) == (decimal, unsure)


def test_a_unit_in_the_cell_goes_before_that_of_the_column():
    assert read_number("45 %", factor=0.01) == pytest.approx(0.45)


def test_a_column_that_begins_with_blank_cells_is_read():
    assert read_numbers([""] * 5000 + ["1.5"])[-1] == 1.5


@given(st.floats(-1e6, 1e6), st.sampled_from(",."))
def test_any_number_survives_either_mark(number, mark):
    text = f"{number:.5f}".replace(".", mark)
    assert read_number(text, mark) == pytest.approx(round(number, 5))
