from __future__ import annotations

import itertools
from dataclasses import replace

from builders import make_readings
from formcoach.angles import Angle
from formcoach.stretch.cues import CueChooser, CueKind
from formcoach.stretch.profile import load_profile
from formcoach.stretch.types import FlagState, NotChecked, Severity

PROFILE = load_profile()
READING = make_readings().reading(Angle.KNEE_FLEXION)
COOLDOWN = PROFILE.timing.cue_cooldown_s.value


def states(**raised):
    return tuple(
        FlagState(rule.name, raised.get(rule.name, Severity.GOOD), READING, None, 0.0) for rule in PROFILE.flags
    )


def said(chooser, parts, fps=10.0):
    """Feed (seconds, raised flags) parts and return (time, cue) of all that was said."""
    out, frame = [], 0
    for seconds, raised in parts:
        for _ in range(round(seconds * fps)):
            cue = chooser.step(frame / fps, states(**raised))
            if cue is not None:
                out.append((frame / fps, cue))
            frame += 1
    return out


def test_silence_in_good_form():
    assert said(CueChooser(PROFILE), [(20, {})]) == []


def test_nothing_is_praised_whose_angle_is_in_doubt_at_its_other_end():
    """A foot that comes down bends the knee: it is not locked any more, and no better for it."""
    chooser = CueChooser(PROFILE)
    said(chooser, [(1, {"knee_locked": Severity.WARN})])
    bending = tuple(
        replace(one, severity=Severity.NOT_CHECKED, reason=NotChecked.TOO_CLOSE) if one.name == "knee_bent" else one
        for one in states()
    )
    assert chooser.step(20.0, bending) is None
    assert chooser.step(21.0, states()).text == PROFILE.flag("knee_locked").praise


def test_strong_before_warn_whatever_the_order_of_the_flags():
    raised = {"lumbar_flexion": Severity.WARN, "ankle_dorsiflexion": Severity.STRONG}
    first = said(CueChooser(PROFILE), [(1, raised)])[0][1]
    assert first.flag == "ankle_dorsiflexion"
    assert first.text == PROFILE.flag("ankle_dorsiflexion").cue


def test_of_two_equal_flags_the_one_that_releases_most():
    raised = {"ankle_dorsiflexion": Severity.WARN, "cervical_flexion": Severity.WARN, "lumbar_flexion": Severity.WARN}
    order = [cue.flag for _, cue in said(CueChooser(PROFILE), [(COOLDOWN + 6, raised)])]
    assert order[:3] == ["lumbar_flexion", "cervical_flexion", "lumbar_flexion"]


def test_the_same_cue_waits_for_its_cooldown():
    times = [time_s for time_s, _ in said(CueChooser(PROFILE), [(20, {"lumbar_flexion": Severity.WARN})])]
    assert len(times) >= 2
    assert all(after - before >= COOLDOWN - 0.01 for before, after in itertools.pairwise(times))


def test_after_three_repeats_it_asks_to_ease_off():
    cues = [cue for _, cue in said(CueChooser(PROFILE), [(5 * COOLDOWN, {"lumbar_flexion": Severity.STRONG})])]
    assert [cue.kind for cue in cues[:4]] == [CueKind.CORRECT] * 3 + [CueKind.EASE_OFF]
    assert cues[3].text == PROFILE.stacking_cue


def test_a_correction_is_confirmed_once():
    cues = said(CueChooser(PROFILE), [(2, {"lumbar_flexion": Severity.WARN}), (20, {})])
    assert [cue.kind for _, cue in cues] == [CueKind.CORRECT, CueKind.PRAISE]
    assert cues[1][1].text == PROFILE.flag("lumbar_flexion").praise


def test_nothing_is_praised_while_something_is_raised():
    parts = [(1, {"lumbar_flexion": Severity.STRONG}), (20, {"cervical_flexion": Severity.STRONG}), (20, {})]
    kinds = [(time_s < 21.0, cue.kind) for time_s, cue in said(CueChooser(PROFILE), parts)]
    assert (True, CueKind.PRAISE) not in kinds
    assert (False, CueKind.PRAISE) in kinds


def test_warnings_that_come_together_first_ask_to_ease_off():
    both = states(lumbar_flexion=Severity.WARN, cervical_flexion=Severity.WARN)
    chooser = CueChooser(PROFILE)
    first = chooser.step(0.0, both, stacked=True)
    assert (first.kind, first.text, first.severity) == (CueKind.EASE_OFF, PROFILE.stacking_cue, Severity.STRONG)
    assert chooser.step(COOLDOWN / 2, both, stacked=True).kind is CueKind.CORRECT
    assert chooser.step(COOLDOWN, both, stacked=True).kind is CueKind.EASE_OFF


def test_what_was_never_spoken_of_is_not_praised():
    chooser = CueChooser(PROFILE)
    both = {"lumbar_flexion": Severity.STRONG, "knee_locked": Severity.WARN}
    cues = [cue for _, cue in said(chooser, [(1, both), (10, {})])]
    assert [cue.flag for cue in cues] == ["lumbar_flexion", "lumbar_flexion"]


def test_a_tip_is_said_once():
    cues = said(CueChooser(PROFILE), [(60, {"knee_bent": Severity.TIP})])
    assert len(cues) == 1


def test_one_cue_at_a_time():
    raised = {rule.name: Severity.WARN for rule in PROFILE.flags}
    times = [time_s for time_s, _ in said(CueChooser(PROFILE), [(30, raised)])]
    assert all(after - before >= COOLDOWN / 2 - 0.01 for before, after in itertools.pairwise(times))


def test_a_new_hold_starts_afresh():
    chooser = CueChooser(PROFILE)
    said(chooser, [(1, {"knee_bent": Severity.TIP})])
    chooser.reset()
    assert chooser.step(100.0, states(knee_bent=Severity.TIP)) is not None
