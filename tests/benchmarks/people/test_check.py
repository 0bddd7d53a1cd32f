from __future__ import annotations

import pytest

import people.check
from people.check import RANGES, largest_errors, largest_float
from people.posing import pose_body
from people.standing import draw_neutral

MEASURED = {*RANGES} - {"stance_ankle_dorsiflexion", "head_forward"}


def test_a_body_of_sticks_is_posed_exactly(sticks):
    errors = largest_errors(sticks, 60)
    assert set(errors) == MEASURED
    assert max(errors.values()) < 1e-6


def test_sticks_stand_on_the_floor(sticks):
    assert largest_float(sticks, 12) < 0.003


def test_the_real_body_is_posed_exactly(actor):
    errors = largest_errors(actor.body, 20)
    assert set(errors) == MEASURED
    assert max(errors.values()) < 0.01


def test_the_real_body_stands_on_the_floor(actor):
    assert largest_float(actor.body, 4) < 0.003


@pytest.mark.parametrize("name", sorted(MEASURED))
def test_the_check_sees_an_angle_that_is_posed_wrongly(sticks, monkeypatch, name):
    monkeypatch.setattr(
        people.check, "pose_body", lambda body, angles, side: pose_body(body, angles.plus(**{name: 0.5}), side)
    )
    errors = largest_errors(sticks, 10)
    assert errors.pop(name) == pytest.approx(0.5, abs=1e-3)
    assert max(errors.values()) < 1e-6


def test_the_check_sees_a_foot_in_the_air(sticks, monkeypatch):
    monkeypatch.setattr(
        people.check, "draw_neutral", lambda *arguments: draw_neutral(*arguments).plus(knee_flexion=20.0)
    )
    assert largest_float(sticks, 2) > 0.01
