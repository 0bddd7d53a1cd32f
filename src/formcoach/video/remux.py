"""A video that was written in fragments, made into one with an index at its beginning: players can seek in it."""

from __future__ import annotations

from contextlib import suppress
from itertools import chain
from typing import TYPE_CHECKING

import av
import av.error

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from av.container import InputContainer
    from av.packet import Packet
    from av.video.stream import VideoStream


def make_seekable(path: Path) -> bool:
    """Copy the pictures of a video as they are, without decoding them, into one that players can seek in.

    What follows after damage, or after the moment in which its writer was killed, is left out. Where the copy cannot be
    written, because the disk is full, the video stays as it is: it can be played.

    Parameters
    ----------
    path
        The video, which is replaced.

    Returns
    -------
    bool
        False where there is no picture in it that could be read, and nothing is lost with it.
    """
    try:
        with av.open(str(path)) as source:
            packets = _readable(source)
            first = next(packets, None)
            if first is not None:
                _copy(source, chain((first,), packets), path)
            return first is not None
    except (av.error.InvalidDataError, av.error.EOFError, IndexError):
        return False
    except (av.error.FFmpegError, OSError):  # the system's fault, not the video's
        return True


def _copy(source: InputContainer, packets: Iterable[Packet[VideoStream]], path: Path) -> None:
    whole = path.with_name(f".{path.name}.whole")
    try:
        with av.open(str(whole), "w", format="mp4", options={"movflags": "+faststart"}) as target:
            stream = target.add_stream_from_template(source.streams.video[0])
            for packet in packets:
                packet.stream = stream
                target.mux(packet)
        whole.replace(path)
    except (av.error.FFmpegError, OSError):
        with suppress(OSError):
            whole.unlink(missing_ok=True)


def _readable(source: InputContainer) -> Iterator[Packet[VideoStream]]:
    packets = source.demux(source.streams.video[0])
    while True:
        try:
            packet = next(packets)
        except (av.error.FFmpegError, StopIteration):
            return
        if packet.dts is not None:  # the last one is empty
            yield packet
