"""Whatever is seen and pressed, some things never happen."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from builders import GOOD, make_readings
from formcoach.coach.session.chatter import measure_speech_s
from formcoach.coach.session.course import SessionOptions
from formcoach.coach.session.director import Director
from formcoach.coach.session.types import Request, Stage, Surroundings, Urgency
from formcoach.pose.landmarks import Side
from formcoach.stretch import Phase
from formcoach.video.health import PictureFault
from session_play import PROFILE, HandMade

FORMS = [
    make_readings(sigma=2.0, **GOOD),
    make_readings(sigma=2.0, **{**GOOD, "ankle_dorsiflexion": 25.0}),
    make_readings(sigma=2.0, **{**GOOD, "lumbar_flexion": 18.0, "cervical_flexion": 20.0}),
    make_readings(sigma=2.0, **{**GOOD, "knee_flexion": 80.0}),
    make_readings(sigma=30.0),
]
moments = st.fixed_dictionaries(
    {
        "seconds": st.floats(0.2, 12.0),
        "obeys": st.booleans(),
        "seen": st.sampled_from([True, True, True, False]),
        "raised": st.booleans(),
        "azimuth": st.sampled_from([80.0, -80.0, 0.0, 50.0, 170.0, float("nan")]),
        "form": st.integers(0, len(FORMS) - 1),
        "hand": st.sampled_from([None, None, None, *Side]),
        "people": st.sampled_from([1, 1, 1, 2]),
        "fault": st.sampled_from([None, None, None, *PictureFault]),
        "lost": st.sampled_from([False, False, False, True]),
        "rate": st.sampled_from([15.0, 15.0, 3.0, float("nan")]),
        "ticks": st.sampled_from([False, False, False, True]),
        "jump_s": st.sampled_from([0.0, 0.0, 0.0, 5.0, 4000.0]),
        "request": st.sampled_from([None, None, None, *(one for one in Request if one is not Request.END)]),
    }
)
plans = st.fixed_dictionaries(
    {
        "leg": st.sampled_from([None, *Side]),
        "sets": st.integers(1, 2),
        "hold_s": st.sampled_from([2.0, 12.0]),
        "front_check": st.booleans(),
    }
)


class Chaos:
    def __init__(self, plan):
        self.coach = HandMade(PROFILE)
        self.director = Director(PROFILE, SessionOptions(**plan))
        self.plan = plan
        self.directions = []
        self.judged_without_leave = 0

    def play(self, moment):
        self.coach.time_s += moment["jump_s"]
        requests = [moment["request"]] if moment["request"] else []
        for _ in range(round(moment["seconds"] * self.coach.fps)):
            self.frame(moment, requests)
            requests = []

    def frame(self, moment, requests=()):
        surroundings = Surroundings(moment["lost"], moment["fault"], moment["rate"], moment["people"])
        if moment["ticks"]:
            self.coach.time_s += 1.0 / self.coach.fps
            self._note(self.director.tick(self.coach.time_s, surroundings, requests))
            return
        seen = {"raised": moment["raised"], "azimuth": moment["azimuth"], "hand": moment["hand"]}
        if moment["obeys"]:
            seen = self._obedient()
        leg = self.coach.guidance.leg or Side.LEFT
        step = self.coach.step(leg=leg, seen=moment["seen"], readings=FORMS[moment["form"]], **seen)
        self.judged_without_leave += step.assessment.phase.is_judged and not self.coach.guidance.hold_allowed
        if step.assessment.phase is Phase.HOLD:
            assert self.coach.guidance.hold_allowed
        self._note(self.director.step(step, surroundings, requests))

    def _obedient(self):
        last = self.directions[-1] if self.directions else None
        leg = last.leg if last and last.leg else Side.LEFT
        up = last is not None and last.stage in (Stage.RAISE_LEG, Stage.CHECKLIST, Stage.COUNTDOWN, Stage.HOLD)
        return {"raised": up, "azimuth": 80.0 if leg is Side.LEFT else -80.0, "hand": None}

    def _note(self, direction):
        self.coach.guidance = direction.guidance
        self.directions.append(direction)


def check(chaos, plan):
    assert chaos.judged_without_leave == 0
    last = None
    for direction in chaos.directions:
        for utterance in direction.say:
            if last is not None and utterance.urgency is not Urgency.NOW:
                assert direction.time_s - last[0] >= measure_speech_s(last[1]) - 1e-6
            last = (direction.time_s, utterance.text)
        if direction.guidance.hold_allowed:
            assert direction.stage in (Stage.HOLD, Stage.AWAY)
        assert not direction.tone or direction.stage is Stage.HOLD
        assert (direction.question is not None) == (direction.stage is Stage.QUESTION)
        assert direction.countdown is None or direction.stage is Stage.COUNTDOWN
        assert 1 <= direction.set_number <= plan["sets"]
        assert plan["leg"] in (None, direction.leg)


@settings(max_examples=40)
@given(plans, st.lists(moments, min_size=1, max_size=14))
def test_what_never_happens(plan, script):
    chaos = Chaos(plan)
    for moment in script:
        chaos.play(moment)
    check(chaos, plan)


@settings(max_examples=15)
@given(plans, st.lists(moments, max_size=6))
def test_who_follows_comes_to_the_end_whatever_was_before(plan, script):
    chaos = Chaos({**plan, "hold_s": 2.0})
    for moment in script:
        chaos.play(moment)
    good = {
        "obeys": True,
        "seen": True,
        "form": 0,
        "people": 1,
        "fault": None,
        "lost": False,
        "rate": 15.0,
        "ticks": False,
        "raised": False,
        "azimuth": 80.0,
        "hand": None,
    }
    for _ in range(round(600 * chaos.coach.fps)):
        stage = chaos.directions[-1].stage if chaos.directions else Stage.FRAMING
        if chaos.director.done:
            break
        request = {Stage.QUESTION: Request.CHOICE_1, Stage.PAUSED: Request.PAUSE}.get(stage)
        chaos.frame(good, [request] if request else [])
    assert chaos.director.done
    asked = [one.detail for direction in chaos.directions for one in direction.events]
    assert asked[-1] == "finished" or "numb_or_tingling" in asked
    assert asked.count(Stage.DONE) == 1
    check(chaos, plan)
