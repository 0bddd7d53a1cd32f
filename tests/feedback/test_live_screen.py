from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest

from builders import STANDING, STRETCHING, make_clip
from formcoach.angles.calibration import load_calibration
from formcoach.coach import Coach
from formcoach.coach.session.types import ChecklistItem, Direction, Question, Stage
from formcoach.feedback.overlay.canvas import Canvas, Palette
from formcoach.feedback.overlay.live_annotators import SEEN, UNSEEN
from formcoach.feedback.overlay.live_layout import arrange
from formcoach.feedback.overlay.live_scene import ANSWER, CAMERA_LOST, STARTING
from formcoach.feedback.overlay.live_screen import LiveScreen
from formcoach.pose.landmarks import Side
from formcoach.pose.pose import Pose
from formcoach.stretch import Phase, Severity, load_profile

PROFILE = load_profile()
PALETTE = Palette()
# Of cameras and of screens; the last is a phone's.
SIZES = ((640, 480), (1280, 720), (1920, 1080), (720, 1280))
CAMERA = (640, 480)
GREY = 118
CHOICES = ("Back of the thigh", "Behind the knee", "Calf or foot", "Lower back", "Numb or tingling", "Nowhere")
QUESTION = Question("Where did you feel it?", CHOICES, None)
CHECKLIST = (
    ChecklistItem("Toes pointed", Severity.GOOD, current=False),
    ChecklistItem("Soft knee", Severity.WARN, current=True),
    ChecklistItem("Lean from the hips", Severity.NOT_CHECKED, current=False),
)
LONG = "Step back until your head and both of your feet are in the picture, then stand still"


def direct(stage, caption="Hold", **changes):
    direction = Direction(0.0, stage, Side.LEFT, set_number=1, sets=2, caption=caption, sees_person=True)
    return replace(direction, **changes)


DIRECTIONS = {
    "framing": direct(Stage.FRAMING, LONG, leg=None),
    "unseen": direct(Stage.FRAMING, "Come in front of the camera", leg=None, sees_person=False),
    "baseline": direct(Stage.BASELINE, "Stand tall and still"),
    "raise": direct(Stage.RAISE_LEG, "Raise your left leg onto the support"),
    "checklist": direct(Stage.CHECKLIST, "Soften the knee", checklist=CHECKLIST),
    "countdown": direct(Stage.COUNTDOWN, "Hold still", countdown=3, checklist=CHECKLIST),
    "hold": direct(Stage.HOLD, "Chest long, hinge at hips", set_number=2),
    "come_up": direct(Stage.COME_UP, "Come up slowly"),
    "question": direct(Stage.QUESTION, QUESTION.text, question=replace(QUESTION, current=4)),
    "turn_round": direct(Stage.TURN_ROUND, "Turn round: right side to me", leg=Side.RIGHT),
    "away": direct(Stage.AWAY, "Paused until you come back", sees_person=False),
    "paused": direct(Stage.PAUSED, "Paused. Press space or raise a hand to go on"),
    "done": direct(Stage.DONE, "Done, well held. Your report is ready"),
}


def background(size=CAMERA):
    return np.full((size[1], size[0], 3), GREY, np.uint8)


@pytest.fixture(scope="module")
def steps():
    toes_up = replace(STRETCHING, ankle=20.0)
    times, poses = make_clip((STANDING, 2.0), (STRETCHING, 4.0), (toes_up, 2.0))
    coach = Coach(PROFILE, load_calibration("heavy"), CAMERA)
    return [coach.step(float(time_s), poses[index]) for index, time_s in enumerate(times)]


@pytest.fixture(scope="module")
def holding(steps):
    """A step in good form."""
    step = next(one for one in steps if one.assessment.phase is Phase.HOLD and one.assessment.counted_s > 1.0)
    return replace(step, assessment=replace(step.assessment, severity=Severity.GOOD))


@pytest.fixture(scope="module")
def flagged(steps):
    return next(one for one in steps if one.assessment.severity is Severity.STRONG)


