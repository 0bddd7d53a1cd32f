"""``session.json`` read back."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from formcoach.coach.session.types import Stage
from formcoach.sessions.document import read_record
from formcoach.sessions.record import to_document, to_json
from report_data import LIVE
from sessions_data import NOTHING, RECORD
from store_sessions import stage


@pytest.mark.parametrize("record", [RECORD, NOTHING, replace(LIVE, events=(stage(3.0, Stage.HOLD),))])
def test_a_record_comes_back(record):
    again = read_record(json.loads(to_json(record)), record.profile)
    assert to_document(again) == to_document(record)
    assert again.holds == record.holds
    assert again.sets == record.sets
    assert again.profile is record.profile


def changed(**more):
    return json.loads(to_json(LIVE)) | more


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        ([], "no document of the kind"),
        (changed(schema="other"), "no document of the kind"),
        (changed(schema_version=2), "version 2, not 1"),
        (changed(source={}), "missing or of the wrong kind"),
        (changed(notes=[3]), "is no text"),
        (changed(leg="middle"), "middle"),
        (changed(flags=[{"flag": "x", "severity": "warn", "start_s": 1, "end_s": 2, "peak_deg": None}]), "'x'"),
    ],
)
def test_what_is_none_is_refused(document, problem):
    with pytest.raises(ValueError, match=problem):
        read_record(document, LIVE.profile)
