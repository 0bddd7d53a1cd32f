"""What is changed of a session afterwards."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib import resources

import jsonschema
import numpy as np
import pytest

from formcoach.coach.session.types import SymptomPlace, SymptomTrigger
from formcoach.errors import UsageError
from formcoach.pose.landmarks import Side
from formcoach.sessions.store import SessionStore
from formcoach.sessions.store.edits import add_answer, change_answer, change_note, delete_answer
from formcoach.sessions.store.outline import read_outline
from kept_sessions import analyse
from report_data import LIVE, make_symptom
from review_store import add_session
from store_sessions import make_plan

SCHEMA = json.loads(resources.files("formcoach.sessions").joinpath("session.schema.json").read_text(encoding="utf-8"))


@pytest.fixture
def store(tmp_path):
    with SessionStore(tmp_path / "home") as opened:
        yield opened


def test_an_answer_of_another_session_is_not_touched(store):
    record = replace(LIVE, symptoms=(make_symptom(55.5, Side.LEFT, 1, SymptomPlace.BEHIND_KNEE),))
    first, second = add_session(store, record), add_session(store, record)
    ((number, _),) = read_outline(store, second).answers
    store.add_note(second, "mine")
    (note,) = store.load(second).notes
    for change in (
        lambda: change_answer(store, first, number, None),
        lambda: delete_answer(store, first, number),
        lambda: change_note(store, first, note.key, "x"),
    ):
        with pytest.raises(UsageError, match="no longer there"):
            change()
    assert [one.place for one in store.load(second).symptoms] == [SymptomPlace.BEHIND_KNEE]
    delete_answer(store, second, number)
    found = store.load(second)
    assert (found.symptoms, found.record["symptoms"]) == ((), [])
    assert store.load(first).record["symptoms"][0]["place"] == "behind_knee"


def test_an_answer_that_is_added_has_the_angles_at_the_end_of_its_hold(store, tmp_path):
    result = analyse(tmp_path / "clip")
    name = store.add_recording(make_plan(), iter(()), result.record, result.measured)
    (stored,) = store.load(name).holds
    add_answer(store, name, stored.hold.end_s, SymptomPlace.LOWER_BACK)
    ((_, added),) = read_outline(store, name).answers
    assert (added.place, added.trigger) == (SymptomPlace.LOWER_BACK, SymptomTrigger.ADDED_LATER)
    assert (added.time_s, added.leg, added.set_number) == (stored.hold.end_s, stored.hold.leg, stored.set_number)
    series = result.measured.series
    row = int(np.flatnonzero(series.time_s <= stored.hold.end_s)[-1])
    assert np.isfinite(added.readings.value_deg).any()
    np.testing.assert_allclose(added.readings.value_deg, series.readings.value_deg[row], atol=5e-4)
    record = store.load(name).record
    assert [one["trigger"] for one in record["symptoms"]] == ["added_later"]
    jsonschema.validate(record, SCHEMA)


def test_an_answer_that_is_added_stands_where_its_moment_is(store):
    record = replace(
        LIVE,
        symptoms=(
            make_symptom(30.0, Side.LEFT, 1, SymptomPlace.BEHIND_KNEE, SymptomTrigger.FELT_IT),
            make_symptom(208.0, Side.RIGHT, 1, SymptomPlace.NOWHERE),
        ),
    )
    name = add_session(store, record)
    add_answer(store, name, LIVE.holds[1].end_s, SymptomPlace.BACK_OF_THIGH)
    found = read_outline(store, name)
    places = [SymptomPlace.BEHIND_KNEE, SymptomPlace.BACK_OF_THIGH, SymptomPlace.NOWHERE]
    assert [one.place for _, one in found.answers] == places
    assert [one["place"] for one in found.session.record["symptoms"]] == places
    # Without the table of angles nothing is known of that moment.
    assert np.isnan(found.answers[1][1].readings.value_deg).all()
    number, _ = found.answers[1]
    change_answer(store, name, number, SymptomPlace.LOWER_BACK)
    assert store.load(name).record["symptoms"][1]["place"] == "lower_back"


def test_an_answer_is_added_to_a_hold_of_that_session_only(store):
    first, second = add_session(store, LIVE), add_session(store, replace(LIVE, holds=LIVE.holds[:1]))
    with pytest.raises(UsageError, match="That hold is no longer there"):
        add_answer(store, second, LIVE.holds[1].end_s, SymptomPlace.NOWHERE)
    assert len(store.load(first).symptoms) == len(store.load(second).symptoms) == len(LIVE.symptoms)
