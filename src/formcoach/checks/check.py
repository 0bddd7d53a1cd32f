"""One thing that was checked, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class Verdict(StrEnum):
    """What came of a check, from good to bad; the value is the word that is shown."""

    OK = "ok"
    HINT = "hint"
    FAILURE = "failure"


def worst_verdict(checks: Iterable[Check]) -> Verdict:
    """Return the gravest verdict of several checks."""
    order = list(Verdict)
    return max((one.verdict for one in checks), key=order.index, default=Verdict.OK)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was checked.

    Attributes
    ----------
    name : str
        What was looked at.
    verdict : Verdict
        A failure keeps ``formcoach analyze`` and ``demo`` from working; a hint only limits ``formcoach live``.
    detail : str
        What was found; no full stop.
    remedy : str
        What to do, the end of the sentence that `detail` begins; empty when all is well.
    """

    name: str
    verdict: Verdict
    detail: str
    remedy: str = ""

    @classmethod
    def ok(cls, name: str, detail: str) -> Check:
        """Return that all is well."""
        return cls(name, Verdict.OK, detail)

    @classmethod
    def from_error(cls, name: str, verdict: Verdict, error: Exception) -> Check:
        """Turn an error whose message reads "what is wrong: what to do" into a check."""
        detail, _, remedy = str(error).partition(": ")
        return cls(name, verdict, detail, remedy)

    @property
    def sentence(self) -> str:
        """What was found, and what to do about it."""
        return f"{self.detail}: {self.remedy}" if self.remedy else self.detail
