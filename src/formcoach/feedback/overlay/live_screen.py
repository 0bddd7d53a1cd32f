"""The screen of a live session: the mirrored picture, and beside and below it what there is to know."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import cv2
import numpy as np

from formcoach.coach.session.types import Stage
from formcoach.feedback.overlay.annotators import AngleAnnotator, BackAnnotator, Scene, SkeletonAnnotator
from formcoach.feedback.overlay.canvas import Box, Canvas, Palette
from formcoach.feedback.overlay.live_annotators import (
    CaptionAnnotator,
    ClockAnnotator,
    CountdownAnnotator,
    KeysAnnotator,
    LegAnnotator,
    ListAnnotator,
    NoticesAnnotator,
    QuestionAnnotator,
    SentenceAnnotator,
    SignAnnotator,
)
from formcoach.feedback.overlay.live_layout import arrange
from formcoach.feedback.overlay.live_scene import LiveScene
from formcoach.feedback.overlay.mirror import mirror_step, scale_step

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from formcoach.coach import CoachStep
    from formcoach.coach.session.types import Direction
    from formcoach.feedback.overlay.canvas import Written
    from formcoach.feedback.overlay.live_layout import Layout
    from formcoach.stretch import Profile

# Before anything is known of the window and the camera.
DEFAULT_SIZE = (1280, 720)
# Under a sentence or a question; the person still sees themself move.
DIMMED_SHARE = 0.3
# Below this the picture is averaged when made smaller; that costs more, and above it nothing is gained.
_AVERAGED_BELOW = 0.6


class LiveScreen:
    """Draws the whole screen anew for each moment, on a picture of its own: nothing flickers, the frame stays clean.

    Parameters
    ----------
    profile
        The exercise.
    mirror
        Whether the picture is shown as in a mirror. Text never is, and left and right stay the person's own.
    palette
        Colours.
    """

    def __init__(self, profile: Profile, *, mirror: bool, palette: Palette | None = None) -> None:
        self._profile = profile
        self._mirror = mirror
        self._palette = palette or Palette()
        self._last_image: NDArray[np.uint8] | None = None
        self._written: tuple[Written, ...] = ()

    @property
    def written(self) -> tuple[Written, ...]:
        """Every line of text of the last drawing and where it stands."""
        return self._written

    def draw(
        self,
        image: NDArray[np.uint8] | None,
        step: CoachStep | None,
        direction: Direction | None,
        caption: str | None = None,
        notices: tuple[str, ...] = (),
        size: tuple[int, int] | None = None,
        *,
        camera_lost: bool = False,
    ) -> NDArray[np.uint8]:
        """Return the screen.

        Parameters
        ----------
        image
            The camera's picture, shape (height, width, 3), blue, green, red, not mirrored; left as it is. None
            shows the last one again, and before the first one a plain screen.
        step
            What is known of the person in it, or None.
        direction
            What the session wants, or None before it began.
        caption
            What is being said now; None shows what is to be done.
        notices
            Small lines, the most important first; what has no room is left out.
        size
            Width and height of the screen in pixels; None takes the picture's.
        camera_lost
            Whether no pictures come: the last one is dimmed and said to be old.
        """
        if image is not None:
            self._last_image = image
        image = self._last_image
        starting = image is None
        if camera_lost or starting:
            step = None
        picture_size = DEFAULT_SIZE if image is None else (image.shape[1], image.shape[0])
        size = size or picture_size
        layout = arrange(size, picture_size)
        canvas = self._prepare(size, layout)
        if image is not None:
            self._paint_picture(canvas.image, layout.picture, image)
            if step is not None:
                step = self._place(step, picture_size, layout.picture)
        scene = LiveScene(self._profile, step, direction, caption, notices, camera_lost and not starting, starting)
        self._annotate(canvas, scene, layout)
        return canvas.image

    def _prepare(self, size: tuple[int, int], layout: Layout) -> Canvas:
        screen = np.empty((size[1], size[0], 3), np.uint8)
        canvas = Canvas(screen, self._palette)
        canvas.unit = layout.unit
        canvas.card(Box(0, 0, *size), self._palette.panel)
        return canvas

    def _paint_picture(self, screen: NDArray[np.uint8], box: Box, image: NDArray[np.uint8]) -> None:
        averaged = box.width < _AVERAGED_BELOW * image.shape[1]
        scaled = cv2.resize(
            image, (box.width, box.height), interpolation=cv2.INTER_AREA if averaged else cv2.INTER_LINEAR
        )
        part = screen[box.top : box.bottom, box.left : box.right]
        if self._mirror:
            cv2.flip(scaled, 1, dst=part)
        else:
            part[:] = scaled

    def _place(self, step: CoachStep, picture_size: tuple[int, int], box: Box) -> CoachStep:
        if self._mirror:
            step = mirror_step(step, picture_size[0])
        return scale_step(step, (box.width / picture_size[0], box.height / picture_size[1]))

    def _annotate(self, canvas: Canvas, scene: LiveScene, layout: Layout) -> None:
        # Before the first picture there is no place for it, and the sentence stands in the middle of the screen.
        picture = canvas if scene.starting else canvas.part(layout.picture)
        asks = scene.direction is not None and scene.direction.question is not None
        person = self._find_person(scene)
        if person is not None:
            SkeletonAnnotator().annotate(picture, person)
            BackAnnotator().annotate(picture, person)
        if scene.sentence is not None or asks:
            picture.dim(DIMMED_SHARE)
        whole = Box(0, 0, picture.width, picture.height)
        if scene.sentence is not None:
            SentenceAnnotator().annotate(picture, scene, whole)
        elif asks:
            QuestionAnnotator().annotate(picture, scene, whole)
        elif scene.stage is Stage.COUNTDOWN:
            CountdownAnnotator().annotate(picture, scene, whole)
        elif person is not None:
            AngleAnnotator().annotate(picture, person)  # last: its numbers keep clear of what has a fixed place
        self._annotate_beside(canvas, scene, layout)
        moved = (replace(line, box=line.box.moved(layout.picture.left, layout.picture.top)) for line in picture.written)
        self._written = tuple(canvas.written) + (() if scene.starting else tuple(moved))

    def _find_person(self, scene: LiveScene) -> Scene | None:
        if scene.step is None or not scene.step.pose.found or scene.sentence is not None:
            return None
        return Scene(scene.step, self._profile, None, still=False, chips_left=False)

    def _annotate_beside(self, canvas: Canvas, scene: LiveScene, layout: Layout) -> None:
        SignAnnotator().annotate(canvas, scene, layout.sign)
        LegAnnotator().annotate(canvas, scene, layout.leg)
        ClockAnnotator().annotate(canvas, scene, layout.ring)
        ListAnnotator().annotate(canvas, scene, layout.list if scene.has_clock else layout.long_list)
        KeysAnnotator().annotate(canvas, scene, layout.long_list)
        CaptionAnnotator(layout.caption_size, layout.caption_lines).annotate(canvas, scene, layout.caption)
        NoticesAnnotator(layout.notice_lines).annotate(canvas, scene, layout.notices)
