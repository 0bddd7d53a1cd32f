"""Small media files made on the spot."""

from __future__ import annotations

import struct
from fractions import Fraction
from typing import TYPE_CHECKING

import av
import cv2
import numpy as np

if TYPE_CHECKING:
    from pathlib import Path


def picture(index: int = 0, size: tuple[int, int] = (96, 64)) -> np.ndarray:
    """A picture whose grey level tells its number, with a white mark in its upper left corner."""
    width, height = size
    image = np.full((height, width, 3), 20 + 8 * (index % 25), np.uint8)
    image[: height // 4, : width // 4] = 255
    return image


def level(image: np.ndarray) -> float:
    """The number that `picture` was given, read back from its lower right corner."""
    height, width = image.shape[:2]
    return (float(image[height // 2 :, width // 2 :].mean()) - 20) / 8


def write_video(path: Path, times_s, *, codec: str = "libx264", size=(96, 64), keyframes: int = 12) -> Path:
    """A video with frames at given times."""
    pixel_format = {"libx264": "yuv420p", "mjpeg": "yuvj420p", "gif": "rgb8"}[codec]
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=Fraction(30))
        stream.width, stream.height = size
        stream.pix_fmt = pixel_format
        stream.codec_context.time_base = Fraction(1, 1000)
        stream.codec_context.gop_size = keyframes
        for index, time_s in enumerate(times_s):
            frame = av.VideoFrame.from_ndarray(picture(index, size), format="bgr24")
            frame.pts = round(time_s * 1000)
            frame.time_base = Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def rotate_metadata(path: Path, quarter_turns: int) -> None:
    """Write a display matrix into an MP4 file: turned counter-clockwise by so many quarters."""
    cosine, sine = {0: (1, 0), 1: (0, 1), 2: (-1, 0), 3: (0, -1)}[quarter_turns % 4]
    matrix = (cosine, -sine, 0, sine, cosine, 0, 0, 0, 1)
    content = bytearray(path.read_bytes())
    at = content.index(b"tkhd") + 4 + 4 + 20 + 8 + 8  # version and flags, times and ids, reserved, layer to volume
    scale = (1 << 16, 1 << 16, 1 << 30) * 3
    content[at : at + 36] = struct.pack(">9i", *(a * b for a, b in zip(matrix, scale, strict=True)))
    path.write_bytes(content)


def sound_only(path: Path) -> Path:
    """A file with sound and no picture."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=8000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 8000), np.int16), format="s16", layout="mono")
        frame.sample_rate = 8000
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def with_orientation(path: Path, orientation: int) -> Path:
    """Write a JPEG whose EXIF mark says how the camera was held."""
    _, encoded = cv2.imencode(".jpg", picture())
    tiff = b"II*\x00\x08\x00\x00\x00\x01\x00" + struct.pack("<HHIHH", 0x0112, 3, 1, orientation, 0) + b"\x00" * 4
    exif = b"Exif\x00\x00" + tiff
    jpeg = encoded.tobytes()
    path.write_bytes(jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + jpeg[2:])
    return path
