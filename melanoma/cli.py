"""The command line: `python -m melanoma COMMAND`. Each command lives in the module of its room."""

from __future__ import annotations

import os

import typer

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # TensorFlow's start-up notices are not for users

from melanoma.commands import compare, data, engine, evaluate, explain, predict, train

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, add_completion=False)
for command in (
    data.audit,
    train.train,
    train.blend,
    train.join,
    train.erase,
    evaluate.evaluate,
    compare.compare,
    predict.predict,
    predict.score,
    explain.explain,
    explain.explain_check,
    engine.export,
    engine.bench,
):
    app.command()(command)


@app.callback()
def main() -> None:
    """Skin-lesion photos: audit, train, evaluate, predict, explain. Research use only; not a medical device."""
