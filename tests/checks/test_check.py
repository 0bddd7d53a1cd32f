from __future__ import annotations

import pytest

from formcoach.checks import Check, Verdict, worst_verdict
from formcoach.errors import ModelError, SourceError


def test_an_error_becomes_what_is_wrong_and_what_to_do():
    error = ModelError("The pose model 'lite' is damaged (its sha256 differs): install formcoach again.")
    check = Check.from_error("pose model lite", Verdict.FAILURE, error)
    assert check.detail == "The pose model 'lite' is damaged (its sha256 differs)"
    assert check.remedy == "install formcoach again."
    assert check.sentence == str(error)


def test_a_sentence_without_a_remedy_stays_whole():
    assert Check.from_error("camera", Verdict.HINT, SourceError("It is gone.")).sentence == "It is gone."


@pytest.mark.parametrize(
    ("verdicts", "worst"),
    [("", "ok"), ("ok", "ok"), ("ok hint ok", "hint"), ("hint failure ok hint", "failure")],
)
def test_the_gravest_verdict_counts(verdicts, worst):
    assert worst_verdict(Check("a", Verdict(one), "b") for one in verdicts.split()) == worst
