"""Video files, animated GIFs and streams, decoded by PyAV (FFmpeg)."""

from __future__ import annotations

import logging
from contextlib import suppress
from itertools import chain, islice
from typing import TYPE_CHECKING, Self

import av
import av.error
import numpy as np

from formcoach.errors import SourceError, printable
from formcoach.video.frame import Frame, IncreasingClock, SourceBase, SourceInfo, SourceKind
from formcoach.video.photo import check_size
from formcoach.video.sources import without_credentials

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from pathlib import Path

    from av.container import InputContainer
    from av.video.frame import VideoFrame
    from numpy.typing import NDArray

logger = logging.getLogger(__name__)

STREAM_TIMEOUT_S = 10.0
DEFAULT_FPS = 30.0
# Somebody who looks for a picture this far on or further searches the file; nearer ones are quicker to decode up to.
_SEARCH_FROM_S = 10.0
# Time stamps are rounded to the ticks of a container; frames lie further apart.
_SAME_TIME_S = 0.001
# A camera that serves JPEG pictures over HTTP gives no time stamps: the moment of arrival is the stamp.
_UNSTAMPED_FORMATS = ("mpjpeg", "mjpeg")


class ContainerSource(SourceBase):
    """Frames of a container that FFmpeg can read; use `from_file` or `from_url`.

    Rotation metadata is applied; time stamps are the container's own, so a variable frame rate is kept.
    A packet that cannot be decoded is skipped and counted.
    """

    def __init__(self, container: InputContainer, name: str, kind: SourceKind, *, low_delay: bool = False) -> None:
        self._container = container
        self._stream = container.streams.video[0]
        # Threads that each decode a frame of their own are faster, but hand every frame over some frames late.
        self._stream.thread_type = "SLICE" if low_delay else "AUTO"
        self._frames = self._decode()
        self._first = next(self._frames, None)
        if self._first is None:
            container.close()
            raise SourceError(
                f"The stream '{name}' gives no pictures: check that the camera is switched on."
                if kind is SourceKind.STREAM
                else f"'{name}' has no picture that can be read: it is damaged; record or copy it again."
            )
        rotation_deg = int(self._first.rotation) % 360
        width, height = self._first.width, self._first.height
        if rotation_deg in (90, 270):
            width, height = height, width
        check_size(name, width, height)
        fps = self._stream.average_rate or self._stream.guessed_rate
        super().__init__(
            SourceInfo(
                name,
                kind,
                width,
                height,
                fps=float(fps) if fps else None,
                duration_s=_duration_s(container),
                rotation_deg=rotation_deg,
                frame_count=self._stream.frames or None,
            )
        )

    @classmethod
    def from_file(cls, path: Path) -> Self:
        """Open a video file or an animated GIF.

        Raises
        ------
        SourceError
            When it is not a video or is damaged beyond reading.
        """
        container = _open_container(str(path), f"'{path}'", "is not a video or photo that can be read: it is another"
                                    " kind of file, damaged or cut short; record or copy it again")  # fmt: skip
        kind = SourceKind.ANIMATION if container.format.name == "gif" else SourceKind.VIDEO
        return cls._with_video(container, printable(path.name), kind)

    @classmethod
    def from_url(cls, url: str, *, low_delay: bool = False) -> Self:
        """Open a stream by its address.

        Parameters
        ----------
        url
            The address.
        low_delay
            Whether each frame is wanted as early as can be, rather than as many as can be.

        Raises
        ------
        SourceError
            When nothing answers at the address, or what answers is not a video.
        """
        try:
            name = without_credentials(url)
        except ValueError as error:
            # The address is not repeated: a name and a password may stand in it.
            raise SourceError("The address of a stream has a mistake in it: check its spelling.") from error
        container = _open_container(url, f"The stream '{name}'", "cannot be opened: check the address, that the camera"
                                    " is switched on and that this machine can reach it")  # fmt: skip
        return cls._with_video(container, name, SourceKind.STREAM, low_delay=low_delay)

    @classmethod
    def _with_video(cls, container: InputContainer, name: str, kind: SourceKind, *, low_delay: bool = False) -> Self:
        if not container.streams.video:
            container.close()
            raise SourceError(f"'{name}' has sound but no picture: record it again with video.")
        return cls(container, name, kind, low_delay=low_delay)

    def __iter__(self) -> Iterator[Frame]:
        stamps = IncreasingClock(1.0 / (self.info.fps or DEFAULT_FPS))
        index = 0
        first, self._first = self._first, None
        if first is not None:
            yield Frame(index, stamps.stamp(first.time), _upright(first, self.info.rotation_deg))
            index += 1
            del first
        for decoded in self._frames:
            yield Frame(index, stamps.stamp(decoded.time), _upright(decoded, self.info.rotation_deg))
            index += 1

    def sample(self, count: int) -> Iterator[tuple[float, NDArray[np.uint8]]]:
        """Yield up to `count` pictures spread over the recording; the source cannot be iterated afterwards.

        Parameters
        ----------
        count
            How many; where the length is not known, the first ones.

        Yields
        ------
        time_s : float
            Seconds since the first frame; 0 where the source gives no time.
        image : ndarray of uint8, shape (height, width, 3)
        """
        length_s = self.info.duration_s
        start_s = self._first.time if self._first is not None and self._first.time is not None else 0.0
        if length_s is None:
            frames: Iterator[VideoFrame] = islice(chain([self._first] if self._first else [], self._frames), count)
        else:
            frames = self._frames_at([start_s + length_s * (index + 0.5) / count for index in range(count)])
        for frame in frames:
            time_s = 0.0 if frame.time is None else frame.time - start_s
            yield time_s, _upright(frame, self.info.rotation_deg)

    def pictures_at(self, times_s: list[float]) -> Iterator[NDArray[np.uint8]]:
        """Yield the pictures at given moments; the source cannot be iterated afterwards.

        Parameters
        ----------
        times_s
            Increasing, seconds; ends early where the recording does.
        """
        for frame in self._frames_at([time_s - _SAME_TIME_S for time_s in times_s]):
            yield _upright(frame, self.info.rotation_deg)

    def _frames_at(self, times_s: list[float]) -> Iterator[VideoFrame]:
        """Yield the first frame at or after each time, or the next one where frames have no time.

        A container can only be searched for key frames, which may lie a whole recording apart: where that leads back
        to what has been seen, everything is decoded instead.
        """
        frames, current, searching = self._frames, self._first, True
        for time_s in times_s:
            before_s = current.time if current is not None else None
            if searching and before_s is not None and time_s - before_s > _SEARCH_FROM_S:
                frames, current = self._search(time_s)
                searching = current is not None and current.time is not None and current.time > before_s
            while current is not None and current.time is not None and current.time < time_s:
                current = next(frames, None)
            if current is None:
                return
            yield current
            if current.time is None:
                current = next(frames, None)

    def _search(self, time_s: float) -> tuple[Generator[VideoFrame], VideoFrame | None]:
        """Go to the key frame before a time and return what follows, and its first frame."""
        with suppress(av.error.FFmpegError):
            self._container.seek(int(time_s * av.time_base))
        frames = self._decode()
        return frames, next(frames, None)

    def close(self) -> None:
        """Close the container; may be called twice."""
        self._frames.close()
        self._container.close()

    def _decode(self) -> Generator[VideoFrame]:
        try:
            for packet in self._container.demux(self._stream):
                try:
                    frames = packet.decode()
                except av.error.InvalidDataError:
                    self._skipped_frames += 1
                    continue
                yield from frames
        except av.error.FFmpegError as error:
            logger.info("reading stopped early: %s", error)


def _open_container(target: str, subject: str, complaint: str) -> InputContainer:
    try:
        container = av.open(target, timeout=STREAM_TIMEOUT_S)
        if container.format.name.partition(",")[0] in _UNSTAMPED_FORMATS:
            container.close()
            container = av.open(target, options={"use_wallclock_as_timestamps": "1"}, timeout=STREAM_TIMEOUT_S)
    except (av.error.FFmpegError, OSError, ValueError, UnicodeError) as error:
        raise SourceError(f"{subject} {complaint}.") from error
    return container


def _duration_s(container: InputContainer) -> float | None:
    return container.duration / av.time_base if container.duration and container.duration > 0 else None


def _upright(frame: VideoFrame, rotation_deg: int) -> NDArray[np.uint8]:
    image = frame.to_ndarray(format="bgr24").astype(np.uint8, copy=False)
    return np.ascontiguousarray(np.rot90(image, k=round(rotation_deg / 90))) if rotation_deg else image
