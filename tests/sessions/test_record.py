from __future__ import annotations

import copy
import csv
import json
from dataclasses import replace
from importlib import resources

import jsonschema
import numpy as np
import pytest

from builders import STRETCHING, make_clip, make_readings
from formcoach.angles import Angle, Readings
from formcoach.pose.landmarks import Side
from formcoach.sessions.record import to_document, to_json
from formcoach.sessions.series import AngleSeries
from formcoach.sessions.tables import ANGLE_COLUMNS, AnglesTable, write_flags
from formcoach.sessions.wording import one_thing, raised_spans, summarise, worst_flags
from formcoach.stretch import Phase
from formcoach.stretch.events import Unchecked
from formcoach.stretch.types import NotChecked
from sessions_data import NAN, NOTHING, RECORD

SCHEMA = json.loads(resources.files("formcoach.sessions").joinpath("session.schema.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("record", [RECORD, NOTHING], ids=["full", "nothing known"])
def test_the_document_follows_the_schema(record):
    document = json.loads(to_json(record))
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.validate(document, SCHEMA)


def test_the_schema_is_strict():
    for key in RECORD.__slots__:
        document = copy.deepcopy(to_document(RECORD))
        if key in document:
            del document[key]
            with pytest.raises(jsonschema.ValidationError):
                jsonschema.validate(document, SCHEMA)
    extra = to_document(RECORD) | {"score": 7}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(extra, SCHEMA)


def test_unknown_is_null_and_never_zero():
    document = to_document(NOTHING)
    assert document["view"]["azimuth_deg"] is None
    assert document["angles"]["knee_flexion"]["median_deg"] is None
    assert document["flags"][0]["peak_deg"] is None
    assert "NaN" not in to_json(NOTHING)


def test_every_threshold_in_the_record_names_its_source():
    for rule in to_document(RECORD)["exercise"]["flags"]:
        for threshold in rule["thresholds"].values():
            assert len(threshold["source"]) > 3


def test_the_record_tells_which_flags_are_never_judged():
    judged = {rule["name"]: rule["judged"] for rule in to_document(RECORD)["exercise"]["flags"]}
    assert [name for name, value in judged.items() if not value] == ["hip_medial_rotation"]


def test_angles_csv_has_the_fixed_columns_and_empty_cells_for_unknown(tmp_path):
    with AnglesTable(tmp_path / "angles.csv") as table:
        table.write(3, 0.25, Phase.HOLD, Side.LEFT, make_readings(4.0, knee_flexion=12.3456, hip_adduction=NAN))
        table.write(4, 0.3, Phase.FRAMING, None, Readings.unknown())
    rows = list(csv.DictReader((tmp_path / "angles.csv").read_text(encoding="utf-8").splitlines()))
    assert list(rows[0]) == ANGLE_COLUMNS
    assert ANGLE_COLUMNS[:4] == ["frame", "time_s", "phase", "leg"]
    assert ANGLE_COLUMNS[4:7] == ["ankle_dorsiflexion_deg", "ankle_dorsiflexion_sigma_deg", "ankle_dorsiflexion_status"]
    assert (rows[0]["frame"], rows[0]["time_s"], rows[0]["phase"], rows[0]["leg"]) == ("3", "0.2500", "hold", "left")
    assert (rows[0]["knee_flexion_deg"], rows[0]["knee_flexion_status"]) == ("12.346", "ok")
    assert (rows[0]["hip_adduction_deg"], rows[0]["hip_adduction_status"]) == ("", "low_visibility")
    assert rows[1]["leg"] == ""
    assert rows[1]["knee_flexion_status"] == "out_of_view"


def test_flags_csv(tmp_path):
    write_flags(tmp_path / "flags.csv", NOTHING.flags + RECORD.flags[:1])
    text = (tmp_path / "flags.csv").read_text(encoding="utf-8").splitlines()
    assert text == [
        "flag,severity,start_s,end_s,peak_deg",
        "knee_bent,tip,1.000,2.000,",
        "ankle_dorsiflexion,warn,5.000,8.000,6.000",
    ]


def test_the_one_thing_is_the_most_urgent_and_then_the_longest():
    assert worst_flags(RECORD) == ["lumbar_flexion", "ankle_dorsiflexion"]
    assert one_thing(RECORD).startswith("Chest long, hinge at hips.")
    assert one_thing(replace(RECORD, flags=())) is None
    assert raised_spans(RECORD, "lumbar_flexion") == [(6.0, 8.0)]


def test_what_happened_in_plain_words():
    assert (
        summarise(RECORD)
        == "One hold, 5 s counted, 4 s of it in good form; the clock stood still for 2 s. To watch: back, ankle."
    )
    assert "Nothing to change" in summarise(replace(RECORD, flags=()))
    assert "No hold" in summarise(replace(RECORD, holds=(), flags=()))
    assert "was not seen in this picture" in summarise(NOTHING)
    unseen = tuple(Unchecked(rule.name, NotChecked.OUT_OF_VIEW, 0.9) for rule in RECORD.profile.flags)
    assert "nothing of it could be checked" in summarise(replace(RECORD, flags=(), unchecked=unseen))


def test_summaries_are_over_the_hold_and_know_what_was_not_seen():
    times, poses = make_clip((STRETCHING, 2.0))
    count = len(times)
    readings = Readings.unknown((count,))
    readings.value_deg[:, Angle.KNEE_FLEXION.column] = np.where(np.arange(count) < 10, 90.0, 12.0)
    readings.sigma_deg[:, Angle.KNEE_FLEXION.column] = 3.0
    series = AngleSeries(times, readings, np.arange(count) >= 10)
    by_angle = {one.angle: one for one in series.summaries()}
    knee = by_angle[Angle.KNEE_FLEXION]
    assert (knee.median_deg, knee.checked_share, knee.sigma_deg) == (12.0, 1.0, 3.0)
    assert by_angle[Angle.LUMBAR_FLEXION].checked_share == 0.0
    assert np.isnan(by_angle[Angle.LUMBAR_FLEXION].median_deg)
    del poses
