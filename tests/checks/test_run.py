from __future__ import annotations

import pytest

from formcoach.checks import Check, Verdict, run
from formcoach.checks.run import CHECKS, run_checks
from formcoach.errors import MissingLibraryError


def first_then(error):
    def check():
        yield Check.ok("first", "good")
        raise error

    return check


def last():
    yield Check.ok("last", "good")


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (MissingLibraryError("libX is missing: install it."), "libX is missing: install it."),
        (ModuleNotFoundError("No module named 'av'", name="av"), "The Python package av is missing: install formcoach"),
        (OSError("PortAudio library not found"), "The system library PortAudio is missing: on Debian"),
        (
            ZeroDivisionError("by nothing"),
            "This could not be checked because of a fault in formcoach (ZeroDivisionError,",
        ),
    ],
)
def test_what_goes_wrong_in_one_does_not_keep_the_others_from_being_done(monkeypatch, error, sentence):
    monkeypatch.delenv("FORMCOACH_DEBUG", raising=False)
    monkeypatch.setattr(run, "CHECKS", (("one", first_then(error), Verdict.HINT), ("two", last, Verdict.FAILURE)))
    first, wrong, after = run_checks()
    assert (first.name, after.name) == ("first", "last")
    assert (wrong.name, wrong.verdict) == ("one", Verdict.HINT)
    assert wrong.sentence.startswith(sentence)


def test_debugging_shows_where_a_fault_is(monkeypatch):
    monkeypatch.setenv("FORMCOACH_DEBUG", "1")
    monkeypatch.setattr(run, "CHECKS", (("one", first_then(ZeroDivisionError()), Verdict.HINT),))
    with pytest.raises(ZeroDivisionError):
        list(run_checks())


def test_only_parts_and_models_keep_recordings_from_being_analysed():
    assert [name for name, _, worst in CHECKS if worst is Verdict.FAILURE] == ["parts", "pose models"]
