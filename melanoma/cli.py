"""The command line: `python -m melanoma COMMAND`. Each command is a function of a module of its name or group."""

from __future__ import annotations

import os
from collections.abc import Callable

import typer

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # TensorFlow's start-up notices are not for users

from melanoma.commands import (
    audit,
    bench,
    casebook,
    compare,
    derive,
    evaluate,
    explain,
    explain_check,
    export,
    neighbours,
    plan,
    predict,
    score,
    serve_api,
    train,
)
from melanoma.commands.console import refuse

GROUPS: dict[str, tuple[Callable, ...]] = {
    "Use": (predict.predict, score.score, explain.explain, serve_api.serve_api, serve_api.api_key),
    "Make": (train.train, train.remake, derive.ensemble, derive.average, derive.erase, export.export),
    "Measure": (
        evaluate.evaluate,
        compare.compare,
        neighbours.neighbours,
        explain_check.explain_check,
        audit.audit,
        bench.bench,
        plan.plan,
    ),
}
FORMER_NAMES = {"join": "ensemble", "blend": "average"}

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, add_completion=False)
for group, commands in GROUPS.items():
    for command in commands:
        app.command(rich_help_panel=group)(command)
app.add_typer(casebook.casebook, name="casebook", rich_help_panel="Use")


@app.callback()
def main() -> None:
    """Photos of skin lesions: predict, explain, train, evaluate. Research use only, not a medical device."""


def name_successor(context: typer.Context) -> None:
    """Say what the command is called now."""
    raise refuse(f"{context.info_name} is called {FORMER_NAMES[str(context.info_name)]} now.")


for former in FORMER_NAMES:
    app.command(former, hidden=True, context_settings={"allow_extra_args": True, "ignore_unknown_options": True})(
        name_successor
    )
