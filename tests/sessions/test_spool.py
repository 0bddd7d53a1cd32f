"""Rows in a file."""

from __future__ import annotations

import tempfile
import tracemalloc

import numpy as np
import pytest

from formcoach.sessions.spool import RowSpool

ROW = np.dtype([("number", np.int64), ("values", np.float32, (3,))])


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def fill(spool, numbers):
    for number in numbers:
        spool.append(number=number, values=(number, np.nan, -number))


def check(rows, count):
    assert rows.dtype == ROW
    np.testing.assert_array_equal(rows["number"], np.arange(count))
    np.testing.assert_array_equal(rows["values"][:, 2], -np.arange(count, dtype=np.float32))
    assert np.isnan(rows["values"][:, 1]).all()


@pytest.mark.usefixtures("folder")
def test_rows_come_back_in_order_while_it_goes_on_and_after_it_is_closed():
    spool = RowSpool(ROW)
    check(spool.rows(), 0)
    fill(spool, range(5000))
    check(spool.rows(), 5000)
    fill(spool, range(5000, 5003))
    assert len(spool) == 5003
    spool.close()
    spool.close()
    check(spool.rows(), 5003)
    with pytest.raises(ValueError, match="closed"):
        fill(spool, [0])


def test_nothing_is_left_in_the_folder(folder):
    RowSpool(ROW).close()
    spool = RowSpool(ROW)
    fill(spool, range(3))
    spool.close()
    assert list(folder.iterdir()) == []


@pytest.mark.usefixtures("folder")
def test_rows_are_not_in_memory():
    spool = RowSpool(ROW)
    fill(spool, range(10))
    tracemalloc.start()
    fill(spool, range(10, 20_000))
    grown, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert grown < 0.05 * 20_000 * ROW.itemsize
    spool.close()


def test_a_folder_that_cannot_be_written_is_an_os_error(monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    with pytest.raises(OSError, match="No such file"):
        fill(RowSpool(ROW), [0])