def assess(step, **changes):
    return replace(step, assessment=replace(step.assessment, **changes))


def draw(step, direction, *, size=None, mirror=True, **more):
    screen = LiveScreen(PROFILE, mirror=mirror)
    image = screen.draw(background(), step, direction, size=size, **more)
    return image, [line.text for line in screen.written]


def cut(image, box):
    return image[box.top : box.bottom, box.left : box.right]


def count(image, colour, tolerance=12):
    return int((np.abs(image.astype(int) - np.array(colour.bgr)).max(axis=2) <= tolerance).sum())


def changed_outside(one, other, *boxes):
    """How many pixels differ outside of the boxes."""
    where = (one != other).any(axis=2)
    assert where.any()
    for box in boxes:
        where[box.top : box.bottom, box.left : box.right] = False
    return int(where.sum())


# -- places


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", list(DIRECTIONS))
def test_no_text_meets_another_or_leaves_the_screen(flagged, size, name):
    screen = LiveScreen(PROFILE, mirror=True)
    notices = ("No sound output was found: plug in or switch on loudspeakers or headphones to hear the cues.", "muted")
    image = screen.draw(background(), flagged, DIRECTIONS[name], None, notices, size)
    assert image.shape == (size[1], size[0], 3)
    written = screen.written
    assert written
    for line in written:
        box = line.box
        assert box.left >= 0, line
        assert box.top >= 0, line
        assert box.right <= size[0], line
        assert box.bottom <= size[1], line
    for one, other in itertools.combinations(written, 2):
        assert not one.box.meets(other.box), (one, other)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("cue", [rule.cue for rule in PROFILE.flags] + [rule.praise for rule in PROFILE.flags])
def test_cues_have_letters_a_fourteenth_of_the_screen_high(holding, size, cue):
    screen = LiveScreen(PROFILE, mirror=True)
    screen.draw(background(), holding, direct(Stage.HOLD), cue, (), size)
    layout = arrange(size, CAMERA)
    lines = [line for line in screen.written if layout.caption.holds(line.box)]
    assert " ".join(line.text for line in lines) == cue
    canvas = Canvas(background(size), PALETTE)
    full = canvas.text_size(lines[0].text, layout.caption_size, 750)[0]
    assert lines[0].box.width == full


@pytest.mark.parametrize("size", SIZES)
def test_capitals_are_really_that_high(size):
    image, _ = draw(None, direct(Stage.BASELINE, "HHH"), size=size)
    rows = np.flatnonzero((cut(image, arrange(size, CAMERA).caption).min(axis=2) > 128).any(axis=1))
    assert (rows[-1] - rows[0] + 1) / min(size) >= 1 / 14


@pytest.mark.parametrize("size", SIZES)
def test_a_long_caption_is_made_smaller_and_kept_whole(size):
    _, texts = draw(None, direct(Stage.FRAMING, LONG, leg=None), size=size)
    assert LONG in " ".join(texts)


def test_a_name_without_end_is_cut_off_with_an_ellipsis():
    image, texts = draw(None, direct(Stage.BASELINE, "x" * 600), size=(640, 480))
    assert image.shape == (480, 640, 3)
    assert any(text.endswith("…") and text.startswith("xxx") for text in texts)


# -- each thing changes its own place and nothing else


@pytest.mark.parametrize("size", SIZES)
def test_what_is_said_changes_only_the_strip(holding, size):
    layout = arrange(size, CAMERA)
    one, _ = draw(holding, direct(Stage.HOLD), size=size)
    other, texts = draw(holding, direct(Stage.HOLD), size=size, caption="Half way")
    assert changed_outside(one, other, layout.caption) == 0
    assert "Half way" in texts
    assert "Hold" not in texts


