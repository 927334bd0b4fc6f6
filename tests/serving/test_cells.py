"""What stands in a table is text to a spreadsheet, whoever named the file."""

import pandas as pd

from melanoma.serving.cells import encode_csv


def test_texts_that_look_like_formulas_are_quoted_and_numbers_stay():
    table = pd.DataFrame({"file": ["=cmd|'/c calc'!A0", "a\rb.jpg", "plain"], "value": [-0.5, 1.0, None]})
    assert encode_csv(table) == "file,value\n'=cmd|'/c calc'!A0,-0.5\na\\rb.jpg,1.0\nplain,\n"
