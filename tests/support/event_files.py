"""TensorBoard event files for tests, written without TensorFlow."""

import struct

import pytest


def events(*records: tuple[int, str, float]) -> bytes:
    """An event file with (step, tag, value) records, framed as TFRecords (checksums are not looked at)."""
    messages = pytest.importorskip("tensorboard.compat.proto.event_pb2")
    written = [messages.Event(file_version="brain.Event:2")]
    for step, tag, value in records:
        event = messages.Event(step=step)
        event.summary.value.add(tag=tag, simple_value=value)
        written.append(event)
    framed = []
    for event in written:
        record = event.SerializeToString()
        framed.append(struct.pack("<QI", len(record), 0) + record + struct.pack("<I", 0))
    return b"".join(framed)
