from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest

from builders import STANDING, STRETCHING, make_clip, make_pose
from formcoach.angles import Angle, Reading, Status
from formcoach.angles.calibration import load_calibration
from formcoach.coach import Coach, review_still
from formcoach.feedback.overlay import Overlay
from formcoach.feedback.overlay.annotators import (
    CueAnnotator,
    FlagChipsAnnotator,
    HoldRingAnnotator,
    Scene,
    SkeletonAnnotator,
    chips_belong_left,
    number_text,
    phase_words,
)
from formcoach.feedback.overlay.canvas import Box, Canvas, Palette
from formcoach.pose.outline import back_line
from formcoach.pose.pose import Pose
from formcoach.stretch import Phase, Severity, load_profile
from formcoach.stretch.cues import Cue, CueKind

PROFILE = load_profile()
PALETTE = Palette()
BACKGROUND = 118


def blank(size=(640, 480)):
    return np.full((size[1], size[0], 3), BACKGROUND, np.uint8)


@pytest.fixture(scope="module")
def steps():
    """A session in which toes come up in the middle of the hold."""
    toes_up = replace(STRETCHING, ankle=20.0)
    times, poses = make_clip((STANDING, 2.0), (STRETCHING, 4.0), (toes_up, 4.0), (STANDING, 1.0))
    coach = Coach(PROFILE, load_calibration("heavy"), (640, 480))
    return [coach.step(float(time_s), poses[index]) for index, time_s in enumerate(times)]


@pytest.fixture(scope="module")
def flagged(steps):
    return next(step for step in steps if step.assessment.severity >= Severity.WARN)


def scene(step, **changes):
    return replace(Scene(step, PROFILE, None, still=False, chips_left=False), **changes)


def painted(annotator, step, size=(640, 480), **changes):
    """Draw one thing on an even background and return the picture and where it differs from it."""
    canvas = Canvas(blank(size), PALETTE)
    annotator.annotate(canvas, scene(step, **changes))
    return canvas.image, (canvas.image != BACKGROUND).any(axis=2)


def has_colour(image, colour, tolerance=12):
    return bool((np.abs(image.astype(int) - np.array(colour.bgr)).max(axis=2) <= tolerance).sum() > 8)


def test_it_draws_on_a_copy(flagged):
    image = blank()
    drawn = Overlay(PROFILE).draw(image, flagged)
    assert (image == BACKGROUND).all()
    assert drawn.shape == image.shape
    assert (drawn != image).any()


def test_nobody_and_no_phase_draws_only_the_word(steps):
    _, where = painted(SkeletonAnnotator(), replace(steps[0], pose=Pose.missing()))
    assert not where.any()


def test_the_raised_leg_stands_out(flagged):
    image, _ = painted(SkeletonAnnotator(), flagged)
    knee, ankle = flagged.pose.points[25], flagged.pose.points[27]
    x, y = ((knee + ankle) / 2).astype(int)
    assert image[y, x].tolist() == list(PALETTE.raised_leg.bgr)
    x, y = ((flagged.pose.points[26] + flagged.pose.points[28]) / 2).astype(int)
    assert image[y, x].tolist() == list(PALETTE.body.bgr)


def test_what_the_model_only_guesses_is_not_drawn(flagged):
    hidden = flagged.pose.visibility.copy()
    hidden[25:] = 0.1
    _, where = painted(SkeletonAnnotator(), replace(flagged, pose=replace(flagged.pose, visibility=hidden)))
    x, y = flagged.pose.points[27].astype(int)
    assert not where[y - 6 : y + 6, x - 6 : x + 6].any()


def test_chips_show_every_severity_by_shape_and_word(flagged):
    image, _ = painted(FlagChipsAnnotator(), flagged)
    ankle = next(state for state in flagged.assessment.flags if state.name == "ankle_dorsiflexion")
    assert has_colour(image, PALETTE.severity(ankle.severity))
    assert has_colour(image, PALETTE.good)
    assert has_colour(image, PALETTE.not_checked)


@pytest.mark.parametrize("first", list(Severity))
@pytest.mark.parametrize("second", list(Severity))
def test_symbols_differ_in_shape_and_not_only_in_colour(first, second):
    def shape(severity):
        canvas = Canvas(np.zeros((48, 48, 3), np.uint8), Palette(*[Palette().ink] * 11))
        canvas.unit = 2.0
        canvas.symbol(severity, 24, 24, 8.0)
        return canvas.image.max(axis=2) > 100

    different = (shape(first) ^ shape(second)).mean()
    assert (different == 0) if first is second else (different > 0.02)


def test_nothing_unseen_is_ever_green(flagged):
    unseen = tuple(replace(state, severity=Severity.NOT_CHECKED) for state in flagged.assessment.flags)
    step = replace(flagged, assessment=replace(flagged.assessment, flags=unseen, severity=Severity.NOT_CHECKED))
    image, _ = painted(FlagChipsAnnotator(), step)
    assert not has_colour(image, PALETTE.good)


