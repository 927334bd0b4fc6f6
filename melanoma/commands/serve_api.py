"""`serve-api` and `api-key`: answers for other software, and who may ask."""

from __future__ import annotations

import logging
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from melanoma.commands.arguments import Models, RunOption
from melanoma.commands.console import refuse, refuse_errors, say, show
from melanoma.documents.wording import RESEARCH_USE
from melanoma.run import DEFAULT_RUN, MODELS, RunError, find_run

LOOPBACK = ("127.0.0.1", "localhost", "::1")
MISSING = "FastAPI is not installed. Run `pip install 'melanoma[server]'`, or `pip install -e '.[server]'` in a clone."

KeysFile = Annotated[
    Path | None,
    typer.Option("--keys", metavar="FILE", envvar="MELANOMA_API_KEYS", help="Hashes of the keys that may ask."),
]


def serve_api(
    run: RunOption = DEFAULT_RUN,
    host: Annotated[str, typer.Option("--host", help="Address to listen at. Others than localhost need --keys.")] = (
        "127.0.0.1"
    ),
    port: Annotated[int, typer.Option("--port", min=0, max=65535)] = 8502,
    keys_file: KeysFile = None,
    models: Models = MODELS,
) -> None:
    """Answer other software over HTTP until Ctrl-C; see melanoma/api/README.md."""
    if find_spec("fastapi") is None or find_spec("python_multipart") is None:
        raise refuse(MISSING)
    import uvicorn

    from melanoma.api.keys import Keys, KeysError, read_keys
    from melanoma.api.server import make_api
    from melanoma.serving import Classifier

    if host not in LOOPBACK and keys_file is None:
        raise refuse(
            f"Whoever reaches {host} could ask. Make a key with `python -m melanoma api-key`, and name --keys."
        )
    with refuse_errors(RunError, KeysError):
        keys = read_keys(keys_file) if keys_file else Keys({})
        api = make_api(Classifier.open(find_run(run, models)), keys)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    asked = f"keys: {len(keys.names)}" if keys.names else "no key needed"
    say(f"http://{host}:{port}/v1/lesions answers; {asked}. {RESEARCH_USE}")
    # Its own log of requests would hold addresses with whatever follows the question mark.
    uvicorn.run(api, host=host, port=port, access_log=False, log_level="warning", server_header=False)


def api_key(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Who gets the key: a word.")],
    keys_file: Annotated[Path, typer.Option("--keys", metavar="FILE", help="File to add its hash to.")],
) -> None:
    """Make a key for `serve-api`, and print it this once; the file gets its hash."""
    from melanoma.api.keys import KeysError, add_key

    with refuse_errors(KeysError):
        key = add_key(keys_file, name)
    show(key)
    say(f"{keys_file} holds its hash. The key is not shown again.")
