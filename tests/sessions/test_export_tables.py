"""CSV, JSON and Parquet of a session, and where they are written."""

from __future__ import annotations

import csv
import json
import sys

import numpy as np
import pytest

from formcoach.analysis.exporting import ExportTarget, export_session
from formcoach.analysis.kept import load_kept
from formcoach.errors import MissingLibraryError, OutputError, UsageError
from formcoach.sessions.record import to_document
from formcoach.sessions.store import SessionStore
from kept_sessions import keep_live


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    with SessionStore(tmp_path_factory.mktemp("kept") / "home") as store:
        yield store, *keep_live(store, with_folder=True)


def rows_of(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_tables_are_those_of_the_result_folder(kept, tmp_path):
    store, session_id, record = kept
    (folder,) = export_session(store, session_id, "csv", ExportTarget(tmp_path / "out"))
    assert folder == tmp_path / "out" / session_id
    for name in ("angles.csv", "flags.csv"):
        assert (folder / name).read_bytes() == (store.folder_of(session_id) / name).read_bytes()
    (hold,) = rows_of(folder / "holds.csv")
    assert (hold["leg"], hold["set"], float(hold["good_s"])) == ("left", "1", round(record.holds[0].good_s, 3))
    (symptom,) = rows_of(folder / "symptoms.csv")
    reading = next(iter(record.symptoms[0].readings.items()))[1]
    assert (symptom["place"], symptom["trigger"], symptom["set"]) == ("behind_knee", "felt_it", "1")
    assert float(symptom["ankle_dorsiflexion_deg"]) == round(reading.value_deg, 3)


def test_json_is_the_document(kept, tmp_path):
    store, session_id, record = kept
    (path,) = export_session(store, session_id, "json", ExportTarget(tmp_path))
    assert json.loads(path.read_text(encoding="utf-8")) == to_document(record)


def test_parquet_has_units_and_nulls(kept, tmp_path):
    pq = pytest.importorskip("pyarrow.parquet")
    store, session_id, record = kept
    (path,) = export_session(store, session_id, "parquet", ExportTarget(tmp_path))
    table = pq.read_table(path)
    rows = rows_of(store.folder_of(session_id) / "angles.csv")
    assert table.column_names == list(rows[0])
    assert table.schema.field("knee_flexion_deg").metadata == {b"unit": b"degree"}
    assert table.schema.field("time_s").metadata == {b"unit": b"second"}
    assert json.loads(table.schema.metadata[b"formcoach.session"]) == to_document(record)
    found = table.to_pydict()
    for name in ("knee_flexion_deg", "lumbar_flexion_sigma_deg"):
        assert found[name] == [None if row[name] == "" else float(row[name]) for row in rows]
        assert None in found[name]
    for name in ("phase", "knee_flexion_status"):
        assert found[name] == [row[name] for row in rows]
    assert found["leg"] == [row["leg"] or None for row in rows]
    assert np.allclose(found["time_s"], [float(row["time_s"]) for row in rows], atol=1e-4)


def test_a_missing_extra_is_a_sentence(kept, tmp_path, monkeypatch):
    store, session_id, _ = kept
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingLibraryError, match=r"pip install 'formcoach\[parquet\]'"):
        export_session(store, session_id, "parquet", ExportTarget(tmp_path))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("kind", ["csv", "json", "trc", "mot", "zip"])
def test_what_stands_there_is_replaced_only_when_asked(kept, tmp_path, kind):
    store, session_id, _ = kept
    written = export_session(store, session_id, kind, ExportTarget(tmp_path))
    assert len(written) == 1
    with pytest.raises(OutputError, match="add --overwrite"):
        export_session(store, session_id, kind, ExportTarget(tmp_path))
    assert export_session(store, session_id, kind, ExportTarget(tmp_path, overwrite=True)) == written
    assert not list(tmp_path.glob(".*"))


def test_without_what_was_measured_it_is_measured_again(tmp_path):
    with SessionStore(tmp_path / "home") as store:
        session_id, _ = keep_live(store, with_folder=True, with_measured=False)
        assert store.load_result(session_id) is None
        (folder,) = export_session(store, session_id, "csv", ExportTarget(tmp_path / "out"))
        live = store.folder_of(session_id) / "angles.csv"
        assert (folder / "angles.csv").read_bytes() == live.read_bytes()
        (path,) = export_session(store, session_id, "trc", ExportTarget(tmp_path / "out"))
        frames = len(load_kept(store, session_id).measured)
        assert len(path.read_text().splitlines()) == 6 + frames


def test_a_session_in_which_nothing_was_seen_is_a_sentence(tmp_path):
    with SessionStore(tmp_path / "home") as store:
        session_id, _ = keep_live(store, frames=0, finish=False)
        store.adopt(session_id).finish_empty()
        with pytest.raises(UsageError, match="Nothing was seen"):
            export_session(store, session_id, "mot", ExportTarget(tmp_path))
