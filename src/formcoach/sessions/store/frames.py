"""Poses of about a second as one compressed block of bytes, and back, without loss.

A block holds, for every array, the differences of its bit patterns from frame to frame, their bytes sorted by
significance, compressed by zlib. On what MediaPipe makes of a sample clip that takes 0.67 of the raw size and 0.5 ms
a second on one core; plain numbers take 0.91, and lzma would save another 2 to 5 % for 5 to 30 times the time
(``benchmarks/store.py`` measures both anew). zlib's checksum tells a damaged block from a whole one.
"""

from __future__ import annotations

import json
import math
import zlib
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np

from formcoach.coach.session.types import Guidance
from formcoach.pose.pose import FIELD_SHAPES, Pose
from formcoach.sessions.store.plain import from_plain, to_plain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

COMPRESSION_LEVEL = 6
# More bytes than any block of formcoach's holds (a day of angles has 250 MB): a file from elsewhere may say anything.
MAXIMUM_BLOCK = 1 << 30
_INDEX, _TIME = "index", "time_s"
# Index and time stamp have 8 bytes, everything of a pose 4.
_WIDE = (_INDEX, _TIME)


@dataclass(frozen=True, slots=True, eq=False)
class StoredFrames:
    """Processed frames in order.

    Attributes
    ----------
    index : ndarray of int64, shape (n,)
        Of each frame in the source.
    time_s : ndarray of float64, shape (n,)
        Seconds, strictly increasing.
    pose : Pose, leading shape (n,)
        As the model gave it.
    guidance : tuple of Guidance, length n
        What the coach's step at each frame was given.
    """

    index: NDArray[np.int64]
    time_s: NDArray[np.float64]
    pose: Pose
    guidance: tuple[Guidance, ...]

    def __len__(self) -> int:
        return len(self.index)

    @classmethod
    def join(cls, parts: Sequence[StoredFrames]) -> StoredFrames:
        """Join parts that follow each other; no parts make no frames."""
        if not parts:
            return cls(np.empty(0, dtype=np.int64), np.empty(0), Pose.missing((0,)), ())
        return cls(
            np.concatenate([one.index for one in parts]),
            np.concatenate([one.time_s for one in parts]),
            Pose(*(np.concatenate([getattr(one.pose, name) for one in parts]) for name in FIELD_SHAPES)),
            tuple(guidance for one in parts for guidance in one.guidance),
        )


def describe_layout() -> str:
    """Return which arrays a block of this version holds, as JSON: name and shape of one frame, in order."""
    return json.dumps({name: list(shape) for name, shape in FIELD_SHAPES.items()})


def pack_frames(frames: StoredFrames) -> bytes:
    """Return index, time stamps and poses as one block; the guidance is not in it."""
    arrays = [frames.index.astype(np.int64), frames.time_s.astype(np.float64)]
    arrays += [getattr(frames.pose, name).astype(np.float32) for name in FIELD_SHAPES]
    return zlib.compress(b"".join(to_bytes(array) for array in arrays), COMPRESSION_LEVEL)


def unpack_frames(block: bytes, count: int, layout: str, guidance: str) -> StoredFrames:
    """Return what `pack_frames` and `pack_guidance` wrote.

    Parameters
    ----------
    block
        The bytes.
    count
        How many frames it holds.
    layout
        What `describe_layout` said in the program that wrote it. An array that is not in it becomes NaN; one that this
        program does not know is left out.
    guidance
        Of these frames.

    Raises
    ------
    ValueError
        When the block is damaged or does not fit.
    """
    try:
        shapes = {name: tuple(shape) for name, shape in json.loads(layout).items()}
        size = count * (16 + 4 * sum(math.prod(shape) for shape in shapes.values()))
        arrays = _split(decompress(block, size), count, shapes)
        steps = unpack_guidance(guidance)
    except (TypeError, AttributeError) as error:
        raise ValueError(f"damaged block: {error}") from error
    if len(steps) != count or any(shapes.get(name, shape) != shape for name, shape in FIELD_SHAPES.items()):
        raise ValueError("the block does not fit its layout")
    missing = Pose.missing((count,))
    pose = Pose(*(arrays[name] if name in arrays else getattr(missing, name) for name in FIELD_SHAPES))
    return StoredFrames(arrays[_INDEX], arrays[_TIME], pose, steps)


def decompress(block: bytes, size: int) -> bytes:
    """Return so many bytes that were compressed; a block that holds more is never unpacked to its end.

    Raises
    ------
    ValueError
        When it is damaged or holds another number of bytes.
    """
    if not 0 <= size <= MAXIMUM_BLOCK:
        raise ValueError(f"a block of {size} bytes")
    unpacking = zlib.decompressobj()
    try:
        content = unpacking.decompress(block, size + 1)
    except (zlib.error, TypeError) as error:
        raise ValueError(f"damaged block: {error}") from error
    # The checksum stands at the end: without it the block is not whole.
    if len(content) != size or not unpacking.eof:
        raise ValueError("the block does not hold what it should")
    return content


def pack_guidance(guidance: Sequence[Guidance]) -> str:
    """Return guidance as JSON: how many frames in a row were given which."""
    return json.dumps([[len(list(group)), to_plain(one)] for one, group in groupby(guidance)])


def unpack_guidance(text: str) -> tuple[Guidance, ...]:
    """Return what `pack_guidance` wrote; ValueError when it does not fit."""
    return tuple(one for count, plain in json.loads(text) for one in [from_plain(Guidance, plain)] * count)


def to_bytes(array: NDArray[Any]) -> bytes:
    """Return the steps from row to row of an array of numbers, their bytes sorted by significance."""
    if not array.size:
        return b""
    width = array.dtype.itemsize
    bits = np.ascontiguousarray(array).reshape(len(array), -1).view(f"<u{width}")
    steps = bits.copy()
    steps[1:] -= bits[:-1]
    # Small steps back become small numbers too: 0, -1, 1, -2, … are written as 0, 1, 2, 3, …
    signed = steps.view(f"<i{width}")
    zigzag = (signed << 1) ^ (signed >> (8 * width - 1))
    return zigzag.view(np.uint8).reshape(-1, width).T.tobytes()


def from_bytes(content: bytes, count: int, dtype: np.dtype[Any]) -> NDArray[Any]:
    """Return what `to_bytes` wrote, as `count` rows."""
    if not content:
        return np.empty(0, dtype=dtype)
    width = dtype.itemsize
    zigzag = np.ascontiguousarray(np.frombuffer(content, dtype=np.uint8).reshape(width, -1).T).view(f"<u{width}")
    one = np.array(1, dtype=zigzag.dtype)
    steps = ((zigzag >> one) ^ (~(zigzag & one) + one)).reshape(count, -1)
    return np.cumsum(steps, axis=0, dtype=steps.dtype).view(dtype)


def _split(content: bytes, count: int, shapes: Mapping[str, tuple[int, ...]]) -> dict[str, NDArray[Any]]:
    kinds = {_INDEX: np.dtype("<i8"), _TIME: np.dtype("<f8")} | {name: np.dtype("<f4") for name in shapes}
    arrays: dict[str, NDArray[Any]] = {}
    offset = 0
    for name, dtype in kinds.items():
        shape = () if name in _WIDE else shapes[name]
        size = count * int(np.prod(shape)) * dtype.itemsize
        if offset + size > len(content):
            raise ValueError("the block is too short")
        arrays[name] = from_bytes(content[offset : offset + size], count, dtype).reshape(count, *shape)
        offset += size
    if offset != len(content):
        raise ValueError("the block is too long")
    return arrays
