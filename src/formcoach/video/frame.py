"""A frame, and what every source of frames has in common."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import TracebackType

    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One picture of a source.

    Attributes
    ----------
    index : int
        Position among the frames that could be decoded, from 0.
    time_s : float
        Seconds since the first frame, from the container or a monotonic clock, never ``index / fps``.
        Strictly greater than that of the frame before.
    image : ndarray of uint8, shape (height, width, 3)
        Blue, green, red; upright (rotation metadata is applied) and never mirrored.
    """

    index: int
    time_s: float
    image: NDArray[np.uint8]

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.image.shape[1], self.image.shape[0]


class SourceKind(StrEnum):
    """What a source is; the value is the word used in ``session.json``."""

    VIDEO = "video"
    ANIMATION = "animation"
    PHOTO = "photo"
    CAMERA = "camera"
    STREAM = "stream"

    @property
    def is_live(self) -> bool:
        """Whether frames arrive in their own time and cannot be read a second time."""
        return self in (SourceKind.CAMERA, SourceKind.STREAM)


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """What is known of a source before its first frame is read.

    Attributes
    ----------
    name : str
        File name, camera or address without credentials, for people to read; no folder of the user's machine.
    kind : SourceKind
        What it is.
    width, height : int
        Pixels of the upright picture.
    fps : float or None
        Nominal frames per second; None for a photo or where the source does not say.
    duration_s : float or None
        Seconds, as the container claims; None where it does not say.
    rotation_deg : int
        Rotation metadata that was applied, degrees counter-clockwise: 0, 90, 180 or 270.
    frame_count : int or None
        Number of frames that the container claims; None where it does not say.
    """

    name: str
    kind: SourceKind
    width: int
    height: int
    fps: float | None = None
    duration_s: float | None = None
    rotation_deg: int = 0
    frame_count: int | None = None


class FrameSource(Protocol):
    """A source of frames: iterate once, then close; also a context manager."""

    @property
    def info(self) -> SourceInfo:
        """What is known of the source."""

    @property
    def skipped_frames(self) -> int:
        """How many frames could not be decoded so far."""

    def __iter__(self) -> Iterator[Frame]:
        """Yield the frames in order of time."""

    def close(self) -> None:
        """Release the file or the device; may be called twice."""

    def __enter__(self) -> Self:
        """Return the source itself."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the source."""


class SourceBase:
    """What the sources share: information, the count of skipped frames and the context manager."""

    _skipped_frames = 0

    def __init__(self, info: SourceInfo) -> None:
        self._info = info

    @property
    def info(self) -> SourceInfo:
        """What is known of the source."""
        return self._info

    @property
    def skipped_frames(self) -> int:
        """How many frames could not be decoded so far."""
        return self._skipped_frames

    def close(self) -> None:
        """Release what the source holds; may be called twice."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class IncreasingClock:
    """Makes the time stamps of a source start at 0 and strictly increase.

    A stamp that stands still or goes back (damaged containers, some screen recorders) is moved to
    ``minimum_step_s`` after the one before; a missing stamp to ``nominal_step_s`` after it.

    Parameters
    ----------
    nominal_step_s
        Seconds from frame to frame where the source gives no stamp.
    minimum_step_s
        The smallest step, one millisecond by default: MediaPipe's clock ticks in whole milliseconds.
    """

    def __init__(self, nominal_step_s: float, minimum_step_s: float = 1e-3) -> None:
        self._nominal_step_s = nominal_step_s
        self._minimum_step_s = minimum_step_s
        self._origin_s: float | None = None
        self._last_s: float | None = None

    def stamp(self, raw_s: float | None) -> float:
        """Return the seconds since the first frame for a raw stamp of the source (None: it gave none)."""
        if self._last_s is None:
            self._origin_s = raw_s
            self._last_s = 0.0
            return 0.0
        if raw_s is None:
            time_s = self._last_s + self._nominal_step_s
        else:
            if self._origin_s is None:
                self._origin_s = raw_s - self._last_s - self._nominal_step_s
            time_s = raw_s - self._origin_s
        self._last_s = max(time_s, self._last_s + self._minimum_step_s)
        return self._last_s


class SteadyClock:
    """A clock that starts at 0 and never goes back; a jump forward stays a jump.

    Parameters
    ----------
    clock
        Returns seconds.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._raw_s: float | None = None
        self._now_s = 0.0

    def start(self) -> None:
        """Let the time run; further calls change nothing."""
        if self._raw_s is None:
            self._raw_s = self._clock()

    def now(self) -> float:
        """Return the seconds since the start; 0 before it."""
        if self._raw_s is not None:
            raw_s = self._clock()
            self._now_s += max(0.0, raw_s - self._raw_s)
            self._raw_s = raw_s
        return self._now_s
