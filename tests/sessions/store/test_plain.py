"""Dataclasses as text and back."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from formcoach.pose.model import ModelInfo
from formcoach.sessions.store.plain import from_text, to_text
from formcoach.stretch import Profile, load_profile
from formcoach.stretch.profile import Number, list_profiles
from formcoach.video import SourceInfo
from store_sessions import MODEL, make_plan


@pytest.mark.parametrize("name", list_profiles())
def test_a_profile_comes_back_equal(name):
    profile = load_profile(name)
    back = from_text(Profile, to_text(profile))
    assert back == profile
    assert back.sha256 == profile.sha256


def test_so_does_one_that_was_changed_by_an_option():
    profile = load_profile()
    changed = replace(profile, hold=replace(profile.hold, target_s=Number(0.1 + 0.2, "asked for with --hold")))
    assert from_text(Profile, to_text(changed)) == changed


def test_source_and_model_come_back_and_nan_is_null():
    source = make_plan().source
    assert from_text(SourceInfo, to_text(source)) == source
    assert from_text(ModelInfo, to_text(MODEL)) == MODEL
    text = to_text(Number(math.nan, "nowhere"))
    assert "null" in text
    assert math.isnan(from_text(Number, text).value)


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"value": "x", "source": "y"}', '{"value": 1, "source": 2}'])
def test_what_does_not_fit_is_refused(text):
    with pytest.raises(ValueError, match=r".+"):
        from_text(Number, text)
