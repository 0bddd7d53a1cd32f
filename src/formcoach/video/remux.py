"""A video that was written in fragments, made into one with an index at its beginning: players can seek in it."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import av
import av.error

if TYPE_CHECKING:
    from collections.abc import Iterator
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
        Whether there is a single picture in it that can be read.
    """
    whole = path.with_name(f".{path.name}.whole")
    packets = 0
    try:
        with (
            av.open(str(path)) as source,
            av.open(str(whole), "w", format="mp4", options={"movflags": "+faststart"}) as target,
        ):
            stream = target.add_stream_from_template(source.streams.video[0])
            for packet in _readable(source):
                packet.stream = stream
                target.mux(packet)
                packets += 1
        if packets:
            whole.replace(path)
    except (av.error.FFmpegError, OSError, IndexError):
        pass
    with suppress(OSError):
        whole.unlink(missing_ok=True)
    return packets > 0


def _readable(source: InputContainer) -> Iterator[Packet[VideoStream]]:
    packets = source.demux(source.streams.video[0])
    while True:
        try:
            packet = next(packets)
        except (av.error.FFmpegError, StopIteration):
            return
        if packet.dts is not None:  # the last one is empty
            yield packet
