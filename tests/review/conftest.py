"""Stores that are served."""

from __future__ import annotations

from dataclasses import replace

import pytest

from formcoach.sessions.store import SessionStore
from formcoach.stretch import load_profile
from report_data import LIVE
from review_server import serving
from review_store import EVIL, add_session, fill_store, make_record


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    """Some sessions that no test changes, served."""
    folder = tmp_path_factory.mktemp("many")
    names = fill_store(folder, 6)
    with serving(folder) as client:
        client.enter()
        client.names = names
        yield client


@pytest.fixture
def one(tmp_path):
    """A session of a clip with a name and a note that want to be code, served."""
    with SessionStore(tmp_path) as store:
        source = replace(LIVE.source, name=f"{EVIL}.mp4")
        record = replace(make_record(3), source=source)
        profile = replace(load_profile(), title=f"Mine {EVIL}")
        name = add_session(store, record, source=source, profile=profile)
        store.add_note(name, EVIL)
    with serving(tmp_path) as client:
        client.enter()
        client.name, client.folder = name, tmp_path
        yield client
