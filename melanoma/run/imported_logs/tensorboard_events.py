"""Scalars of a TensorBoard event file, from bytes in memory.

The records' frame is read here; what is inside is read with the messages that `tensorboard` (light) or
TensorFlow (slow to load) brings. Files are never needed on disk.
"""

from __future__ import annotations

import importlib
import math
import re
from collections.abc import Iterator
from pathlib import PurePosixPath

import numpy as np
import pandas as pd

from melanoma.run.half_written import RECORD_LEFT_OUT
from melanoma.run.imported_logs.error import LogError
from melanoma.run.imported_logs.names import VALIDATION_WORDS, canonical
from melanoma.run.imported_logs.table import LogTable, check_size

MESSAGES = ("tensorboard.compat.proto.event_pb2", "tensorflow.core.util.event_pb2")
DTYPES = {1: "<f4", 2: "<f8", 3: "<i4", 9: "<i8", 19: "<f2"}  # TensorFlow's DataType: float, double, int32, int64, half
VERSION = "brain.Event:"


class EventsError(ValueError):
    """An event file that cannot be read; the message continues a sentence that begins with the file's name."""


class NoScalarsError(EventsError):
    """An event file with no scalar, or none yet."""


def read_events(contents: dict[str, bytes], notes: list[str]) -> LogTable:
    """Steps and one column a tag, from event files by their paths. notes: gets what was left out.

    A file in a folder such as `validation`, or with such a word before `tfevents` in its name, is of that part.
    Raises LogError.
    """
    series: dict[str, dict[int, float]] = {}
    empty: dict[str, EventsError] = {}
    for path, content in contents.items():
        part = "val/" if VALIDATION_WORDS & _words_of_place(path) else ""
        try:
            by_tag = scalars(content, notes)
        except NoScalarsError as error:
            empty[path] = error
            continue
        except EventsError as error:
            raise LogError(f"{path} {error}") from error
        for tag, values in by_tag.items():
            name = tag if canonical(tag).startswith("val_") else part + tag
            series.setdefault(name, {}).update(values)
    if not series:
        path, why = next(iter(empty.items()))
        raise LogError(f"{path} {why}")
    if empty:
        notes.append(f"left out, for it holds no scalars: {', '.join(empty)}")
    by_epoch = {tag: values for tag, values in series.items() if "epoch_" in tag}
    if by_epoch and len(by_epoch) < len(series):
        notes.append("what it logged by batch is left out")
    check_size(next(iter(contents)), max(map(len, series.values())), len(series))
    table = pd.DataFrame({tag: pd.Series(values) for tag, values in (by_epoch or series).items()}).sort_index()
    columns = (("step", table.index.to_numpy()), *((str(tag), table[tag].to_numpy()) for tag in table))
    return LogTable("TensorBoard scalars", columns, certain=True)


def _words_of_place(path: str) -> set[str]:
    """Words of a file's folder and of its name up to `tfevents`; after that comes the computer's name."""
    place = PurePosixPath(path.replace("\\", "/"))
    return set(re.split(r"[^a-z]+", f"{place.parent.name} {place.name.split('tfevents')[0]}".lower()))


def scalars(content: bytes, notes: list[str]) -> dict[str, dict[int, float]]:
    """Tag -> step -> value of an event file's scalars; what is logged twice counts as logged last.

    notes: gets that a last record is left out, as it is still being written. Raises EventsError.
    """
    event_type = _event_type()
    by_tag: dict[str, dict[int, float]] = {}
    cut: list[str] = []
    try:
        for number, record in enumerate(_records(content, cut)):
            event = event_type.FromString(record)
            if number == 0 and not event.file_version.startswith(VERSION):
                break
            for value in event.summary.value:
                if (scalar := _scalar(value)) is not None:
                    by_tag.setdefault(value.tag, {})[event.step] = scalar
    except _decode_error() as error:
        raise EventsError("is damaged: it cannot be read as an event file of TensorBoard.") from error
    if not by_tag:
        what_to_do = ": open it again after the first epoch" if cut else ""
        raise NoScalarsError(f"holds no scalars of TensorBoard{what_to_do}.")
    notes += cut
    return by_tag


def _event_type():
    for module in MESSAGES:
        try:
            return importlib.import_module(module).Event
        except ModuleNotFoundError:
            continue
    raise EventsError("needs the package `tensorboard` to be read: `pip install tensorboard`.")


def _decode_error() -> type[Exception]:
    return importlib.import_module("google.protobuf.message").DecodeError


def _records(content: bytes, cut: list[str]) -> Iterator[bytes]:
    """TFRecord frames: length (8 bytes), its checksum (4), the record, its checksum (4). cut: gets RECORD_LEFT_OUT."""
    at = 0
    while at < len(content):
        length = int.from_bytes(content[at : at + 8], "little")
        end = at + 12 + length
        if end + 4 > len(content):
            cut.append(RECORD_LEFT_OUT)
            return
        yield content[at + 12 : end]
        at = end + 4


def _scalar(value) -> float | None:
    """A summary's number: as TensorBoard's first version and PyTorch write it, or as a tensor without dimensions."""
    kind = value.WhichOneof("value")
    if kind == "simple_value":
        number = value.simple_value
    elif kind == "tensor" and not value.tensor.tensor_shape.dim and value.tensor.dtype in DTYPES:
        tensor = value.tensor
        dtype = np.dtype(DTYPES[tensor.dtype])
        listed = [*tensor.float_val, *tensor.double_val, *tensor.int_val, *tensor.int64_val]
        if len(tensor.tensor_content) >= dtype.itemsize:
            number = float(np.frombuffer(tensor.tensor_content, dtype, 1)[0])
        elif listed:
            number = listed[0]
        else:
            return None
    else:
        return None
    return float(number) if math.isfinite(number) else math.nan