@pytest.mark.parametrize("size", SIZES)
def test_the_clock_changes_only_the_ring_and_fills_it(holding, size):
    layout = arrange(size, CAMERA)
    pictures = [
        draw(holding, direct(Stage.HOLD, counted_s=seconds, target_s=30.0), size=size) for seconds in (1.0, 12.9, 30.0)
    ]
    for (one, _), (other, _) in itertools.pairwise(pictures):
        assert changed_outside(one, other, layout.ring) == 0
    filled = [count(cut(image, layout.ring), PALETTE.good) for image, _ in pictures]
    assert filled[0] < filled[1] < filled[2]
    assert [next(text for text in texts if text.isdigit()) for _, texts in pictures] == ["1", "12", "30"]


def test_the_clock_goes_on_where_the_coach_began_anew_and_stays_when_the_hold_is_done(holding):
    begun_anew = assess(holding, counted_s=0.5)
    for stage, seconds in ((Stage.HOLD, 8.75), (Stage.COME_UP, 12.0)):
        _, texts = draw(begun_anew, direct(stage, counted_s=seconds, target_s=12.0))
        assert str(int(seconds)) in texts
        assert "of 12 s" in texts


@pytest.mark.parametrize("size", SIZES)
def test_the_sign_changes_only_its_place_by_word_colour_and_shape(holding, size):
    layout = arrange(size, CAMERA)
    seen, words = draw(holding, direct(Stage.HOLD), size=size)
    unseen, other_words = draw(holding, direct(Stage.HOLD, sees_person=False), size=size)
    assert changed_outside(seen, unseen, layout.sign) == 0
    assert SEEN in words
    assert UNSEEN in " ".join(other_words)
    assert count(cut(seen, layout.sign), PALETTE.good) > 20
    assert count(cut(unseen, layout.sign), PALETTE.good) == 0
    assert count(cut(unseen, layout.sign), PALETTE.warn) > 100


@pytest.mark.parametrize("size", SIZES)
def test_notices_and_the_set_change_only_their_places(holding, size):
    layout = arrange(size, CAMERA)
    one, words = draw(holding, direct(Stage.HOLD), size=size)
    other, texts = draw(holding, direct(Stage.HOLD), size=size, notices=("No sound: captions only", "muted"))
    assert changed_outside(one, other, layout.notices) == 0
    assert "No sound: captions only" in " ".join(texts)
    assert "muted" in " ".join(texts)
    second, more = draw(holding, direct(Stage.HOLD, set_number=2, leg=Side.RIGHT), size=size)
    assert changed_outside(one, second, layout.leg) == 0
    assert {"Left leg", "Set 1 of 2"} <= set(words)
    assert {"Right leg", "Set 2 of 2"} <= set(more)


# -- what is never green


def test_what_cannot_be_checked_is_never_green(holding):
    layout = arrange((1280, 720), CAMERA)
    unseen = tuple(replace(state, severity=Severity.NOT_CHECKED) for state in holding.assessment.flags)
    step = assess(holding, flags=unseen, severity=Severity.NOT_CHECKED)
    image, texts = draw(step, direct(Stage.HOLD), size=(1280, 720))
    assert count(cut(image, layout.long_list), PALETTE.good) == 0
    assert "= not checked" in texts
    items = tuple(replace(item, severity=Severity.NOT_CHECKED) for item in CHECKLIST)
    image, texts = draw(holding, direct(Stage.CHECKLIST, checklist=items), size=(1280, 720))
    assert count(cut(image, layout.long_list), PALETTE.good) == 0
    assert "= not checked" in texts


@pytest.mark.parametrize(
    ("stage", "phase"),
    [(Stage.HOLD, Phase.HOLD), (Stage.HOLD, Phase.LOST), (Stage.HOLD, Phase.RELEASED), (Stage.COME_UP, Phase.RELEASED)],
)
def test_the_clock_is_green_in_good_form_alone(holding, stage, phase):
    layout = arrange((1280, 720), CAMERA)
    good = assess(holding, good_form=True, severity=Severity.GOOD)
    image, _ = draw(good, direct(Stage.HOLD, counted_s=20.0, target_s=30.0), size=(1280, 720))
    assert count(cut(image, layout.ring), PALETTE.good) > 100
    unseen = assess(holding, good_form=False, severity=Severity.GOOD, phase=phase)
    image, _ = draw(unseen, direct(stage, counted_s=20.0, target_s=30.0), size=(1280, 720))
    assert count(cut(image, layout.ring), PALETTE.good) == 0


