"""What was measured, kept in the store and read back."""

from __future__ import annotations

import zlib
from dataclasses import replace

import numpy as np
import pytest

from formcoach.angles import Readings
from formcoach.errors import OutputError
from formcoach.sessions.measured import Measured
from formcoach.sessions.series import AngleSeries, from_thousandths, to_thousandths
from formcoach.sessions.store import SessionStore, StoredResult
from formcoach.sessions.store.frames import decompress
from formcoach.sessions.store.results import insert_statement
from kept_sessions import analyse, keep_live, same_measured
from report_data import LIVE, make_series
from sessions_data import NOTHING
from store_sessions import make_plan


@pytest.fixture
def store(tmp_path):
    with SessionStore(tmp_path / "home") as opened:
        yield opened


def test_what_was_measured_comes_back_to_the_last_bit(store, tmp_path):
    result = analyse(tmp_path / "clip")
    session_id = store.add_recording(make_plan(), iter(()), result.record, result.measured)
    found = store.load_result(session_id)
    assert found.profile == result.record.profile
    assert len(found.measured.series.moments) >= 1
    assert np.isnan(found.measured.series.readings.value_deg).any()
    assert same_measured(found.measured, result.measured)


def test_long_sessions_take_little_room():
    series = make_series(replace(LIVE, duration_s=1800.0))
    count = len(series.time_s)
    codes = np.zeros(count, dtype=np.int8)
    _, values = insert_statement(1, StoredResult(LIVE.profile, Measured(np.arange(count), codes, codes, series)))
    assert sum(len(one) for one in values if isinstance(one, bytes)) < 60 * count


def test_unknown_stays_unknown_and_too_much_is_cut_off():
    degrees = np.array([0.0, -12.3456, np.nan, np.inf, 1e12])
    back = from_thousandths(to_thousandths(degrees))
    assert back[:2].tolist() == [0.0, -12.346]
    assert np.isnan(back[2:4]).all()
    assert back[4] == 2147483.647


def test_a_damaged_result_is_a_sentence(store):
    session_id, _ = keep_live(store)
    store._connection.execute("UPDATE results SET block = ?", (zlib.compress(b"nothing"),))
    with pytest.raises(OutputError, match=f"'{session_id}' cannot be read"):
        store.load_result(session_id)


def test_a_block_is_never_unpacked_beyond_what_it_should_hold():
    bomb = zlib.compress(b"\0" * 10_000_000)
    with pytest.raises(ValueError, match="does not hold"):
        decompress(bomb, 1000)
    with pytest.raises(ValueError, match="a block of"):
        decompress(bomb, 1 << 40)
    assert decompress(zlib.compress(b"abc"), 3) == b"abc"
    with pytest.raises(ValueError, match="does not hold"):
        decompress(zlib.compress(b"abc")[:-2], 3)


def test_a_session_closed_without_it_has_none(store):
    session_id, _ = keep_live(store, with_measured=False)
    assert store.load_result(session_id) is None


def test_readings_of_no_frame(store):
    codes = np.empty(0, dtype=np.int8)
    series = AngleSeries(np.empty(0), Readings.unknown((0,)), np.empty(0, dtype=np.bool_))
    nothing = Measured(np.empty(0, dtype=np.int64), codes, codes, series)
    session_id = store.add_recording(make_plan(), iter(()), NOTHING, nothing)
    assert len(store.load_result(session_id).measured) == 0
