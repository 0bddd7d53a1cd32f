"""Rows of numbers in a file of their own, so that memory does not grow with the length of a session."""

from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


class RowSpool:
    """Takes rows one by one and gives all of them back at the end.

    The file has no name where the system allows that; it is gone with `close`, and however the program ends.

    Parameters
    ----------
    dtype
        Of a row, with named fields.
    """

    def __init__(self, dtype: np.dtype[Any]) -> None:
        self._row = np.zeros((), dtype=dtype)
        self._file: BinaryIO | None = None
        self._rows: NDArray[Any] | None = None
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def append(self, **fields: Any) -> None:
        """Append one row.

        Parameters
        ----------
        **fields
            Every field of the row; one that is left out is that of the row before.

        Raises
        ------
        OSError
            When it cannot be written.
        ValueError
            After `close`.
        """
        if self._rows is not None:
            raise ValueError("the spool is closed")
        if self._file is None:
            self._file = tempfile.TemporaryFile(prefix="formcoach-")  # noqa: SIM115 - closed by `close`
        for name, value in fields.items():
            self._row[name] = value
        self._file.write(self._row.tobytes())
        self._count += 1

    def rows(self) -> NDArray[Any]:
        """Return all rows so far, as an array of their own; also after `close`."""
        if self._rows is not None:
            return self._rows
        if self._file is None:
            return np.empty(0, dtype=self._row.dtype)
        self._file.seek(0)
        try:
            return np.frombuffer(self._file.read(), dtype=self._row.dtype)
        finally:
            self._file.seek(0, 2)

    def close(self) -> None:
        """Remove the file; what was in it is in memory from now on. May be called twice."""
        if self._rows is None:
            self._rows = self.rows()
        if self._file is not None:
            self._file.close()
            self._file = None
