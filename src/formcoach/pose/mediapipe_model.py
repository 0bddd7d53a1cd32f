"""MediaPipe's Pose Landmarker as a `PoseModel`. The only module that knows MediaPipe."""

from __future__ import annotations

import weakref
from dataclasses import replace
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Self

import cv2
import numpy as np

from formcoach.errors import ModelError
from formcoach.libraries import explain_missing_library
from formcoach.pose.model import ModelInfo
from formcoach.pose.outline import measure_outline
from formcoach.pose.pose import Pose
from formcoach.pose.quiet import block_usage_reporting, silenced_stderr

if TYPE_CHECKING:
    from types import TracebackType

    from numpy.typing import NDArray

    from formcoach.pose.estimates import Estimator
    from formcoach.pose.model_files import VerifiedModel
    from formcoach.pose.people import Sighting
    from formcoach.pose.region import Region
    from formcoach.video.frame import Frame

# The network sees 256 × 256 pixels around the person; a larger frame costs time and adds nothing.
LONGEST_SIDE_PX = 1920
MAXIMUM_PEOPLE = 4
# Others who were somewhere so long ago may have gone, and the person may stand there now [D].
HIDDEN_S = 10.0


def describe_model(model: VerifiedModel) -> ModelInfo:
    """Return what a record says of a model."""
    return ModelInfo(
        name=model.name,
        variant=model.variant,
        file=model.file,
        sha256=model.sha256,
        known=model.known,
        library=f"mediapipe {version('mediapipe')}",
    )


class _Landmarker:
    """A MediaPipe landmarker that is quiet, closes by itself and gives `Pose` objects."""

    def __init__(self, model: VerifiedModel, *, video: bool, people: int, estimator: Estimator | None = None) -> None:
        self._estimator = estimator
        self._info = describe_model(model)
        self._landmarker, self._image_class = _create_landmarker(model, video=video, people=people)
        self._last_ms = -1
        # Left open at exit, MediaPipe prints a traceback from its __del__.
        self._finalizer = weakref.finalize(self, _close_quietly, self._landmarker)

    @property
    def info(self) -> ModelInfo:
        return self._info

    def close(self) -> None:
        """Release the model; may be called twice."""
        self._finalizer()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _poses(self, image: NDArray[np.uint8], time_s: float | None) -> list[Pose]:
        """Return everybody in the image, in pixels of that image; a time makes it part of a video."""
        height, width = image.shape[:2]
        scale = min(1.0, LONGEST_SIDE_PX / max(height, width))
        if scale < 1.0:
            image = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA).astype(np.uint8)
        rgb = self._image_class(image_format=_srgb(), data=cv2.cvtColor(image, cv2.COLOR_BGR2RGB))
        # The library writes its start-up lines until it has found somebody, and now and then a warning afterwards.
        with silenced_stderr():
            if time_s is None:
                result = self._landmarker.detect(rgb)
            else:
                self._last_ms = max(round(time_s * 1000), self._last_ms + 1)
                result = self._landmarker.detect_for_video(rgb, self._last_ms)
        masks = result.segmentation_masks or []
        return [
            _to_pose(landmarks, world, mask.numpy_view().squeeze(), image, scale, self._estimator)
            for landmarks, world, mask in zip(result.pose_landmarks, result.pose_world_landmarks, masks, strict=True)
        ]


class MediaPipePoseModel(_Landmarker):
    """Follows one person through a video, or finds one in a photo.

    With one person MediaPipe already smooths landmarks over time (a One-Euro filter); do not add another strong
    filter to the points.

    Parameters
    ----------
    model
        The verified model file.
    video
        False for photos: each frame stands for itself.
    estimator
        formcoach's own networks, which look at trunk and legs of everyone who is found; none by default.

    Raises
    ------
    ModelError
        When MediaPipe cannot load the file.
    MissingLibraryError
        When a system library is missing.
    """

    def __init__(self, model: VerifiedModel, *, video: bool = True, estimator: Estimator | None = None) -> None:
        super().__init__(model, video=video, people=1, estimator=estimator)
        self._region: Region | None = None
        self._sighting: Sighting | None = None
        self._hiding_since_s: float | None = None
        self._video = video

    def follow(self, region: Region | None, sighting: Sighting | None = None) -> None:
        """Follow whoever is in another part of the picture from the next frame on, or in the whole of it.

        Parameters
        ----------
        region
            Where it follows them; None the whole picture.
        sighting
            Where they and all others were last: until somebody is found the others are hidden from it, for
            `HIDDEN_S` at most. None hides nobody.
        """
        if region != self._region or sighting is not None:
            self._region, self._sighting, self._hiding_since_s = region, sighting, None
            self.forget()

    def forget(self) -> None:
        """Forget whom it followed and how they moved, so that the next frame is looked at as a first one.

        MediaPipe has no call for that: it looks for somebody anew, and its filter starts afresh, once a picture showed
        nobody. A black one does; it takes about as long as any other.
        """
        if self._video:
            self._poses(np.zeros((64, 64, 3), dtype=np.uint8), 0.0)

    def detect(self, frame: Frame) -> Pose:
        """Return the pose of the person in a frame, all NaN where nobody was found.

        Landmarks that the model guesses outside the region are marked as not visible.
        """
        image, region = self._with_others_hidden(frame), self._region
        if region is not None:
            image = np.ascontiguousarray(image[region.top : region.bottom, region.left : region.right])
        poses = self._poses(image, frame.time_s if self._video else None)
        if not poses:
            return Pose.missing()
        self._sighting = None
        return poses[0] if region is None else _seen_through(poses[0].moved(region.left, region.top), region)

    def _with_others_hidden(self, frame: Frame) -> NDArray[np.uint8]:
        if self._sighting is None:
            return frame.image
        if self._hiding_since_s is None:
            self._hiding_since_s = frame.time_s
        if frame.time_s - self._hiding_since_s > HIDDEN_S:
            self._sighting = None
            return frame.image
        image = frame.image.copy()
        for other in self._sighting.others:
            _part(image, other)[:] = 0
        _part(image, self._sighting.place)[:] = _part(frame.image, self._sighting.place)
        return image


