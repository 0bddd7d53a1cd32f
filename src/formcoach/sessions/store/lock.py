"""Locks of the operating system on files: they end with the process that holds them, however it ends."""

from __future__ import annotations

import os
import sys
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from formcoach.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


_PAUSE_S = 0.02


class FileLock:
    """An exclusive lock on a file, held from `take` to `release`; two in one process exclude each other too."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self._path = path
        self._descriptor: int | None = descriptor

    @classmethod
    def take(cls, path: Path, *, make: bool = True) -> FileLock | None:
        """Take the lock, or return None when somebody else holds it.

        Parameters
        ----------
        path
            The file.
        make
            Whether it is made where there is none.

        Raises
        ------
        OSError
            When the file cannot be made or is not there.
        """
        while True:
            descriptor = os.open(path, os.O_RDWR | (os.O_CREAT if make else 0), 0o600)
            try:
                _lock(descriptor)
                # Who held it may have removed the file meanwhile: a lock on what has no name excludes nobody.
                if os.path.samestat(os.fstat(descriptor), path.stat()):
                    return cls(path, descriptor)
            except (BlockingIOError, PermissionError):
                os.close(descriptor)
                return None
            except FileNotFoundError:
                if not make:
                    os.close(descriptor)
                    raise
            except BaseException:
                os.close(descriptor)
                raise
            os.close(descriptor)

    @classmethod
    def is_held(cls, path: Path) -> bool:
        """Tell whether somebody holds the lock; makes no file."""
        try:
            lock = cls.take(path, make=False)
        except FileNotFoundError:
            return False
        if lock is None:
            return True
        lock.release(keep_file=True)
        return False

    def release(self, *, keep_file: bool = False) -> None:
        """Give the lock back; may be called twice. The file goes too, unless it is to be kept."""
        if self._descriptor is None:
            return
        # Removed while the lock is held, where the system allows it, so that nobody's new file is removed.
        if not keep_file:
            with suppress(OSError):
                self._path.unlink()
        os.close(self._descriptor)
        self._descriptor = None
        if not keep_file and sys.platform == "win32":
            with suppress(OSError):
                self._path.unlink()


@contextmanager
def held(path: Path, patience_s: float) -> Iterator[None]:
    """Hold a lock, waiting for it so long.

    Raises
    ------
    OutputError
        When somebody else holds it all that time.
    """
    give_up_s = time.monotonic() + patience_s
    while (lock := FileLock.take(path)) is None:
        if time.monotonic() > give_up_s:
            raise OutputError(
                f"Another formcoach is busy with the sessions in '{path.parent}': wait until it has finished, then try"
                " again."
            )
        time.sleep(_PAUSE_S)
    try:
        yield
    finally:
        lock.release(keep_file=True)
