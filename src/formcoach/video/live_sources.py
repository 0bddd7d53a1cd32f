"""Opening a source for a live session, and what to say when it gives nothing."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from formcoach.errors import SourceError, printable
from formcoach.video.frame import SourceKind
from formcoach.video.sources import is_camera, is_stream, open_source, without_credentials

if TYPE_CHECKING:
    from formcoach.video.frame import FrameSource, SourceInfo


def open_live(source: str) -> FrameSource:
    """Open a source for a live session: as `open_source` does, but streams with as little delay as can be.

    Raises
    ------
    SourceError
        When it cannot be read; the message says what to do.
    """
    if is_stream(source):
        from formcoach.video.container import ContainerSource

        return ContainerSource.from_url(source, low_delay=True)
    return open_source(source)


def refuse_photo(info: SourceInfo) -> None:
    """Raise for a photo.

    Raises
    ------
    SourceError
        Such as "'a.jpg' is a photo: …".
    """
    if info.kind is SourceKind.PHOTO:
        raise SourceError(
            f"'{info.name}' is a photo and a live session needs moving pictures: use formcoach analyze for it."
        )


def must_open_on_main_thread(source: str) -> bool:
    """Tell whether only the main thread can open a source: macOS lets OpenCV ask for a camera nowhere else."""
    return sys.platform == "darwin" and not is_stream(source) and not Path(source).exists()


def tell_silent(source: str, info: SourceInfo | None) -> str:
    """Return one sentence for a source that gives no picture at the start; `info` is None where it did not open."""
    if is_stream(source):
        return f"The stream '{without_credentials(source)}' gives no pictures: check that its camera is switched on."
    if (info is not None and not info.kind.is_live) or Path(source).exists():
        name = info.name if info is not None else printable(source)
        return f"'{name}' gives no pictures: check the disk or the network that it lies on."
    name = (
        info.name if info is not None else f"camera {source}" if is_camera(source) else f"camera '{printable(source)}'"
    )
    return (
        f"{name[0].upper()}{name[1:]} gives no pictures: close other programs that use it, plug it in again, or try"
        " another USB port."
    )


def tell_lost(info: SourceInfo) -> str:
    """Return one sentence for a source that gave pictures before."""
    if info.kind is SourceKind.CAMERA:
        return (
            f"{info.name.capitalize()} gives no pictures: plug it in again and close other programs that use it; the"
            " session goes on by itself."
        )
    if info.kind is SourceKind.STREAM:
        return (
            f"The stream '{info.name}' gives no pictures: check that its camera is switched on and connected; the"
            " session goes on by itself."
        )
    return f"'{info.name}' cannot be read at the moment: check the disk or the network that it lies on."
