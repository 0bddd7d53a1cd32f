"""Everything that needs the pixels of a person. Knows nothing of the exercise.

The types import without MediaPipe; the adapter is `formcoach.pose.mediapipe_model`.
"""

from formcoach.pose.landmarks import Landmark, Side
from formcoach.pose.model import ModelInfo, PeopleDetector, PoseModel
from formcoach.pose.pose import OUTLINE_POSITIONS, Pose

__all__ = ["OUTLINE_POSITIONS", "Landmark", "ModelInfo", "PeopleDetector", "Pose", "PoseModel", "Side"]
