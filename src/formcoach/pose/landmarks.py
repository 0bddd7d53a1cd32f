"""Names of the 33 body landmarks, of the two sides, and which landmarks a skeleton joins."""

from __future__ import annotations

from enum import IntEnum, StrEnum
from itertools import pairwise


class Landmark(IntEnum):
    """The landmarks of MediaPipe's pose model (BlazePose topology), by their index."""

    NOSE = 0
    LEFT_EYE_INNER = 1
    LEFT_EYE = 2
    LEFT_EYE_OUTER = 3
    RIGHT_EYE_INNER = 4
    RIGHT_EYE = 5
    RIGHT_EYE_OUTER = 6
    LEFT_EAR = 7
    RIGHT_EAR = 8
    MOUTH_LEFT = 9
    MOUTH_RIGHT = 10
    LEFT_SHOULDER = 11
    RIGHT_SHOULDER = 12
    LEFT_ELBOW = 13
    RIGHT_ELBOW = 14
    LEFT_WRIST = 15
    RIGHT_WRIST = 16
    LEFT_PINKY = 17
    RIGHT_PINKY = 18
    LEFT_INDEX = 19
    RIGHT_INDEX = 20
    LEFT_THUMB = 21
    RIGHT_THUMB = 22
    LEFT_HIP = 23
    RIGHT_HIP = 24
    LEFT_KNEE = 25
    RIGHT_KNEE = 26
    LEFT_ANKLE = 27
    RIGHT_ANKLE = 28
    LEFT_HEEL = 29
    RIGHT_HEEL = 30
    LEFT_FOOT_INDEX = 31
    RIGHT_FOOT_INDEX = 32


class Side(StrEnum):
    """A side of the person's own body, never of the picture."""

    LEFT = "left"
    RIGHT = "right"

    @property
    def other(self) -> Side:
        """The opposite side."""
        return Side.RIGHT if self is Side.LEFT else Side.LEFT

    @property
    def row(self) -> int:
        """Index of the side in arrays that have one row a side: left 0, right 1."""
        return 0 if self is Side.LEFT else 1


N_LANDMARKS = len(Landmark)

# Landmarks that exist once a side, as (left, right): indexing with it gives an axis of two, left first.
EYE = (Landmark.LEFT_EYE, Landmark.RIGHT_EYE)
EAR = (Landmark.LEFT_EAR, Landmark.RIGHT_EAR)
MOUTH = (Landmark.MOUTH_LEFT, Landmark.MOUTH_RIGHT)
SHOULDER = (Landmark.LEFT_SHOULDER, Landmark.RIGHT_SHOULDER)
ELBOW = (Landmark.LEFT_ELBOW, Landmark.RIGHT_ELBOW)
WRIST = (Landmark.LEFT_WRIST, Landmark.RIGHT_WRIST)
HIP = (Landmark.LEFT_HIP, Landmark.RIGHT_HIP)
KNEE = (Landmark.LEFT_KNEE, Landmark.RIGHT_KNEE)
ANKLE = (Landmark.LEFT_ANKLE, Landmark.RIGHT_ANKLE)
HEEL = (Landmark.LEFT_HEEL, Landmark.RIGHT_HEEL)
FOOT_INDEX = (Landmark.LEFT_FOOT_INDEX, Landmark.RIGHT_FOOT_INDEX)

# What the pose model takes for the other leg's when it confuses them: knees and below; the hips stay right.
LOWER_LEG_LANDMARKS = {side: tuple(group[side.row] for group in (KNEE, ANKLE, HEEL, FOOT_INDEX)) for side in Side}

_ARM = (SHOULDER, ELBOW, WRIST)
_LEG = (HIP, KNEE, ANKLE, HEEL, FOOT_INDEX)


def limb_bones(side: Side) -> tuple[tuple[Landmark, Landmark], ...]:
    """Return the lines of one side's arm and leg, as pairs of landmarks."""
    row = side.row
    arm = tuple((a[row], b[row]) for a, b in pairwise(_ARM))
    leg = tuple((a[row], b[row]) for a, b in pairwise(_LEG))
    return arm + leg + ((ANKLE[row], FOOT_INDEX[row]), (SHOULDER[row], HIP[row]))
