from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from builders import STANDING, make_pose
from formcoach.coach.session.types import EventKind, Guidance, Request, Stage, Utterance
from formcoach.live.session import OLDEST_INFERENCES, TICK_S
from formcoach.pose.people import PersonChoice, Sighting
from formcoach.pose.region import Region
from formcoach.video.health import PictureFault
from live_parts import ENDED, LOST, RUNNING, Stand, make_frame


@pytest.fixture
def stand(tmp_path):
    return Stand(tmp_path)


def kinds(stand):
    return [heard[0] for heard in stand.director.heard]


# -- which frames are looked at


def test_a_frame_goes_through_model_coach_and_director_and_is_kept_and_shown(stand):
    stand.director.say = (Utterance("Stand tall and still"),)
    stand.frame()
    moment = stand.moments.take(0.0)
    assert moment.frame.time_s == stand.model.seen[0]
    assert moment.step is stand.director.steps[0]
    assert moment.step.pose.found
    assert stand.recording.segments == [("heavy", (640, 480))]
    assert len(stand.recording.rows) == 1
    assert stand.voice.spoken == ["Stand tall and still"]
    assert [one.text for one in stand.session.said()] == ["Stand tall and still"]
    assert stand.session.said() == []


def test_only_the_newest_frame_is_looked_at(stand):
    for index in range(3):
        stand.feed.arrive(make_frame(index, 0.1 + index / 100))
    stand.clock.now_s = 0.12
    stand.session.turn()
    stand.session.turn()
    assert stand.model.seen == [pytest.approx(0.12)]


@pytest.mark.parametrize(("inferences", "seen"), [(OLDEST_INFERENCES - 0.1, True), (OLDEST_INFERENCES + 0.1, False)])
def test_a_frame_older_than_two_inferences_is_never_looked_at(stand, inferences, seen):
    stand.frame()
    before = len(stand.model.seen)
    stand.frame(age_s=inferences * stand.engine.inference_s, wait_s=1.0)
    assert len(stand.model.seen) - before == seen


def test_a_slow_first_inference_does_not_let_old_frames_pass_for_long(stand):
    stand.model.takes_s = 1.0
    stand.frame()
    stand.model.takes_s = 0.05
    for _ in range(20):
        stand.frame()
    before = len(stand.model.seen)
    stand.frame(age_s=0.5, wait_s=1.0)
    assert len(stand.model.seen) == before


def test_the_times_that_coach_and_director_get_only_increase(stand):
    stand.frame()
    for _ in range(5):
        stand.session.turn()  # the director is told at the clock's time that nothing came
    stand.feed.arrive(make_frame(9, stand.clock.now_s - 0.02))  # it arrived just before the last of these
    stand.session.turn()
    stand.frame()
    times = [heard[1] for heard in stand.director.heard]
    assert all(later > earlier for earlier, later in pairwise(times))
    assert kinds(stand).count("step") == 2


# -- without frames


def test_without_frames_the_director_is_told_so_again_and_again(stand):
    stand.frame()
    stand.feed.report = LOST
    for _ in range(10):
        stand.session.turn()
    ticks = [heard for heard in stand.director.heard if heard[0] == "tick"]
    assert len(ticks) >= 9
    assert ticks[-1][1] - ticks[0][1] == pytest.approx(TICK_S * (len(ticks) - 1), abs=0.05)
    assert all(heard[2].camera_lost for heard in ticks)
    moment = stand.moments.take(0.0)
    assert moment.camera_lost
    assert moment.frame is not None  # the last picture stays
    assert moment.notices == (LOST.problem,)
    assert len(stand.recording.rows) == 1


@pytest.mark.parametrize("fault", [PictureFault.FROZEN, PictureFault.BLACK])
def test_a_picture_that_shows_nothing_of_now_counts_as_nobody(stand, fault):
    stand.frame()
    seen = len(stand.model.seen)
    stand.feed.report = replace(RUNNING, picture_fault=fault)
    stand.frame()
    assert len(stand.model.seen) == seen
    assert stand.recording.rows[-1][1] is False
    assert stand.director.heard[-1][2].camera_lost
    assert stand.director.heard[-1][2].picture_fault is fault


def test_dark_pictures_are_still_looked_at(stand):
    stand.feed.report = replace(RUNNING, picture_fault=PictureFault.TOO_DARK)
    stand.frame()
    assert stand.recording.rows[-1][1] is True
    assert not stand.director.heard[-1][2].camera_lost


def test_the_processed_rate_is_told(stand):
    for _ in range(40):
        stand.frame(wait_s=0.05)  # and 0.05 s for the model
    assert stand.director.heard[-1][2].frame_rate_fps == pytest.approx(10.0, rel=0.05)
    assert stand.director.heard[-1][2].camera_fps == RUNNING.fps


# -- what the director wants of the coach, what the person wants of the director


def test_guidance_is_given_to_the_next_step_and_kept_with_its_pose(stand):
    wanted = Guidance(hold_allowed=False)
    stand.frame()
    direct = stand.director._direct
    stand.director._direct = lambda *told: replace(direct(*told), guidance=wanted)
    stand.frame()
    stand.frame()
    assert [row[2] for row in stand.recording.rows] == [Guidance(), Guidance(), wanted]


def test_requests_reach_the_director_once_and_in_order(stand):
    stand.session.ask(Request.PAUSE)
    stand.session.ask(Request.FELT_IT)
    stand.frame()
    stand.frame()
    assert stand.director.heard[0][3] == (Request.PAUSE, Request.FELT_IT)
    assert stand.director.heard[1][3] == ()


# -- the end


