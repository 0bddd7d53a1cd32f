"""A session that looks at real pictures, with the real models: somebody stands before a mirror."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from formcoach.coach.session.course import SessionOptions
from formcoach.coach.session.director import Director
from formcoach.coach.session.lines import Line
from formcoach.coach.session.types import Stage
from formcoach.live.engine import open_engine
from formcoach.live.moment import Slot
from formcoach.live.options import LiveOptions
from formcoach.live.people import PeopleWatch
from formcoach.live.session import LiveSession
from formcoach.pose.mediapipe_model import MediaPipePeopleDetector
from formcoach.pose.model_files import load_model_file
from formcoach.stretch import load_profile
from formcoach.video import Frame, open_source
from live_parts import Clock, FakeFeed, FakeRecording, FakeVoice

SIZE = (1280, 720)
MIRRORED_SHARE = 0.6
FPS = 10.0
PATIENCE_S = 40.0


class StepRecording(FakeRecording):
    def __init__(self):
        super().__init__()
        self.steps, self.stages = [], []

    def add(self, frame, pose, guidance, step, direction):
        super().add(frame, pose, guidance, step, direction)
        self.steps.append(step)
        self.stages.append(direction.stage)


@pytest.fixture(scope="module")
def mirrored(samples):
    """Ten pictures a second of somebody on the left, and of their smaller mirror image on the right."""
    pictures, due_s = [], 0.0
    with open_source(samples / "good_side_left.mp4") as source:
        for frame in source:
            if frame.time_s < due_s:
                continue
            due_s += 1.0 / FPS
            height, width = frame.image.shape[:2]
            person = cv2.resize(frame.image, (width * SIZE[1] // height, SIZE[1]), interpolation=cv2.INTER_CUBIC)
            person = person[:, : SIZE[0] // 2] if person.shape[1] > SIZE[0] // 2 else person
            picture = np.full((SIZE[1], SIZE[0], 3), person[0, 0], np.uint8)
            picture[:, : person.shape[1]] = person
            glass = cv2.flip(cv2.resize(person, None, fx=MIRRORED_SHARE, fy=MIRRORED_SHARE), 1)
            top, left = (SIZE[1] - glass.shape[0]) // 2, SIZE[0] - glass.shape[1]
            picture[top : top + glass.shape[0], left:] = glass
            pictures.append(picture)
    return pictures


@pytest.fixture
def stand(tmp_path):
    """Clock, feed, voice, recording and session with the real models."""
    options = LiveOptions("0", load_profile(), tmp_path, model="lite")
    clock, voice, recording = Clock(), FakeVoice(), StepRecording()
    feed = FakeFeed(clock)
    engine = open_engine("lite")
    people = PeopleWatch(lambda: MediaPipePeopleDetector(load_model_file("lite")))
    session = LiveSession(
        options,
        feed=feed,
        engine=engine,
        director=Director(options.profile, SessionOptions(front_check=False)),
        voice=voice,
        recording=recording,
        people=people,
        moments=Slot(),
    )

    def look(picture):
        clock.now_s += 1.0 / FPS
        feed.arrive(Frame(round(clock.now_s * FPS), clock.now_s, picture))
        session.turn()

    yield look, voice, recording, clock
    people.close()
    engine.close()


def test_somebody_before_a_mirror_is_asked_to_be_alone_then_followed_and_never_their_image(mirrored, stand):
    look, voice, recording, clock = stand
    while Stage.RAISE_LEG not in recording.stages:
        assert clock.now_s < PATIENCE_S, voice.spoken
        look(mirrored[0])
    assert Line.ONE_PERSON in voice.spoken
    for picture in mirrored:
        look(picture)
    seen = [step.pose.points[:, 0].mean() for step in recording.steps if step.pose.found]
    assert len(seen) > 0.9 * len(recording.steps)
    assert max(seen) < SIZE[0] / 2
    raised = [flag.name for step in recording.steps for flag in step.assessment.flags if flag.severity.is_raised]
    assert raised == []
    assert any(step.leg.raised for step in recording.steps)
