"""One small class for each thing that is drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import cv2
import numpy as np

from formcoach.angles import Angle
from formcoach.angles.estimate import MINIMUM_VISIBILITY
from formcoach.feedback.overlay.canvas import BOLD, REGULAR
from formcoach.pose.landmarks import ANKLE, EAR, FOOT_INDEX, HEEL, HIP, KNEE, SHOULDER, Landmark, Side, limb_bones
from formcoach.pose.outline import back_line
from formcoach.stretch import Phase, Severity

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from formcoach.angles import Reading
    from formcoach.coach import CoachStep
    from formcoach.feedback.overlay.canvas import Canvas, Colour
    from formcoach.pose.pose import Pose
    from formcoach.stretch import Assessment, FlagState, Profile
    from formcoach.stretch.cues import Cue

# Room that the chips take, as a share of the width of a 4:3 picture.
_CHIPS_SHARE = 0.25

NOT_CHECKED = "not checked"
PHASE_WORDS = {
    Phase.FRAMING: "Getting ready",
    Phase.BASELINE: "Stand tall and still",
    Phase.READY: "Raise your leg",
    Phase.LEG_UP: "Settle into it",
    Phase.HOLD: "Hold",
    Phase.PAUSED: "Paused, ease off",
    Phase.RELEASED: "Released",
    Phase.LOST: "Not seen",
}


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """What there is to draw in one frame.

    Attributes
    ----------
    step : CoachStep
        Everything known of the frame.
    profile : Profile
        The exercise.
    cue : Cue or None
        What is to be read now.
    still : bool
        Whether the frame is a photo, which has no clock.
    chips_left : bool
        Whether the flags stand along the left edge, and the clock along the right one.
    """

    step: CoachStep
    profile: Profile
    cue: Cue | None
    still: bool
    chips_left: bool

    @property
    def faces_right(self) -> bool:
        """Whether the person faces the right edge (also when it is not known)."""
        return not self.step.facing < 0.0


class Annotator(Protocol):
    """Draws one thing on a canvas."""

    def annotate(self, canvas: Canvas, scene: Scene) -> None:
        """Draw it; nothing when there is nothing to draw."""


class SkeletonAnnotator:
    """The skeleton: the raised leg strong, the rest light; what the model only guesses is left out."""

    def annotate(self, canvas: Canvas, scene: Scene) -> None:
        """Draw it."""
        pose, leg = scene.step.pose, scene.step.leg
        if not pose.found:
            return
        points = pose.points.astype(np.float64)
        points[pose.visibility < MINIMUM_VISIBILITY] = np.nan
        raised = leg.leg if leg.raised else None
        for first, second in (SHOULDER, HIP):
            canvas.line(points[first], points[second], canvas.palette.body, 2.0)
        for side in Side:
            for start, end in limb_bones(side):
                emphasised = side is raised and end not in (*SHOULDER, *EAR) and start in (*HIP, *KNEE, *ANKLE, *HEEL)
                colour = canvas.palette.raised_leg if emphasised else canvas.palette.body
                canvas.line(points[start], points[end], colour, 4.5 if emphasised else 2.0)
        canvas.line(points[list(EAR)].mean(axis=0), points[Landmark.NOSE], canvas.palette.body, 2.0)
        for mark in (*SHOULDER, *HIP, *KNEE, *ANKLE):
            canvas.dot(points[mark], 3.0, canvas.palette.body)


class BackAnnotator:
    """The line of the back that rounding is read from, in the colour of its flag; only while it is judged."""

    def annotate(self, canvas: Canvas, scene: Scene) -> None:
        """Draw it."""
        state = _state(scene, Angle.LUMBAR_FLEXION)
        if state is None or state.severity is Severity.NOT_CHECKED:
            return
        canvas.polyline(
            back_line(scene.step.pose, faces_right=scene.faces_right), canvas.palette.severity(state.severity), 2.5
        )


class AngleAnnotator:
    """The measured angles: an arc at the joint and a number with its uncertainty. Unknown angles are left out."""

    def annotate(self, canvas: Canvas, scene: Scene) -> None:
        """Draw them."""
        step = scene.step
        if not step.pose.found or step.leg.leg is None or not step.leg.raised:
            return
        points, row = step.pose.points.astype(np.float64), step.leg.leg.row
        hip, knee, ankle, heel, toe = (points[pair[row]] for pair in (HIP, KNEE, ANKLE, HEEL, FOOT_INDEX))
        shoulders, ears = points[list(SHOULDER)].mean(axis=0), points[list(EAR)].mean(axis=0)
        forward = 1.0 if scene.faces_right else -1.0
        down = np.array([0.0, 1.0])
        arcs = (
            (Angle.KNEE_FLEXION, knee, knee - hip, ankle - knee, down),
            (Angle.ANKLE_DORSIFLEXION, ankle, ankle - knee, toe - heel, np.array([forward, 0.6])),
            (Angle.HIP_FLEXION, hip, shoulders - hip, knee - hip, np.array([forward, -0.7])),
        )
        for angle, joint, first, second, away in arcs:
            self._joint(canvas, scene, angle, joint, first, second, away)
        self._number(canvas, scene, Angle.CERVICAL_FLEXION, (shoulders + ears) / 2, np.array([-forward, -0.5]))
        trunk = shoulders - points[list(HIP)].mean(axis=0)
        behind = np.array([trunk[1], -trunk[0]]) * forward
        self._number(canvas, scene, Angle.LUMBAR_FLEXION, shoulders - trunk / 2, behind, reach=52.0)
        if not step.readings.reading(Angle.LUMBAR_FLEXION).is_known:
            self._number(canvas, scene, Angle.HIP_ADDUCTION, hip, np.array([-1.0, -0.2]))

    def _joint(
        self,
        canvas: Canvas,
        scene: Scene,
        angle: Angle,
        joint: NDArray[np.float64],
        first: NDArray[np.float64],
        second: NDArray[np.float64],
        away: NDArray[np.float64],
    ) -> None:
        if not scene.step.readings.reading(angle).is_known:
            return
        colour = _colour(canvas, scene, angle)
        start, end = (float(np.degrees(np.arctan2(one[1], one[0]))) for one in (first, second))
        turn = (end - start + 180.0) % 360.0 - 180.0
        canvas.arc(joint, 15.0, start, start + turn, colour, 2.5)
        self._number(canvas, scene, angle, joint, away)

    def _number(
        self,
        canvas: Canvas,
        scene: Scene,
        angle: Angle,
        joint: NDArray[np.float64],
        away: NDArray[np.float64],
        reach: float = 34.0,
    ) -> None:
        reading = scene.step.readings.reading(angle)
        if not reading.is_known or not np.isfinite(joint).all():
            return
        text = number_text(reading)
        width, height = canvas.text_size(text, 15.0, BOLD)
        pad = canvas.px(3.0)
        centre = joint + away / np.hypot(*away) * canvas.px(reach)
        left = round(float(centre[0]) - width / 2 + np.sign(away[0]) * abs(away[0]) / np.hypot(*away) * width / 2)
        left = min(max(left, pad), canvas.width - width - pad)
        baseline = min(max(round(float(centre[1]) + height / 2), height + pad), canvas.height - pad)
        left, top = canvas.find_room(left - pad, baseline - height - pad, width + 2 * pad, height + 2 * pad)
        left, baseline = left + pad, top + height + pad
        canvas.panel(left - pad, top, left + width + pad, baseline + pad)
        canvas.text(text, left, baseline, 15.0, _colour(canvas, scene, angle), BOLD)


class FlagChipsAnnotator:
    """The flags as a column of chips: a shape, the name, and a word when it is not good."""

    _SIZE = 15.0
    _SMALL = 12.0

    def annotate(self, canvas: Canvas, scene: Scene) -> None:
        """Draw them."""
        if not scene.step.assessment.phase.is_judged:
            return
        states = [state for state in scene.step.assessment.flags if self._is_shown(state, scene)]
        if not states:
            return
        rows = [(state, scene.profile.flag(state.name).label) for state in states]
        gap, pad, symbol = canvas.px(24.0), canvas.px(7.0), canvas.px(19.0)
        words = max(canvas.text_size(f"{label}  {self._word(state)}", self._SIZE, BOLD)[0] for state, label in rows)
        seen = all(state.severity is not Severity.NOT_CHECKED for state in states)
        width = symbol + 2 * pad + max(words, 0 if seen else canvas.text_size(f"− = {NOT_CHECKED}", self._SMALL)[0])
        height = gap * len(rows) + pad + (0 if seen else canvas.px(18.0))
        left = canvas.px(8.0) if scene.chips_left else canvas.width - width - canvas.px(8.0)
        top = canvas.px(8.0)
        canvas.panel(left, top, left + width, top + height)
        for index, (state, label) in enumerate(rows):
            self._chip(canvas, state, label, left + pad, top + pad // 2 + gap * index + gap // 2, symbol)
        if not seen:
            baseline = top + height - pad
            canvas.symbol(Severity.NOT_CHECKED, left + pad + symbol // 3, baseline - canvas.px(4.0), 6.5)
            canvas.text(f"= {NOT_CHECKED}", left + pad + symbol, baseline, self._SMALL, canvas.palette.soft_ink)

    def _chip(self, canvas: Canvas, state: FlagState, label: str, left: int, middle: int, symbol: int) -> None:
        canvas.symbol(state.severity, left + symbol // 3, middle, 6.5)
        baseline = middle + canvas.px(5.0)
        seen = state.severity is not Severity.NOT_CHECKED
        ink = canvas.palette.ink if seen else canvas.palette.not_checked
        canvas.text(label, left + symbol, baseline, self._SIZE, ink, BOLD if state.severity.is_raised else REGULAR)
        offset = canvas.text_size(f"{label}  ", self._SIZE, BOLD)[0]
        canvas.text(
            self._word(state),
            left + symbol + offset,
            baseline,
            self._SIZE,
            canvas.palette.severity(state.severity),
            BOLD,
        )

    @staticmethod
    def _is_shown(state: FlagState, scene: Scene) -> bool:
        """Warnings always have their place; tips only while they stand."""
        return Severity.TIP not in scene.profile.flag(state.name).thresholds or state.severity.is_raised

    @staticmethod
    def _word(state: FlagState) -> str:
        return state.severity.label if state.severity.is_raised else ""


class HoldRingAnnotator:
    """The hold clock: a ring that fills, the seconds in it, and the phase in a word. A photo has no clock."""

    def annotate(self, canvas: Canvas, scene: Scene) -> None:
        """Draw it."""
        assessment = scene.step.assessment
        if scene.still and assessment.phase.is_judged:
            return
        word = "Stretch not seen" if scene.still else phase_words(assessment)
        width, _ = canvas.text_size(word, 16.0, BOLD)
        radius = 30.0
        ring = assessment.phase.is_judged
        half = max(width // 2, canvas.px(radius) if ring else 0) + canvas.px(10.0)
        x = canvas.width - half - canvas.px(8.0) if scene.chips_left else half + canvas.px(8.0)
        top = canvas.px(8.0)
        bottom = top + canvas.px(2 * radius + 40.0 if ring else 30.0)
        canvas.panel(x - half, top, x + half, bottom)
        if ring:
            self._ring(canvas, scene, x, top + canvas.px(radius + 8.0), radius)
        colour = canvas.palette.strong if assessment.phase is Phase.PAUSED else canvas.palette.ink
        canvas.text(word, x - width // 2, bottom - canvas.px(9.0), 16.0, colour, BOLD)

    @staticmethod
    def _ring(canvas: Canvas, scene: Scene, x: int, y: int, radius: float) -> None:
        assessment = scene.step.assessment
        share = min(assessment.counted_s / max(assessment.target_s, 1e-9), 1.0)
        colour = canvas.palette.severity(ring_severity(assessment))
        size, stroke = canvas.px(radius), canvas.px(6.0)
        cv2.circle(canvas.image, (x, y), size, canvas.palette.not_checked.bgr, canvas.px(2.0), cv2.LINE_AA)
        cv2.ellipse(canvas.image, (x, y), (size, size), -90.0, 0.0, 360.0 * share, colour.bgr, stroke, cv2.LINE_AA)
        text = f"{int(assessment.counted_s)}"
        width, height = canvas.text_size(text, 24.0, BOLD)
        canvas.text(text, x - width // 2, y + height // 2, 24.0, canvas.palette.ink, BOLD)


class CueAnnotator:
    """The one cue in large type along the lower edge."""

    def annotate(self, canvas: Canvas, scene: Scene) -> None:
        """Draw it."""
        if scene.cue is None:
            return
        size = 34.0
        pad, symbol = canvas.px(14.0), canvas.px(34.0)
        width, height = canvas.text_size(scene.cue.text, size, BOLD)
        limit = canvas.width - symbol - 2 * pad - canvas.px(12.0)
        if width > limit:
            size *= limit / width
            width, height = canvas.text_size(scene.cue.text, size, BOLD)
        left = (canvas.width - width - symbol) // 2
        bottom = canvas.height - canvas.px(12.0)
        top = bottom - height - 2 * pad
        canvas.panel(left - pad, top, left + symbol + width + pad, bottom)
        canvas.symbol(scene.cue.severity, left + symbol // 3, bottom - pad - height // 2, 10.0)
        colour = canvas.palette.severity(scene.cue.severity) if scene.cue.severity.is_raised else canvas.palette.ink
        canvas.text(scene.cue.text, left + symbol, bottom - pad, size, colour, BOLD)


def chips_belong_left(pose: Pose, width: int, *, faces_right: bool) -> bool:
    """Tell whether the chips go along the left edge: behind the person's back, unless there is more room in front."""
    x = pose.points[:, 0]
    if not np.isfinite(x).any():
        return faces_right
    left, right = float(np.nanmin(x)), width - float(np.nanmax(x))
    behind = left if faces_right else right
    if behind >= _CHIPS_SHARE * width:
        return faces_right
    return left > right


