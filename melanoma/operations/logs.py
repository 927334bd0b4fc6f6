"""Logs that say what went wrong and where, and nothing of what the program was working on.

The message of an exception may hold a file's name or a value: of an exception the type and the lines of code are
logged, and no message.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import threading
import time
import traceback
from types import TracebackType
from typing import Any

AS_JSON = "MELANOMA_LOGS"  # =json: one JSON object a line
LOG = logging.getLogger("melanoma.faults")


def keep_content_out() -> None:
    """For every logger of this process from now on, and for exceptions that nothing caught."""
    make, as_json = logging.getLogRecordFactory(), os.environ.get(AS_JSON) == "json"

    def make_record(*arguments: Any, **more: Any) -> logging.LogRecord:
        record = make(*arguments, **more)
        fault = record.exc_info[1] if record.exc_info else None
        record.exc_info = None
        if as_json:
            record.msg, record.args = write_json(record, fault), None
        elif fault is not None:
            record.exc_text = describe_fault(fault)
        return record

    logging.setLogRecordFactory(make_record)
    sys.excepthook = log_fault
    threading.excepthook = lambda details: log_fault(details.exc_type, details.exc_value, details.exc_traceback)
    sys.unraisablehook = lambda details: log_fault(details.exc_type, details.exc_value, details.exc_traceback)


def log_fault(kind: type[BaseException], fault: BaseException | None, _: TracebackType | None) -> None:
    """One that nothing caught."""
    if not issubclass(kind, SystemExit | KeyboardInterrupt):
        LOG.critical("nothing caught this fault", exc_info=fault or kind())


def describe_fault(fault: BaseException) -> str:
    """Type and places of an exception and of those that led to it, the first one first."""
    lines: list[str] = []
    one: BaseException | None = fault
    while one is not None:
        places = (
            f"  {place.filename}:{place.lineno} {place.name}" for place in traceback.extract_tb(one.__traceback__)
        )
        lines[:0] = [type(one).__name__, *places]
        one = one.__cause__ or (None if one.__suppress_context__ else one.__context__)
    return "\n".join(lines)


def write_json(record: logging.LogRecord, fault: BaseException | None) -> str:
    """A record as one line."""
    facts = {
        "time": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created)) + f".{int(record.msecs):03}Z",
        "level": record.levelname,
        "logger": record.name,
        "message": record.getMessage(),
    }
    return json.dumps(facts | ({"fault": describe_fault(fault).splitlines()} if fault else {}))
