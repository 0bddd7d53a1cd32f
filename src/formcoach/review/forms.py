"""What a browser sends: fields of a form, choices in an address. Nothing of it is trusted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlencode

from formcoach.errors import UsageError
from formcoach.pose.landmarks import Side

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from starlette.requests import Request

    from formcoach.sessions.store.trends import SessionTrend

# A long note is far shorter [D].
MAXIMUM_BYTES = 100_000
MAXIMUM_NOTE = 10_000
"""Characters of a note [D]."""
_FORM_TYPE = "application/x-www-form-urlencoded"


class TooLongError(UsageError):
    """More was sent than any form here holds."""


async def read_form(request: Request) -> dict[str, str]:
    """Return the fields of a form; of a field that comes twice, the last.

    Raises
    ------
    UsageError
        When it is no form.
    TooLongError
        When it is longer than any form here.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM_TYPE:
        raise UsageError("That was not sent by a form of these pages.")
    content = bytearray()
    async for part in request.stream():
        content += part
        if len(content) > MAXIMUM_BYTES:
            raise TooLongError("That is too long: write a shorter note.")
    fields = parse_qs(content.decode("utf-8", "replace"), keep_blank_values=True)
    return {name: values[-1] for name, values in fields.items()}


def clean_note(text: str) -> str:
    """Return the text of a note as it is kept: line breaks as one sign, nothing around it.

    Raises
    ------
    UsageError
        When nothing is left, or it is too long.
    """
    cleaned = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "").strip()
    if not cleaned:
        raise UsageError("The note is empty: write something, or remove the note.")
    if len(cleaned) > MAXIMUM_NOTE:
        raise UsageError(f"The note is too long: keep it under {MAXIMUM_NOTE:,} characters.")
    return cleaned


@dataclass(frozen=True, slots=True)
class Filter:
    """Which sessions are shown.

    Attributes
    ----------
    first, last : date or None
        Days, in the time of then and there, both included.
    exercise : str or None
        Name of the profile.
    leg : Side or None
        Sessions in which it was held, or was to be.
    """

    first: date | None = None
    last: date | None = None
    exercise: str | None = None
    leg: Side | None = None

    @classmethod
    def read(cls, query: Mapping[str, str]) -> Filter:
        """Take it from the address; what makes no sense is left out."""
        leg = query.get("leg")
        return cls(
            _day(query.get("from")),
            _day(query.get("to")),
            query.get("exercise") or None,
            Side(leg) if leg in tuple(Side) else None,
        )

    @property
    def is_set(self) -> bool:
        """Whether anything is left out."""
        return self != Filter()

    def as_query(self, **more: str) -> str:
        """Return it as the query of an address, with its question mark; empty where there is nothing to say."""
        values = {
            "from": self.first and self.first.isoformat(),
            "to": self.last and self.last.isoformat(),
            "exercise": self.exercise,
            "leg": self.leg and self.leg.value,
        } | more
        text = urlencode({name: value for name, value in values.items() if value})
        return f"?{text}" if text else ""

    def apply(self, sessions: Iterable[SessionTrend]) -> tuple[SessionTrend, ...]:
        """Return those that are shown, in their order."""
        return tuple(one for one in sessions if self._takes(one))

    def _takes(self, one: SessionTrend) -> bool:
        day = one.summary.started.date()
        if (self.first is not None and day < self.first) or (self.last is not None and day > self.last):
            return False
        if self.exercise is not None and one.summary.exercise != self.exercise:
            return False
        # Before the first hold, what was asked for counts.
        legs = one.legs or ((one.summary.leg,) if one.summary.leg is not None else tuple(Side))
        return self.leg is None or self.leg in legs


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None
