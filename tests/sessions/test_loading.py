"""A result folder read back."""

from __future__ import annotations

import json

import numpy as np
import pytest

from formcoach.errors import UsageError
from formcoach.sessions.loading import OTHER_PROFILE, load_result_folder
from formcoach.sessions.record import to_document
from formcoach.stretch import Severity
from kept_sessions import analyse, same_measured


@pytest.fixture
def result(tmp_path):
    return analyse(tmp_path / "clip")


def test_everything_comes_back(result):
    loaded = load_result_folder(result.folder)
    assert to_document(loaded.record) == to_document(result.record)
    found, live = loaded.measured.series, result.measured.series
    assert np.allclose(found.time_s, live.time_s, atol=1e-4)
    assert np.array_equal(found.readings.value_deg, live.readings.value_deg, equal_nan=True)
    assert np.array_equal(found.judged, live.judged)
    assert [(one.flag, one.severity, round(one.time_s, 3), one.leg, one.value_deg) for one in found.moments] == [
        (one.flag, one.severity, round(one.time_s, 3), one.leg, round(one.value_deg, 3)) for one in live.moments
    ]
    assert [one.pose.points.tobytes() for one in found.moments] == [one.pose.points.tobytes() for one in live.moments]
    assert [one.facing for one in found.moments] == [np.sign(one.facing) for one in live.moments]
    assert any(one.severity >= Severity.WARN for one in found.moments)
    assert not same_measured(loaded.measured, result.measured)  # times are rounded in the table


def test_what_is_missing_is_left_out(result):
    (result.folder / "landmarks.npz").write_bytes(b"PK no archive")
    assert load_result_folder(result.folder).measured.series.moments == ()
    (result.folder / "angles.csv").write_text("damaged\n1,2\n")
    assert len(load_result_folder(result.folder).measured) == 0
    (result.folder / "angles.csv").unlink()
    assert len(load_result_folder(result.folder).measured) == 0


def test_another_profile_than_today_keeps_its_thresholds(result):
    path = result.folder / "session.json"
    document = json.loads(path.read_text())
    document["exercise"] |= {"sha256": "0" * 64, "file": "my.toml", "name": "mine"}
    document["exercise"]["flags"][0]["thresholds"]["warn"]["on"] = 12.5
    document["exercise"]["flags"][1]["name"] = "own_flag"
    document["flags"], document["not_checked"] = [], []
    path.write_text(json.dumps(document))
    record = load_result_folder(result.folder).record
    assert record.profile.flags[0].thresholds[Severity.WARN].on == 12.5
    assert (record.profile.file, record.profile.flags[1].label) == ("my.toml", "Own flag")
    assert record.notes[-1] == OTHER_PROFILE


@pytest.mark.parametrize("content", [None, "no json", "[]", '{"exercise": {}}'])
def test_what_is_no_result_is_a_sentence(result, content):
    path = result.folder / "session.json"
    path.unlink()
    if content is not None:
        path.write_text(content)
    with pytest.raises(UsageError, match=r"is no result|cannot be understood"):
        load_result_folder(result.folder)