def test_chips_stand_on_the_side_they_are_told(flagged):
    _, left = painted(FlagChipsAnnotator(), flagged, chips_left=True)
    _, right = painted(FlagChipsAnnotator(), flagged, chips_left=False)
    assert not left[:, 320:].any()
    assert not right[:, :320].any()


def test_chips_go_behind_the_back_unless_there_is_no_room():
    facing_left = make_pose(STRETCHING)
    assert not chips_belong_left(facing_left, 640, faces_right=False)
    at_the_edge = make_pose(replace(STRETCHING, centre=(560.0, 240.0)))
    assert chips_belong_left(at_the_edge, 640, faces_right=False)


def test_the_ring_fills_with_the_clock_and_shows_the_phase(flagged):
    def share(counted):
        return green(counted_s=counted, severity=Severity.GOOD, good_form=True, phase=Phase.HOLD)

    def green(**changes):
        assessment = replace(flagged.assessment, **changes)
        image, _ = painted(HoldRingAnnotator(), replace(flagged, assessment=assessment))
        return int((np.abs(image.astype(int) - np.array(PALETTE.good.bgr)).max(axis=2) < 40).sum())

    assert share(0.5) < share(8.0) < share(15.0) < share(30.0)
    for severity in (Severity.GOOD, Severity.NOT_CHECKED):
        assert green(counted_s=15.0, severity=severity, good_form=False, phase=Phase.HOLD) == 0


def test_the_cue_is_large_and_stays_inside_the_picture(flagged):
    cue = Cue(CueKind.CORRECT, "lumbar_flexion", "Chest long, hinge at hips", Severity.STRONG)
    for size in ((640, 480), (3840, 2160), (1080, 1920), (320, 240)):
        image, where = painted(CueAnnotator(), flagged, size, cue=cue)
        rows, columns = np.flatnonzero(where.any(axis=1)), np.flatnonzero(where.any(axis=0))
        assert rows[-1] < size[1] - 1
        assert columns[0] > 0
        assert columns[-1] < size[0] - 1
        letters = np.abs(image.astype(int) - np.array(PALETTE.strong.bgr)).max(axis=2) < 30
        tall = np.flatnonzero(letters.any(axis=1))
        assert (tall[-1] - tall[0]) / min(size) > 0.045, size


@pytest.mark.parametrize("size", [(640, 480), (1920, 1080), (3840, 2160), (480, 854), (1080, 1920)])
def test_text_grows_with_the_picture(size):
    canvas = Canvas(blank(size), PALETTE)
    _, height = canvas.text_size("12° ±5", 15.0)
    assert height == pytest.approx(15.0 * min(size) / 480, rel=0.35)


def test_a_cue_stays_while_its_flag_stands_and_goes_soon_after(steps):
    overlay = Overlay(PROFILE, annotators=[CueAnnotator()])
    shown = {}
    for step in steps:
        shown[round(step.time_s, 2)] = bool((overlay.draw(blank(), step) != BACKGROUND).any())
    said = next(step.time_s for step in steps if step.assessment.cue)
    standing = [step.time_s for step in steps if any(state.severity.is_raised for state in step.assessment.flags)]
    assert not any(on for time_s, on in shown.items() if time_s < said - 0.01)
    assert all(on for time_s, on in shown.items() if said <= time_s <= max(standing))
    assert not shown[round(steps[-1].time_s, 2)] or steps[-1].time_s - max(standing) < 2.6


def test_a_cue_looks_as_urgent_as_its_flag_is_now(flagged):
    overlay = Overlay(PROFILE, annotators=[CueAnnotator()])
    assessment = flagged.assessment

    def draw(severity, cue=None):
        flags = tuple(
            replace(state, severity=severity) if state.name == "ankle_dorsiflexion" else state
            for state in assessment.flags
        )
        return overlay.draw(blank(), replace(flagged, assessment=replace(assessment, flags=flags, cue=cue)))

    cue = Cue(CueKind.CORRECT, "ankle_dorsiflexion", "Let the toes go", Severity.WARN)
    assert has_colour(draw(Severity.WARN, cue), PALETTE.warn)
    grown = draw(Severity.STRONG)
    assert has_colour(grown, PALETTE.strong)
    assert not has_colour(grown, PALETTE.warn)
    stacked = Cue(CueKind.EASE_OFF, "ankle_dorsiflexion", "Ease up a little", Severity.STRONG)
    assert has_colour(draw(Severity.WARN, stacked), PALETTE.strong)


def test_a_clock_that_stands_still_says_why(flagged):
    unseen = replace(flagged.assessment, phase=Phase.HOLD, is_seen=False)
    assert phase_words(unseen) == "Not seen"
    assert phase_words(replace(unseen, is_seen=True)) == "Hold"

    def words(*, stacked, warnings):
        flags = tuple(
            replace(state, severity=Severity.WARN if row < warnings else Severity.GOOD)
            for row, state in enumerate(flagged.assessment.flags)
        )
        return phase_words(replace(flagged.assessment, phase=Phase.PAUSED, flags=flags, stacked=stacked))

    assert words(stacked=False, warnings=0) == "Paused, ease off"
    assert words(stacked=True, warnings=2) == "Paused, 2 warnings"
    assert words(stacked=True, warnings=3) == "Paused, 3 warnings"


