"""What a live feed tells of itself, and how patient it is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from formcoach.video.health import PictureFault


class FeedState(StrEnum):
    """How a feed is doing."""

    RUNNING = "running"
    LOST = "lost"
    """No frames come; it tries by itself to get them back."""
    ENDED = "ended"
    """No more will come: a file is over, or the feed was closed."""


@dataclass(frozen=True, slots=True)
class FeedReport:
    """How a feed is doing.

    Attributes
    ----------
    state : FeedState
        The state now.
    problem : str or None
        One sentence: what is wrong and what to do. None while it runs, and for a file that came to its end.
    fps : float
        Frames a second that arrived over the last two seconds; NaN before that is known and while none come.
    received : int
        Frames that arrived.
    overtaken : int
        Those of them that nobody took before the next was there.
    reconnections : int
        How often the source was opened anew and gave frames again.
    picture_fault : PictureFault or None
        What is wrong with the pictures of the last second.
    """

    state: FeedState
    problem: str | None
    fps: float
    received: int
    overtaken: int
    reconnections: int
    picture_fault: PictureFault | None


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a feed waits; all numbers are choices [D].

    Attributes
    ----------
    silence_s : float
        A source that gives no frame for so long is lost, whether its read returns or hangs. Seconds.
    opening_s : float
        Opening may take so long until the first frame: cameras need seconds, streams have a time limit of their own.
    pauses_s : tuple of float
        Before each attempt to open a lost source again; the last one is repeated. At least one.
    """

    silence_s: float = 2.0
    opening_s: float = 20.0
    pauses_s: tuple[float, ...] = (0.5, 1.0, 2.0, 5.0)