def test_the_checklist_shows_each_step_by_its_symbol():
    layout = arrange((1280, 720), CAMERA)
    image, texts = draw(None, direct(Stage.CHECKLIST, checklist=CHECKLIST), size=(1280, 720))
    part = cut(image, layout.long_list)
    for colour in (PALETTE.good, PALETTE.warn, PALETTE.not_checked):
        assert count(part, colour) > 20
    assert {item.label for item in CHECKLIST} <= set(texts)


def test_flags_stand_in_the_list_during_a_hold_alone(flagged):
    layout = arrange((1280, 720), CAMERA)
    image, texts = draw(flagged, direct(Stage.HOLD), size=(1280, 720))
    assert "Ankle" in texts
    assert count(cut(image, layout.list), PALETTE.strong) > 50
    for stage in (Stage.RAISE_LEG, Stage.COME_UP, Stage.TURN_ROUND):
        _, texts = draw(flagged, direct(stage), size=(1280, 720))
        assert "Ankle" not in texts


def test_a_cue_has_the_colour_and_shape_of_its_flag(flagged, holding):
    caption = arrange((1280, 720), CAMERA).caption
    ankle = PROFILE.flag("ankle_dorsiflexion")
    image, _ = draw(flagged, direct(Stage.HOLD), size=(1280, 720), caption=ankle.cue)
    assert count(cut(image, caption), PALETTE.strong) > 500
    image, _ = draw(holding, direct(Stage.HOLD), size=(1280, 720), caption=ankle.praise)
    assert count(cut(image, caption), PALETTE.good) > 50
    image, _ = draw(holding, direct(Stage.HOLD), size=(1280, 720), caption="Half way")
    assert count(cut(image, caption), PALETTE.good) == 0


def test_a_paused_clock_says_so(flagged):
    paused = assess(flagged, phase=Phase.PAUSED)
    image, texts = draw(paused, direct(Stage.HOLD), size=(1280, 720))
    assert "paused" in texts
    assert count(cut(image, arrange((1280, 720), CAMERA).ring), PALETTE.good) == 0


# -- stages


def test_before_the_first_picture_there_is_a_plain_screen():
    screen = LiveScreen(PROFILE, mirror=True)
    image = screen.draw(None, None, None)
    assert image.shape == (720, 1280, 3)
    assert [line.text for line in screen.written] == [STARTING]
    screen.draw(None, None, direct(Stage.FRAMING), None, (), (640, 480))
    assert " ".join(line.text for line in screen.written) == STARTING


def test_a_lost_camera_leaves_the_last_picture_dimmed(holding):
    screen = LiveScreen(PROFILE, mirror=True)
    picture = arrange((1280, 720), CAMERA).picture
    before = screen.draw(background(), None, direct(Stage.BASELINE), None, (), (1280, 720))
    after = screen.draw(None, holding, direct(Stage.HOLD), None, (), (1280, 720), camera_lost=True)
    words = [line.text for line in screen.written]
    assert " ".join(words).count(CAMERA_LOST) == 1
    assert SEEN not in words
    corner = (picture.top + 5, picture.left + 5)
    assert before[corner].tolist() == [GREY] * 3
    assert 0 < after[corner].max() < 0.5 * GREY
    assert count(cut(after, picture), PALETTE.body) == 0  # no skeleton: it would be an old one
    back = screen.draw(background(), holding, direct(Stage.HOLD), None, (), (1280, 720))
    assert back[corner].tolist() == [GREY] * 3
    assert CAMERA_LOST not in [line.text for line in screen.written]