@pytest.mark.parametrize(
    ("value", "sigma", "expected"),
    [(12.4, 4.6, "12° ±5"), (-31.6, 5.2, "−32° ±5"), (-0.3, 3.0, "0° ±3")],
)
def test_numbers_have_a_proper_minus_and_their_uncertainty(value, sigma, expected):
    assert number_text(Reading(value, sigma, Status.OK)) == expected


def test_the_line_of_the_back_lies_where_the_outline_says():
    pose = make_pose(STRETCHING, back=0.3)
    line = back_line(pose, faces_right=False)
    hips, shoulders = pose.points[[23, 24]].mean(axis=0), pose.points[[11, 12]].mean(axis=0)
    trunk = shoulders - hips
    normal = np.array([-trunk[1], trunk[0]]) / np.hypot(*trunk)
    known = line[np.isfinite(line).all(axis=1)]
    assert len(known) > 10
    assert (known - hips) @ normal == pytest.approx(0.3 * np.hypot(*trunk), abs=0.01)
    assert known[:, 0].mean() > hips[0]  # facing left, the back is to the right


def test_a_photo_has_no_clock_and_says_when_the_stretch_is_not_seen():
    calibration = load_calibration("heavy")
    stretch = review_still(make_pose(STRETCHING), PROFILE, calibration, (640, 480))
    standing = review_still(make_pose(STANDING), PROFILE, calibration, (640, 480))
    _, where = painted(HoldRingAnnotator(), stretch, still=True)
    assert not where.any()
    _, where = painted(HoldRingAnnotator(), standing, still=True)
    assert where.any()


def test_unknown_angles_have_no_number(flagged):
    everything = Overlay(PROFILE).draw(blank(), flagged)
    readings = flagged.readings
    value = readings.value_deg.copy()
    value[Angle.KNEE_FLEXION.column] = np.nan
    without = Overlay(PROFILE).draw(blank(), replace(flagged, readings=replace(readings, value_deg=value)))
    knee = flagged.pose.points[25].astype(int)
    around = (slice(knee[1] + 22, knee[1] + 50), slice(knee[0] - 30, knee[0] + 30))

    def dark(image):
        return (image[around].max(axis=2) < 80).sum()

    assert dark(everything) > 100
    assert dark(without) < dark(everything) / 2


def luminance(colour: np.ndarray) -> float:
    """Relative luminance as WCAG 2.2 defines it, of red, green, blue from 0 to 255."""
    share = colour / 255.0
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


@pytest.mark.parametrize("name", ["ink", "soft_ink", "not_checked", "tip", "warn", "strong"])
def test_words_can_be_read_on_a_panel_before_a_white_wall(name):
    canvas = Canvas(np.full((60, 60, 3), 255, np.uint8), PALETTE)
    canvas.panel(0, 0, 60, 60)
    ground = luminance(canvas.image[30, 30, ::-1].astype(float))
    ink = luminance(np.array(getattr(PALETTE, name).bgr[::-1], dtype=float))
    assert (ink + 0.05) / (ground + 0.05) >= 4.5


def test_numbers_keep_clear_of_each_other_and_of_what_has_a_fixed_place():
    canvas = Canvas(blank(), Palette())
    canvas.panel(100, 100, 160, 120)
    placed = []
    for _ in range(3):
        left, top = canvas.find_room(110, 105, 50, 18)
        canvas.panel(left, top, left + 50, top + 18)
        placed.append((left, top))
    panels = [(100, 100, 160, 120), *((left, top, left + 50, top + 18) for left, top in placed)]
    for one, other in itertools.combinations(panels, 2):
        assert one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
    assert canvas.find_room(400, 300, 50, 18) == (400, 300)


def test_a_profile_of_tips_alone_has_no_chips_while_nothing_is_raised(steps):
    tips = replace(PROFILE, flags=tuple(rule for rule in PROFILE.flags if Severity.TIP in rule.thresholds))
    holding = next(step for step in steps if step.assessment.phase is Phase.HOLD)
    names = {rule.name for rule in tips.flags}
    flags = tuple(state for state in holding.assessment.flags if state.name in names)
    step = replace(holding, assessment=replace(holding.assessment, flags=flags))
    image = blank()
    FlagChipsAnnotator().annotate(Canvas(image, PALETTE), Scene(step, tips, None, False, False))
    assert (image == BACKGROUND).all()


@pytest.mark.parametrize("width", range(120, 480, 20))
def test_a_number_stays_with_its_seconds(width):
    _, lines = Canvas(blank(), PALETTE).fit(
        "Well done: 4 holds, 111 s counted.", Box(0, 0, width, 400), 40.0, 20.0, lines=6
    )
    assert " ".join(lines) == "Well done: 4 holds, 111 s counted."
    assert sum("111 s" in line for line in lines) == 1
