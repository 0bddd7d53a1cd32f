"""The one door for frames: files, photos, cameras and streams."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from formcoach.errors import SourceError, printable
from formcoach.video.cameras import find_camera

if TYPE_CHECKING:
    from formcoach.video.frame import FrameSource

STREAM_SCHEMES = ("http://", "https://", "rtsp://", "rtsps://", "rtmp://")
_HEADER_BYTES = 16


def is_stream(source: str) -> bool:
    """Tell whether a source is the address of a stream."""
    return source.lower().startswith(STREAM_SCHEMES)


def is_camera(source: str) -> bool:
    """Tell whether a source is the number of a camera (and no file has that name)."""
    return source.isdecimal() and not Path(source).exists()


def without_credentials(url: str) -> str:
    """Return an address as it may be shown and written: name, password and what follows the path are left out.

    Raises
    ------
    ValueError
        When it is not an address.
    """
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, parts.path, "", ""))


def open_source(source: str | os.PathLike[str] | int) -> FrameSource:
    """Open a source of frames.

    Parameters
    ----------
    source
        A video file, an animated GIF or a photo (JPEG, PNG, WebP) by path; a camera by number, or by its name or a
        part of it where no file is called so; a stream by its ``http``, ``https``, ``rtsp`` or ``rtmp`` address.
        What a file is follows from its content, not from its name.

    Returns
    -------
    FrameSource
        An iterable of `Frame`, to be used as a context manager.

    Raises
    ------
    SourceError
        When it cannot be read; the message says what to do.
    """
    text = os.fspath(source) if not isinstance(source, int) else str(source)
    if is_stream(text):
        from formcoach.video.container import ContainerSource

        return ContainerSource.from_url(text)
    if isinstance(source, int) or is_camera(text):
        from formcoach.video.camera import CameraSource

        return CameraSource(int(text))
    if isinstance(source, str) and not Path(source).exists():
        device = find_camera(source)
        if device is not None:
            from formcoach.video.camera import CameraSource

            return CameraSource(device.number)
        if not Path(source).suffix:
            raise SourceError(
                f"There is no file and no camera '{printable(source)}': check the name; 'formcoach doctor' lists the"
                " cameras."
            )
    return _open_file(Path(text))


def _open_file(path: Path) -> FrameSource:
    header = _read_header(path)
    if _is_photo(header):
        from formcoach.video.photo import PhotoSource

        return PhotoSource(path)
    from formcoach.video.container import ContainerSource

    return ContainerSource.from_file(path)


def _read_header(path: Path) -> bytes:
    if not path.exists():
        raise SourceError(f"There is no file '{path}': check the name and the folder.")
    if path.is_dir():
        raise SourceError(f"'{path}' is a folder: name the videos or photos in it, for example {path}/*.mp4.")
    try:
        with path.open("rb") as file:
            header = file.read(_HEADER_BYTES)
    except OSError as error:
        raise SourceError(f"'{path}' cannot be opened ({error.strerror}): check its permissions.") from error
    if not header:
        raise SourceError(f"'{path}' is empty: record or copy it again.")
    return header


def _is_photo(header: bytes) -> bool:
    """Tell photos by their first bytes: JPEG, PNG, WebP, BMP and TIFF."""
    return (
        header.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"BM", b"II*\x00", b"MM\x00*"))
        or (header[:4] == b"RIFF" and header[8:12] == b"WEBP")
    )  # fmt: skip
