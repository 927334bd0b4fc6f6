"""Records <-> rows of tables, by the names of their fields."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Mapping
from functools import cache
from typing import Any, TypeVar

import msgspec
import sqlalchemy as sql

from melanoma.casebook.error import CasebookError
from melanoma.casebook.records import JSON

T = TypeVar("T")
DATES = (datetime.datetime, datetime.date)


def to_row(record: Any) -> dict[str, Any]:
    """Field -> what its column takes: tuples and what is in them as JSON, the rest as it is."""
    row = {field.name: getattr(record, field.name) for field in dataclasses.fields(record)}
    return {name: msgspec.to_builtins(value) if isinstance(value, tuple) else value for name, value in row.items()}


def to_json(record: Any) -> JSON:
    """Field -> value as JSON holds it, as the history keeps it."""
    return msgspec.to_builtins(record)


@cache
def _list_fields(type_: Any) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(type_))


def from_row(type_: type[T], row: sql.Row | Mapping[str, Any]) -> T:
    """A record of the type; CasebookError where the row is none, as only a damaged casebook has."""
    mapping = row if isinstance(row, Mapping) else row._mapping
    values = {name: mapping[name] for name in _list_fields(type_)}  # type: ignore[arg-type]
    try:
        return msgspec.convert(values, type_, builtin_types=DATES)
    except (msgspec.ValidationError, CasebookError) as error:
        raise CasebookError(f"The casebook holds a {type_.__name__.lower()} that makes no sense: {error}") from error
