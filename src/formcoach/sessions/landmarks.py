"""Poses on disk: appended while a recording is analysed, read back in chunks, kept as ``landmarks.npz``."""

from __future__ import annotations

import shutil
import zipfile
from typing import TYPE_CHECKING, BinaryIO, Self

import numpy as np
from numpy.lib import format as npy_format

from formcoach.pose.pose import FIELD_SHAPES, Pose

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import TracebackType

    from numpy.typing import NDArray

CHUNK_FRAMES = 256
_FRAME = "frame"
_TIME = "time_s"
_TYPES = {_FRAME: np.dtype(np.int64), _TIME: np.dtype(np.float64)}


class PoseSpool:
    """Poses of a recording in a folder of raw files, so that memory does not grow with its length.

    Parameters
    ----------
    folder
        An existing folder that it may fill; `close` empties it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._count = 0
        self._files: dict[str, BinaryIO] = {name: (folder / name).open("wb") for name in (_FRAME, _TIME, *FIELD_SHAPES)}

    def __len__(self) -> int:
        return self._count

    def append(self, index: int, time_s: float, pose: Pose) -> None:
        """Append the pose of one frame.

        Parameters
        ----------
        index
            Of the frame in the source.
        time_s
            Its time stamp, seconds.
        pose
            Without leading axes.
        """
        self._files[_FRAME].write(np.int64(index).tobytes())
        self._files[_TIME].write(np.float64(time_s).tobytes())
        for name in FIELD_SHAPES:
            self._files[name].write(np.ascontiguousarray(getattr(pose, name), dtype=np.float32).tobytes())
        self._count += 1

    def chunks(self) -> Iterator[Pose]:
        """Yield all poses in order, `CHUNK_FRAMES` at a time."""
        self._flush()
        for start in range(0, self._count, CHUNK_FRAMES):
            count = min(CHUNK_FRAMES, self._count - start)
            yield Pose(*(self._read(name, shape, start, count) for name, shape in FIELD_SHAPES.items()))

    def save_npz(self, path: Path, extra: dict[str, NDArray[np.generic]]) -> None:
        """Write everything into a compressed ``.npz``, lossless, without holding it in memory.

        Parameters
        ----------
        path
            The file to write.
        extra
            More arrays to keep beside the poses.
        """
        self._flush()
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for name in self._files:
                with (
                    archive.open(f"{name}.npy", "w", force_zip64=True) as member,
                    (self._folder / name).open("rb") as raw,
                ):
                    npy_format.write_array_header_1_0(member, self._header(name))
                    shutil.copyfileobj(raw, member, 1 << 20)
            for name, array in extra.items():
                with archive.open(f"{name}.npy", "w") as member:
                    npy_format.write_array(member, np.asarray(array), allow_pickle=False)

    def close(self) -> None:
        """Remove the raw files."""
        for name, file in self._files.items():
            file.close()
            (self._folder / name).unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _flush(self) -> None:
        for file in self._files.values():
            file.flush()

    def _read(self, name: str, shape: tuple[int, ...], start: int, count: int) -> NDArray[np.float32]:
        size = int(np.prod(shape))
        with (self._folder / name).open("rb") as file:
            file.seek(start * size * 4)
            return np.fromfile(file, dtype=np.float32, count=count * size).reshape(count, *shape)

    def _header(self, name: str) -> dict[str, object]:
        dtype = _TYPES.get(name, np.dtype(np.float32))
        return {
            "descr": npy_format.dtype_to_descr(dtype),
            "fortran_order": False,
            "shape": (self._count, *FIELD_SHAPES.get(name, ())),
        }


def load_landmarks(path: Path) -> tuple[NDArray[np.int64], NDArray[np.float64], Pose]:
    """Read ``landmarks.npz`` back.

    Returns
    -------
    frame : ndarray, shape (n,)
        Index of each frame in the source.
    time_s : ndarray, shape (n,)
        Its time stamp.
    pose : Pose, leading shape (n,)
        As the model gave it.
    """
    with np.load(path) as stored:
        return stored[_FRAME], stored[_TIME], Pose(*(stored[name] for name in FIELD_SHAPES))
