"""Scalars of a TensorBoard event file, from bytes in memory.

The records' frame is read here; what is inside is read with the messages that `tensorboard` (light) or
TensorFlow (slow to load) brings. Files are never needed on disk.
"""

from __future__ import annotations

import importlib
import math
import struct
from collections.abc import Iterator

import numpy as np

MESSAGES = ("tensorboard.compat.proto.event_pb2", "tensorflow.core.util.event_pb2")
DTYPES = {1: "<f4", 2: "<f8", 3: "<i4", 9: "<i8", 19: "<f2"}  # TensorFlow's DataType: float, double, int32, int64, half
VERSION = "brain.Event:"


class EventsError(ValueError):
    """An event file that cannot be read; the message continues a sentence that begins with the file's name."""


def scalars(content: bytes) -> dict[str, dict[int, float]]:
    """Tag -> step -> value of an event file's scalars; what is logged twice counts as logged last.

    A last record that is still being written is left out. Raises EventsError.
    """
    event_type = _event_type()
    found: dict[str, dict[int, float]] = {}
    try:
        for number, record in enumerate(_records(content)):
            event = event_type.FromString(record)
            if number == 0 and not event.file_version.startswith(VERSION):
                break
            for value in event.summary.value:
                if (scalar := _scalar(value)) is not None:
                    found.setdefault(value.tag, {})[event.step] = scalar
    except _decode_error() as error:
        raise EventsError("is damaged: it cannot be read as an event file of TensorBoard.") from error
    if not found:
        raise EventsError("holds no scalars of TensorBoard.")
    return found


def _event_type():
    for module in MESSAGES:
        try:
            return importlib.import_module(module).Event
        except ModuleNotFoundError:
            continue
    raise EventsError("needs the package `tensorboard` to be read: `pip install tensorboard`.")


def _decode_error() -> type[Exception]:
    return importlib.import_module("google.protobuf.message").DecodeError


def _records(content: bytes) -> Iterator[bytes]:
    """TFRecord frames: length (8 bytes), its checksum (4), the record, its checksum (4)."""
    at = 0
    while at + 12 <= len(content):
        (length,) = struct.unpack_from("<Q", content, at)
        end = at + 12 + length
        if end + 4 > len(content):
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
