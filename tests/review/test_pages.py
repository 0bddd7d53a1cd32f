"""What the pages say of sessions of every kind."""

from __future__ import annotations

import re
from dataclasses import replace

from formcoach.sessions.store import SessionStore
from formcoach.stretch.events import Unchecked
from formcoach.stretch.types import NotChecked
from report_data import LIVE
from review_server import serving
from review_store import add_session
from sessions_data import NOTHING, RECORD


def test_what_was_analysed_is_shown_as_such_and_photos_are_in_no_trend(tmp_path):
    with SessionStore(tmp_path) as store:
        photo = add_session(store, NOTHING, source=NOTHING.source)
        clip = add_session(store, RECORD, source=RECORD.source)
        add_session(store, LIVE)
    with serving(tmp_path) as client:
        client.enter()
        listed = client.ask("/").body
        assert "Recording" in listed
        assert "clip.mp4" in listed
        assert "have the time at which they were analysed" in listed
        assert listed.count("camera 0") == 0  # of a live session the camera is nothing to tell it from others by
        page = client.ask(f"/sessions/{clip}").body
        assert "<h1>Analysed " in page
        assert ">Set</th>" not in page
        assert "Left, 4.0–11.0 s</option>" in page
        page = client.ask(f"/sessions/{photo}").body
        assert 'id="numbers"' not in page
        assert "How long" not in page
        trends = client.ask("/trends").body
        assert "2 sessions." in trends
        assert photo not in trends
        assert "Recordings stand at the time at which they were analysed." in trends


def test_a_warning_is_listed_also_where_most_was_not_checked(tmp_path):
    blind = tuple(
        Unchecked(rule.name, NotChecked.WRONG_VIEW, 1.0) for rule in LIVE.profile.flags if rule.name != "hip_adduction"
    )
    warned = replace(LIVE, unchecked=blind, flags=(replace(LIVE.flags[0], flag="hip_adduction"),))
    with SessionStore(tmp_path) as store:
        add_session(store, warned)
        add_session(store, replace(warned, flags=()))
    with serving(tmp_path) as client:
        client.enter()
        listed = client.ask("/").body
    assert sorted(re.findall(r'data-name="flags">([^<]*)<', listed)) == ["1", "–"]


def test_trends_of_a_leg_are_those_of_that_leg(tmp_path):
    with SessionStore(tmp_path) as store:
        add_session(store, LIVE)
    with serving(tmp_path) as client:
        client.enter()
        shares = {}
        for query in ("", "?leg=left", "?leg=right"):
            page = client.ask(f"/trends{query}").body
            shares[query] = re.search(r"<strong>(\d+ %) lately", page).group(1)
            assert ("The numbers are those of the" in page) == bool(query)
        assert shares == {"": "71 %", "?leg=left": "91 %", "?leg=right": "33 %"}