class MediaPipePeopleDetector(_Landmarker):
    """Finds up to four people in single pictures.

    Parameters
    ----------
    model
        The verified model file.
    estimator
        formcoach's own networks, which look at trunk and legs of everyone who is found; none by default.

    Raises
    ------
    ModelError
        When MediaPipe cannot load the file.
    MissingLibraryError
        When a system library is missing.
    """

    def __init__(self, model: VerifiedModel, estimator: Estimator | None = None) -> None:
        super().__init__(model, video=False, people=MAXIMUM_PEOPLE, estimator=estimator)

    def detect_people(self, image: NDArray[np.uint8]) -> list[Pose]:
        """Return one pose a person, in no particular order."""
        return self._poses(image, None)


def _create_landmarker(model: VerifiedModel, *, video: bool, people: int) -> tuple[Any, Any]:
    block_usage_reporting()
    try:
        import mediapipe
        from mediapipe.tasks.python import BaseOptions, vision

        mode = vision.RunningMode.VIDEO if video else vision.RunningMode.IMAGE
        options = vision.PoseLandmarkerOptions(
            base_options=BaseOptions(model_asset_buffer=model.content),
            running_mode=mode,
            num_poses=people,
            output_segmentation_masks=True,
        )
        with silenced_stderr():
            return vision.PoseLandmarker.create_from_options(options), mediapipe.Image
    except (ImportError, OSError) as error:
        explained = explain_missing_library(error)
        if explained is None:
            raise
        raise explained from error
    except (RuntimeError, ValueError) as error:
        raise ModelError(
            f"MediaPipe cannot load the pose model '{model.file}': use --model lite, full or heavy."
        ) from error


def _part(image: NDArray[np.uint8], region: Region) -> NDArray[np.uint8]:
    """Return the part of a picture in a region, not copied."""
    height, width = image.shape[:2]
    inside = region.clipped(width, height)
    return image[inside.top : inside.bottom, inside.left : inside.right]


def _seen_through(pose: Pose, region: Region) -> Pose:
    x, y = pose.points[:, 0], pose.points[:, 1]
    inside = (x >= region.left) & (x <= region.right) & (y >= region.top) & (y <= region.bottom)
    return replace(pose, visibility=np.where(inside, pose.visibility, np.float32(0.0)))


def _srgb() -> Any:
    import mediapipe

    return mediapipe.ImageFormat.SRGB


def _close_quietly(landmarker: Any) -> None:
    with silenced_stderr():
        try:
            landmarker.close()
        except RuntimeError:
            # The interpreter is ending and has no threads left to close it with: the system takes it back. Without
            # a handle its __del__ does not try again.
            landmarker._handle = None


def _to_pose(
    landmarks: Any,
    world: Any,
    mask: NDArray[np.float32],
    image: NDArray[np.uint8],
    scale: float,
    estimator: Estimator | None,
) -> Pose:
    height, width = mask.shape
    points = np.array([(mark.x * width, mark.y * height) for mark in landmarks], dtype=np.float64)
    metres = np.array([(mark.x, mark.y, mark.z) for mark in world], dtype=np.float32)
    pose = replace(
        Pose.missing(),
        points=(points / scale).astype(np.float32),
        world=metres,
        visibility=np.array([mark.visibility for mark in landmarks], dtype=np.float32),
        presence=np.array([mark.presence for mark in landmarks], dtype=np.float32),
        outline=measure_outline(mask, points),
    )
    if estimator is None:
        return pose
    trunk, legs = estimator.estimate(image, mask, points, metres)
    return replace(pose, trunk_estimate=trunk, leg_estimate=legs)
