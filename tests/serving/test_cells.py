"""What stands in a table is text to a spreadsheet, whoever named the file."""

import pandas as pd
import pytest

from melanoma.serving.cells import encode_csv, plain_cell


def test_texts_that_look_like_formulas_are_quoted_and_numbers_stay():
    table = pd.DataFrame({"file": ["=cmd|'/c calc'!A0", "a\rb.jpg", "plain"], "value": [-0.5, 1.0, None]})
    assert encode_csv(table) == "file,value\n'=cmd|'/c calc'!A0,-0.5\na\\rb.jpg,1.0\nplain,\n"


@pytest.mark.parametrize(
    "name", ["=1+1", "+1", "-1", "@sum(a1)", "\t=1", " =1", "\n=1", "\u3000=1", "＝1", "＋1", "－1", "＠x"]
)
def test_a_name_is_no_formula_whatever_it_begins_with(name):
    assert plain_cell(name).startswith(("'", "\\"))


@pytest.mark.parametrize("name", ["lesion 1.jpg", "a-b=c.jpg", " left.jpg", "'quoted"])
def test_an_ordinary_name_stays(name):
    assert plain_cell(name) == name
