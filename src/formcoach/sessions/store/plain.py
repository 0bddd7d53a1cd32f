"""Frozen dataclasses as JSON and back, exactly: what a program wrote is rebuilt equal to the last bit."""

from __future__ import annotations

import dataclasses
import json
import math
from enum import Enum, IntEnum
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from formcoach.pose.landmarks import Side

_Kind = TypeVar("_Kind")

# Names that the dataclasses import for type checkers alone.
_NAMES = {"Side": Side}


def to_text(value: object) -> str:
    """Return a dataclass as JSON text; NaN becomes null, an `IntEnum` its name, another enum its value."""
    return json.dumps(to_plain(value), ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def from_text(kind: type[_Kind], text: str) -> _Kind:
    """Rebuild what `to_text` wrote.

    Raises
    ------
    ValueError
        When the text is not JSON or does not fit; see `from_plain`.
    """
    return from_plain(kind, json.loads(text))


def to_plain(value: object) -> Any:
    """Return a value in plain JSON types."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {one.name: to_plain(getattr(value, one.name)) for one in dataclasses.fields(value)}
    if isinstance(value, IntEnum):
        return value.name
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {to_plain(key): to_plain(one) for key, one in value.items()}
    if isinstance(value, tuple | list):
        return [to_plain(one) for one in value]
    return value


def from_plain(kind: type[_Kind], value: object) -> _Kind:
    """Rebuild a value of a type from plain JSON types.

    A key that the dataclass does not have is left out, and one that the text does not have takes its default: other
    versions of the program may have written more or less.

    Raises
    ------
    ValueError
        When it does not fit the type.
    """
    try:
        return cast("_Kind", _rebuild(kind, value))
    except (TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"no {getattr(kind, '__name__', kind)}: {error}") from error


def _rebuild(kind: Any, value: Any) -> Any:
    origin = get_origin(kind)
    if origin in (Union, UnionType):
        if value is None and NoneType in get_args(kind):
            return None
        (inner,) = (one for one in get_args(kind) if one is not NoneType)
        return _rebuild(inner, value)
    if origin is tuple:
        inner, *_ = get_args(kind)
        return tuple(_rebuild(inner, one) for one in value)
    if origin is dict:
        of_key, of_value = get_args(kind)
        return {_rebuild(of_key, key): _rebuild(of_value, one) for key, one in value.items()}
    if dataclasses.is_dataclass(kind):
        types = _field_types(cast("type", kind))
        make = cast("Any", kind)
        return make(**{name: _rebuild(types[name], one) for name, one in value.items() if name in types})
    return _rebuild_single(kind, value)


def _rebuild_single(kind: Any, value: Any) -> Any:
    if issubclass(kind, IntEnum):
        return kind[value]
    if issubclass(kind, Enum):
        return kind(value)
    if kind is float:
        return math.nan if value is None else float(value)
    if not isinstance(value, kind):
        raise TypeError(f"{value!r} is not of type {kind.__name__}")
    return value


@cache
def _field_types(kind: type) -> dict[str, Any]:
    return get_type_hints(kind, localns=_NAMES)