def test_it_is_over_when_the_director_says_so(stand):
    stand.frame()
    stand.director.done = True
    stand.frame()
    assert stand.session.is_over
    before = len(stand.model.seen)
    stand.frame()
    assert len(stand.model.seen) == before


def test_the_end_of_a_file_ends_the_session_and_the_director_hears_of_it(stand):
    stand.frame()
    stand.feed.report = ENDED
    stand.session.turn()
    assert stand.session.is_over
    assert stand.director.heard[-1][3] == (Request.END,)
    assert len(stand.events(EventKind.ENDED)) == 1


def test_stopping_ends_it_with_the_next_turn_and_looks_at_nothing_more(stand):
    stand.frame()
    stand.session.stop()
    stand.frame()
    assert stand.session.is_over
    assert len(stand.model.seen) == 1
    assert stand.director.heard[-1][3] == (Request.END,)


# -- another size, another person, another model


def test_another_size_of_the_picture_begins_a_new_coach_and_asks_for_a_new_baseline(stand):
    for _ in range(60):
        stand.frame()
    assert stand.director.steps[-1].baseline is not None
    stand.frame(size=(1280, 720))
    assert stand.recording.segments == [("heavy", (640, 480)), ("heavy", (1280, 720))]
    assert [one.detail for one in stand.events(EventKind.PICTURE_RESIZED)] == ["1280x720"]
    assert stand.director.steps[-1].baseline is None
    before, after = (heard[2].coach_number for heard in stand.director.heard[-2:])
    assert after != before
    assert len(stand.session.outcome().baselines) == 1  # that of the first coach is not lost


def test_another_person_is_followed_when_people_were_looked_for(stand):
    region = Region(400, 0, 640, 480)
    stand.frame()
    now_s = stand.model.seen[-1]
    before, last = (Sighting(time_s, Region(500, 50, 600, 430), ()) for time_s in (now_s - 0.7, now_s))
    stand.people.found.append(PersonChoice(2, region, (before, last)))
    stand.frame()
    assert stand.model.regions == [region]
    assert stand.model.sightings == [last]
    assert stand.director.heard[-1][2].people == 2
    assert stand.session.outcome().people == 2


def test_people_are_looked_for_while_framing_and_when_somebody_comes_back(stand):
    looks = []
    for stage in (Stage.FRAMING, Stage.HOLD, Stage.AWAY, Stage.FRAMING):
        stand.director.stage = stage
        before = stand.people.looks
        stand.frame()
        looks.append(stand.people.looks - before)
    assert looks == [1, 0, 0, 1]


def test_who_was_looked_for_a_moment_ago_is_not_looked_for_again(stand):
    stand.people.found.append(PersonChoice(1, None))
    stand.frame()
    assert stand.people.looks == 0
    for _ in range(30):
        stand.frame(wait_s=0.05)  # and 0.05 s for the model
    assert stand.people.looks == 0
    for _ in range(30):
        stand.frame(wait_s=0.05)
    assert stand.people.looks > 0


def test_who_is_alone_again_is_told_so(stand):
    stand.director.stage = Stage.HOLD
    stand.people.found.append(PersonChoice(2, Region(0, 0, 300, 480)))
    stand.frame()
    assert stand.director.heard[-1][2].people == 2
    for _ in range(120):
        stand.frame(wait_s=0.05)
    assert stand.people.looks > 0
    stand.people.found.append(PersonChoice(1, None))
    stand.frame()
    assert stand.director.heard[-1][2].people == 1
    assert stand.model.regions[-1] is None
    assert stand.session.outcome().people == 2


def test_a_pose_that_jumps_elsewhere_is_not_seen(stand):
    stand.frame()
    stand.model.pose = make_pose(replace(STANDING, centre=(1000.0, 240.0)))
    stand.frame()
    assert [row[1] for row in stand.recording.rows] == [True, False]


def slow_set(stand):
    """A hold of seven seconds at 8 frames a second, then what follows it."""
    for stage, frames in ((Stage.HOLD, 56), (Stage.COME_UP, 8), (Stage.QUESTION, 8)):
        stand.director.stage = stage
        for _ in range(frames):
            stand.frame(wait_s=0.02)
    assert not stand.model.closed  # not in the hold, not while somebody answers
    stand.director.stage = Stage.TURN_ROUND
    stand.frame(wait_s=0.02)
    stand.frame(wait_s=0.02)


def test_a_machine_that_got_slow_changes_its_model_between_sets(tmp_path):
    stand = Stand(tmp_path, smaller=("full", "lite"), takes_s=0.105)
    slow_set(stand)
    assert stand.model.closed
    assert stand.session.model_name == "full"
    assert [one.detail for one in stand.events(EventKind.MODEL_CHANGED)] == ["full"]
    assert stand.recording.segments == [("heavy", (640, 480)), ("full", (640, 480))]
    numbers = [heard[2].coach_number for heard in stand.director.heard]
    assert len(set(numbers)) == 2
    assert numbers[-1] != numbers[0]
    assert stand.director.steps[-1].baseline is None


def test_a_model_that_the_person_chose_stays(tmp_path):
    stand = Stand(tmp_path, smaller=(), takes_s=0.105)
    slow_set(stand)
    assert not stand.model.closed
    assert stand.events(EventKind.MODEL_CHANGED) == []


def test_notices_are_those_of_voice_and_recording(stand):
    stand.voice.problem, stand.recording.notice = "No sound.", "The recording is behind."
    stand.frame()
    assert stand.moments.take(0.0).notices == ("No sound.", "The recording is behind.")


def test_that_nobody_is_looked_for_any_more_is_a_notice(stand):
    stand.people.problem = "A sentence."
    stand.frame()
    assert "A sentence." in stand.moments.take(0.0).notices