@pytest.mark.parametrize("name", ["paused", "away", "done"])
def test_standing_still_is_one_big_sentence_on_a_dimmed_picture(holding, name):
    image, texts = draw(holding, DIRECTIONS[name], size=(1280, 720))
    picture = arrange((1280, 720), CAMERA).picture
    assert image[picture.top + 5, picture.left + 5].max() < 0.5 * GREY
    assert " ".join(texts).count(DIRECTIONS[name].caption) == 1
    _, texts = draw(holding, DIRECTIONS[name], size=(1280, 720), caption="Take your time")
    assert "Take your time" in texts


def test_keys_are_shown_before_the_session_and_in_a_pause(holding):
    for name, direction in DIRECTIONS.items():
        _, texts = draw(holding, direction, size=(640, 480))
        assert ("I feel it now" in texts) == (name in ("framing", "unseen", "paused")), name


def test_the_countdown_is_one_huge_digit(holding):
    for size in SIZES:
        screen = LiveScreen(PROFILE, mirror=True)
        image = screen.draw(background(), holding, direct(Stage.COUNTDOWN, countdown=2), None, (), size)
        digit = next(line for line in screen.written if line.text == "2")
        picture = arrange(size, CAMERA).picture
        assert picture.holds(digit.box)
        assert digit.box.height > 0.45 * picture.height
        assert count(cut(image, digit.box), PALETTE.ink) > 0.1 * digit.box.width * digit.box.height


def test_the_choice_that_a_hand_takes_now_is_filled(holding):
    filled = []
    for current in (None, 0, 5):
        direction = direct(Stage.QUESTION, QUESTION.text, question=replace(QUESTION, current=current))
        screen = LiveScreen(PROFILE, mirror=True)
        image = screen.draw(background(), holding, direction, None, (), (1280, 720))
        texts = [line.text for line in screen.written]
        assert set(CHOICES) | {"1", "2", "3", "4", "5", "6", QUESTION.text, ANSWER} <= set(texts)
        rows = [next(line.box for line in screen.written if line.text == choice) for choice in CHOICES]
        filled.append([image[box.top - 2, box.left - 2].min() > 240 for box in rows])
    assert filled == [[False] * 6, [True] + [False] * 5, [False] * 5 + [True]]


# -- picture


@pytest.mark.parametrize("mirror", [True, False])
def test_the_picture_is_mirrored_and_the_skeleton_with_it(holding, mirror):
    image = background()
    image[:, :320] = 200
    screen = LiveScreen(PROFILE, mirror=mirror)
    drawn = screen.draw(image, holding, direct(Stage.RAISE_LEG), None, (), (640, 480))
    picture = arrange((640, 480), CAMERA).picture
    left, right = drawn[picture.top + 3, picture.left + 3, 0], drawn[picture.top + 3, picture.right - 3, 0]
    assert (left < right) == mirror
    hip, knee = holding.pose.points[23], holding.pose.points[25]
    x, y = (hip + knee) / 2 * picture.width / CAMERA[0]
    x = picture.width - x if mirror else x
    assert drawn[picture.top + round(y), picture.left + round(x)].tolist() == list(PALETTE.raised_leg.bgr)
    assert (image == np.where(np.arange(640)[None, :, None] < 320, 200, GREY)).all()


def test_each_drawing_is_a_new_picture(holding):
    screen = LiveScreen(PROFILE, mirror=True)
    one = screen.draw(background(), holding, direct(Stage.HOLD))
    kept = one.copy()
    other = screen.draw(background(), None, direct(Stage.TURN_ROUND, "Turn round"))
    assert (one == kept).all()
    assert (one != other).any()


def test_nobody_in_the_picture_leaves_it_bare(holding):
    image, _ = draw(replace(holding, pose=Pose.missing()), direct(Stage.FRAMING), size=(1280, 720))
    assert (cut(image, arrange((1280, 720), CAMERA).picture) == GREY).all()


def test_without_a_size_the_screen_is_as_large_as_the_picture(holding):
    image, _ = draw(holding, direct(Stage.HOLD))
    assert image.shape == (480, 640, 3)
