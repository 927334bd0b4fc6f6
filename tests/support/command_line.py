"""The command line, called in this process."""

from click.testing import Result
from typer.testing import CliRunner

from melanoma.cli import app


def call(*words: object) -> Result:
    """`python -m melanoma WORDS` and all that it prints; an error that is no refusal is raised here."""
    return CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)
