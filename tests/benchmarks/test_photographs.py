from __future__ import annotations

from types import SimpleNamespace

import pytest

from formcoach.angles import Readings
from formcoach.stretch import load_profile
from formcoach.stretch.types import Phase, Severity
from photographs import (
    AGREES,
    ANGLES,
    CONTRADICTS,
    NOT_CHECKED,
    STRETCH,
    make_tables,
    score_photograph,
)

PROFILE = load_profile()
LABEL = {"file": "a.jpg", "kind": STRETCH, "ankle": "unclear", "knee": "unclear", "back": "unclear", "neck": "unclear"}


def review(*, phase=Phase.HOLD, severities=None, **values):
    """Return what the program says of a picture: readings by part, and how its flags stand by name."""
    readings = Readings.unknown()
    for part, value in values.items():
        readings.value_deg[ANGLES[part].column] = value
        readings.sigma_deg[ANGLES[part].column] = 5.0
    shown = severities or {}
    flags = tuple(SimpleNamespace(severity=shown.get(rule.name, Severity.NOT_CHECKED)) for rule in PROFILE.flags)
    return SimpleNamespace(readings=readings, assessment=SimpleNamespace(phase=phase, flags=flags))


def score(label, step):
    return score_photograph(LABEL | label, step, PROFILE)


@pytest.mark.parametrize(
    ("kind", "phase", "is_right"),
    [
        (STRETCH, Phase.HOLD, True),
        (STRETCH, Phase.FRAMING, False),
        ("lunge", Phase.READY, True),
        ("lunge", Phase.PAUSED, False),
    ],
)
def test_only_the_stretch_is_to_be_seen(kind, phase, is_right):
    assert score({"kind": kind}, review(phase=phase)).is_right is is_right


def test_nobody_found_is_a_refusal():
    one = score({"kind": "other", "back": "neutral"}, None)
    assert one.is_right
    assert [(part.reading, part.flag) for part in one.parts] == [(NOT_CHECKED, NOT_CHECKED)]


@pytest.mark.parametrize(
    ("part", "label", "value", "verdict"),
    [
        ("back", "rounded", 40.0, AGREES),
        ("back", "rounded", 6.0, AGREES),
        ("back", "rounded", 4.0, CONTRADICTS),
        ("back", "neutral", 26.0, CONTRADICTS),
        ("neck", "looking down", -20.0, CONTRADICTS),
        ("ankle", "plantarflexed", 1.0, CONTRADICTS),
        ("knee", "slight bend", 38.0, AGREES),
    ],
)
def test_a_reading_contradicts_a_label_from_ten_degrees_on(part, label, value, verdict):
    (found,) = score({part: label}, review(**{part: value})).parts
    assert (found.part, found.value_deg, found.reading) == (part, value, verdict)


@pytest.mark.parametrize(
    ("part", "label", "flag", "severity", "verdict"),
    [
        ("back", "rounded", "lumbar_flexion", Severity.WARN, AGREES),
        ("back", "rounded", "lumbar_flexion", Severity.GOOD, CONTRADICTS),
        ("back", "rounded", "lumbar_flexion", Severity.NOT_CHECKED, NOT_CHECKED),
        ("back", "neutral", "lumbar_flexion", Severity.WARN, CONTRADICTS),
        ("back", "neutral", "lumbar_flexion", Severity.GOOD, AGREES),
        ("ankle", "neutral", "ankle_dorsiflexion", Severity.WARN, AGREES),
        ("ankle", "neutral", "ankle_dorsiflexion", Severity.GOOD, AGREES),
        ("ankle", "plantarflexed", "ankle_dorsiflexion", Severity.WARN, CONTRADICTS),
        ("knee", "bent", "knee_locked", Severity.WARN, CONTRADICTS),
        ("knee", "bent", "knee_bent", Severity.GOOD, CONTRADICTS),
        ("knee", "slight bend", "knee_bent", Severity.TIP, CONTRADICTS),
        ("knee", "straight", "knee_locked", Severity.WARN, AGREES),
    ],
)
def test_a_flag_is_judged_by_what_the_label_allows_and_demands(part, label, flag, severity, verdict):
    (found,) = score({part: label}, review(severities={flag: severity})).parts
    assert found.flag == verdict


def test_flags_of_a_refused_picture_are_not_judged():
    step = review(phase=Phase.READY, severities={"lumbar_flexion": Severity.WARN}, back=40.0)
    (found,) = score({"kind": "lunge", "back": "neutral"}, step).parts
    assert (found.reading, found.flag, found.shown) == (CONTRADICTS, NOT_CHECKED, "")


def test_labels_that_say_nothing_are_left_out():
    assert score({}, review(back=10.0)).parts == ()


def test_every_picture_has_a_line_and_everything_is_counted():
    right = score({"back": "rounded"}, review(back=40.0, severities={"lumbar_flexion": Severity.STRONG}))
    wrong = score({"kind": "lunge", "back": "neutral", "file": "b.jpg"}, review(back=40.0))
    refused = score({"kind": "other", "back": "neutral", "file": "c.jpg"}, review(phase=Phase.FRAMING))
    listing, counts = make_tables([right, wrong, refused])
    assert [row[2] for row in listing.rows] == ["seen", "seen (wrong)", "refused"]
    assert "lumbar_flexion strong +" in listing.rows[0][5]
    back = next(row for row in counts.rows if row[0] == "back")
    assert back[1:] == ("1", "1", "1", "1", "0", "1")
    assert "1 of 1" in counts.notes[0]
    assert "1 of 2" in counts.notes[0]