def ring_severity(assessment: Assessment) -> Severity:
    """Return what colours the hold clock: what is raised, else good form; grey where that was not looked at."""
    if assessment.severity.is_raised:
        return assessment.severity
    return Severity.GOOD if assessment.good_form else Severity.NOT_CHECKED


def phase_words(assessment: Assessment) -> str:
    """Say where in the exercise; where the clock stands still for another reason than a strong flag, for which."""
    if assessment.phase is Phase.HOLD and not assessment.is_seen:
        return PHASE_WORDS[Phase.LOST]
    if assessment.phase is Phase.PAUSED and assessment.stacked:
        return f"Paused, {sum(state.severity is Severity.WARN for state in assessment.flags)} warnings"
    return PHASE_WORDS[assessment.phase]


def number_text(reading: Reading) -> str:
    """Return an angle as it is written at a joint: whole degrees with one standard deviation."""
    value = round(reading.value_deg)
    return f"{value + 0}° ±{round(reading.sigma_deg)}".replace("-", "−")


def _state(scene: Scene, angle: Angle) -> FlagState | None:
    """Return the most urgent flag of an angle."""
    own = [one for one in scene.step.assessment.flags if scene.profile.flag(one.name).angle is angle]
    return max(own, key=lambda one: one.severity, default=None)


def _colour(canvas: Canvas, scene: Scene, angle: Angle) -> Colour:
    state = _state(scene, angle)
    if state is None or state.severity is Severity.NOT_CHECKED:
        return canvas.palette.soft_ink
    return canvas.palette.severity(state.severity) if state.severity.is_raised else canvas.palette.ink
