"""Reads the tables of a TOML document value by value and collects what is wrong with them."""

from __future__ import annotations

import math
from enum import StrEnum
from typing import Any, TypeVar

# More than this at once is no longer read.
MAXIMUM_FAULTS = 3
# Stands for a table that is not in the file.
_MISSING: dict[str, Any] = {}

_Kind = TypeVar("_Kind", bound=StrEnum)


class TableReader:
    """What the reader of a document is made on: each fault is noted, and something harmless returned in its place."""

    def __init__(self) -> None:
        self._faults: list[str] = []

    def _complaint(self) -> str:
        shown, rest = self._faults[:MAXIMUM_FAULTS], len(self._faults) - MAXIMUM_FAULTS
        return "; ".join(shown) + (f"; and {rest} more" if rest > 0 else "")

    def _float(self, where: str, table: dict[str, Any], key: str) -> float:
        value = table.get(key, 0.0)
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            self._faults.append(f"{where}: {key} must be a number")
            return 0.0
        return float(value)

    def _text(self, where: str, table: dict[str, Any], key: str) -> str:
        value = table.get(key, "-")
        if not isinstance(value, str) or not value.strip():
            self._faults.append(f"{where}: {key} must be a text that is not empty")
            return ""
        return value

    def _choice(self, where: str, table: dict[str, Any], key: str, kind: type[_Kind]) -> _Kind | None:
        value = table.get(key)
        try:
            return kind(value) if value is not None else None
        except ValueError:
            self._faults.append(f"{where}: {key} '{value}' is unknown, use one of {', '.join(kind)}")
            return None

    def _table(self, table: dict[str, Any], key: str, where: str = "the file") -> dict[str, Any]:
        value = table.get(key, _MISSING)
        if not isinstance(value, dict):
            self._faults.append(f"{where}: {key} must be a table")
            return _MISSING
        return value

    def _check_keys(self, where: str, table: dict[str, Any], known: set[str], required: set[str] | None = None) -> None:
        if table is _MISSING:
            return  # what holds it has complained
        required = known if required is None else required
        self._faults += [f"{where} has an unknown key '{key}'" for key in sorted(set(table) - known)]
        self._faults += [f"{where} lacks '{key}'" for key in sorted(required - set(table))]
