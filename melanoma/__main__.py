"""`python -m melanoma`: the command line."""

from melanoma.cli import app

app(prog_name="python -m melanoma")
