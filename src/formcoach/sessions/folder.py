"""The folder of one result: written aside, moved into place when it is whole."""

from __future__ import annotations

import errno
import re
import secrets
import shutil
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Self

from formcoach.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

SESSION_FILE = "session.json"
VIDEO_FILE = "overlay.mp4"
SESSIONS_FOLDER = "sessions"
"""Beside the store: the result folders of live sessions, each called as its session."""
PICTURES = re.compile(rf"{re.escape(VIDEO_FILE)}|snapshot-[0-9]{{3,6}}\.png", re.ASCII)
"""Names of what was recorded in pictures; everything else in a session's folder is made of what the store has."""
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class ResultFolder:
    """A folder that appears all at once, or not at all.

    Everything is written into a hidden folder beside it; `publish` moves that into place. Left without `publish`
    (an error, an interruption), nothing remains.

    Parameters
    ----------
    path
        Where the result is to stand.
    overwrite
        Whether a result that stands there may be replaced.

    Raises
    ------
    OutputError
        When something else stands there, when a result stands there that is not to be replaced, or when the folder
        cannot be written.
    """

    def __init__(self, path: Path, *, overwrite: bool) -> None:
        self._target = path
        check_target(path, overwrite=overwrite)
        self._folder = path.with_name(f".{path.name}.{secrets.token_hex(4)}.partial")
        with explained_writing(path):
            self._made = [folder for folder in path.parents if not folder.exists()]
            try:
                self._folder.mkdir(parents=True)
            except OSError:
                self.discard()
                raise

    @property
    def path(self) -> Path:
        """Where to write until it is published."""
        return self._folder

    def publish(self) -> Path:
        """Move the folder into place and return where it stands.

        Raises
        ------
        OutputError
            When that cannot be done; the old result, if there was one, is still there.
        """
        with explained_writing(self._target):
            replaced = None
            if self._target.exists():
                replaced = Path(
                    tempfile.mkdtemp(prefix=f".{self._target.name}.", suffix=".old", dir=self._target.parent)
                )
                self._target.rename(replaced / self._target.name)
            try:
                self._folder.rename(self._target)
            except OSError:
                if replaced is not None:
                    (replaced / self._target.name).rename(self._target)
                    replaced.rmdir()
                raise
            if replaced is not None:
                shutil.rmtree(replaced, ignore_errors=True)
        return self._target

    def discard(self) -> None:
        """Remove what was written and not published, and the folders that were made for it and are empty."""
        shutil.rmtree(self._folder, ignore_errors=True)
        for folder in self._made:
            with suppress(OSError):
                folder.rmdir()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.discard()


def check_target(path: Path, *, overwrite: bool) -> None:
    """Refuse to write where something stands already.

    Raises
    ------
    OutputError
        Unless `overwrite` is set and what stands there is a result of formcoach (it has a ``session.json``).
    """
    with explained_writing(path):
        exists = path.exists()
    if not exists:
        return
    if not (path / SESSION_FILE).is_file():
        raise OutputError(f"'{path}' is not a result of formcoach and is left as it is: choose another --out.")
    if not overwrite:
        raise OutputError(
            f"There is already a result in '{path}': add --overwrite to replace it, or choose another --out."
        )


def write_whole(path: Path, content: bytes) -> None:
    """Write a file that is there as a whole or, after an error, as it was before.

    Raises
    ------
    OSError
        When it cannot be written.
    """
    partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}.partial")
    try:
        partial.write_bytes(content)
        partial.replace(path)
    except BaseException:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
        raise


def pictures_of(folder: Path) -> list[Path]:
    """Return the video and the snapshots in a session's folder, which need not exist."""
    if not folder.is_dir():
        return []
    return sorted(
        one for one in folder.iterdir() if PICTURES.fullmatch(one.name) and one.is_file() and not one.is_symlink()
    )


@contextmanager
def explained_writing(path: Path) -> Iterator[None]:
    """Raise `OutputError` with a sentence in place of a system error while writing.

    Parameters
    ----------
    path
        What the user knows the output by.

    Raises
    ------
    OutputError
        Says whether the disk is full or the folder cannot be written.
    """
    try:
        yield
    except OSError as error:
        raise explain_write_error(error, path) from error


def explain_write_error(error: Exception, path: Path) -> OutputError:
    """Return a sentence for an error of the system (or of the video writer) while writing."""
    number = getattr(error, "errno", None)
    if number in _FULL:
        return OutputError(f"The disk is full: '{path}' was not written; free some space or choose another --out.")
    if number in (errno.EACCES, errno.EPERM, errno.EROFS):
        return OutputError(f"'{path.parent}' cannot be written: choose another --out, or change its permissions.")
    if number == errno.ENAMETOOLONG:
        return OutputError(f"The name '{path.name}' is too long for a folder: give the input a shorter name.")
    if number in (errno.ENOTDIR, errno.EEXIST):
        return OutputError(
            f"'{path}' cannot be a folder, because a file of that name is in its way: choose another --out."
        )
    return OutputError(
        f"'{path}' cannot be written ({getattr(error, 'strerror', None) or error}): choose another --out."
    )
