"""The end of a file that is still being written is not to be trusted: a number that is cut looks whole, 0.1 of 0.123.

A number counts once something follows it, a line end or the next cell; a row, once it has all its cells; a record, once
all its bytes are there. What is in brackets says by itself where it ends. A file of ours ends each row with a line end.
"""

# Parts of a sentence, for the notes on a log
NUMBER_LEFT_OUT = "its last row has no line end, so its last number may be cut and is left out"
ROW_LEFT_OUT = "its last row is half written and is left out until it is complete"
RECORD_LEFT_OUT = "its last record is half written and is left out until it is complete"


def take_whole_lines(text: str) -> str:
    """A text up to its last line end."""
    return text[: text.rfind("\n") + 1]
