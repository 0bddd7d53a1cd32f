"""All annotators together, and how long a cue stays on the screen."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from formcoach.feedback.overlay.annotators import (
    AngleAnnotator,
    Annotator,
    BackAnnotator,
    CueAnnotator,
    FlagChipsAnnotator,
    HoldRingAnnotator,
    Scene,
    SkeletonAnnotator,
    chips_belong_left,
)
from formcoach.feedback.overlay.canvas import Canvas, Palette
from formcoach.stretch.cues import CueKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from formcoach.coach import CoachStep
    from formcoach.stretch import Profile
    from formcoach.stretch.cues import Cue

# Long enough to be read from 3 m; a correction that was followed gives way sooner (choices).
PRAISE_SHOWN_S = 2.5
CORRECTION_SHOWN_S = 1.0


class Overlay:
    """Draws what the coach knows on a copy of each frame.

    Parameters
    ----------
    profile
        The exercise.
    palette
        Colours.
    annotators
        What to draw, in this order; everything by default.
    still
        Whether the frames are photos: no clock, and the cue stays.
    """

    def __init__(
        self,
        profile: Profile,
        palette: Palette | None = None,
        annotators: Sequence[Annotator] | None = None,
        *,
        still: bool = False,
    ) -> None:
        self._profile = profile
        self._palette = palette or Palette()
        self._annotators = annotators or (
            SkeletonAnnotator(),
            BackAnnotator(),
            FlagChipsAnnotator(),
            HoldRingAnnotator(),
            CueAnnotator(),
            AngleAnnotator(),  # last: its numbers keep clear of what has a fixed place
        )
        self._still = still
        self._cue: Cue | None = None
        self._cue_said_s = 0.0
        self._chips_left: bool | None = None

    def draw(self, image: NDArray[np.uint8], step: CoachStep) -> NDArray[np.uint8]:
        """Return a copy of the frame with everything drawn in.

        Parameters
        ----------
        image
            Shape (height, width, 3), blue, green, red.
        step
            What is known of the frame.
        """
        canvas = Canvas(image.copy(), self._palette)
        scene = Scene(step, self._profile, self._current_cue(step), self._still, self._place_chips(step, canvas.width))
        for annotator in self._annotators:
            annotator.annotate(canvas, scene)
        return canvas.image

    def _place_chips(self, step: CoachStep, width: int) -> bool:
        """Return whether the chips stand on the left; decided when the hold begins and kept, so that nothing jumps."""
        chips_left = self._chips_left
        if chips_left is None:
            chips_left = chips_belong_left(step.pose, width, faces_right=not step.facing < 0.0)
            if step.assessment.phase.is_judged:
                self._chips_left = chips_left
        return chips_left

    def _current_cue(self, step: CoachStep) -> Cue | None:
        if step.assessment.cue is not None:
            self._cue, self._cue_said_s = step.assessment.cue, step.time_s
        if self._cue is None:
            return None
        flag = self._cue.flag
        raised = [state.severity for state in step.assessment.flags if state.name == flag and state.severity.is_raised]
        shown_s = PRAISE_SHOWN_S if self._cue.kind is CueKind.PRAISE else CORRECTION_SHOWN_S
        if not raised and step.time_s - self._cue_said_s > shown_s:
            self._cue = None
        elif raised and self._cue.kind is CueKind.CORRECT:
            # Like the flag's chip, also when the flag grows after it was spoken of.
            return replace(self._cue, severity=raised[0])
        return self._cue
