"""What stands on the live screen beside the skeleton: one small class for each thing, each in its own place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2

from formcoach.coach.session.lines import Line
from formcoach.coach.session.types import Stage
from formcoach.feedback.keys import Key
from formcoach.feedback.overlay.annotators import NOT_CHECKED, ring_severity
from formcoach.feedback.overlay.canvas import BOLD, REGULAR, Box
from formcoach.feedback.overlay.live_layout import NOTICE_SIZE
from formcoach.stretch import Phase, Severity

if TYPE_CHECKING:
    from formcoach.feedback.overlay.canvas import Canvas
    from formcoach.feedback.overlay.live_scene import LiveScene

SEEN = "I see you"
UNSEEN: str = Line.CANNOT_SEE.value
# One big sentence on the dimmed picture.
SENTENCE_SIZE = 62.0
_SMALLEST = 9.0
_SENTENCE_LINES = 6
_BETWEEN_NOTICES = "   ·   "
_KEY_WORDS = (
    (Key.PAUSE, "pause"),
    (Key.FELT_IT, "I feel it now"),
    (Key.BASELINE, "new baseline"),
    (Key.SKIP, "skip"),
    (Key.MUTE, "sound on / off"),
    (Key.SNAPSHOT, "snapshot"),
    (Key.FULL_SCREEN, "full screen"),
    (Key.END, "end"),
)


class SignAnnotator:
    """The constant sign: an eye and "I see you", or a crossed-out eye on yellow."""

    def annotate(self, canvas: Canvas, scene: LiveScene, box: Box) -> None:
        """Draw it; nothing before the first picture."""
        if scene.starting:
            return
        seen = scene.direction is not None and scene.direction.sees_person and not scene.camera_lost
        palette = canvas.palette
        ground, ink = (palette.card, palette.ink) if seen else (palette.warn, palette.panel)
        canvas.card(box, ground, palette.good if seen else None)
        eye = canvas.px(15.0)
        x, y = box.left + canvas.px(8.0) + eye, box.centre[1]
        colour = palette.good if seen else ink
        cv2.ellipse(canvas.image, (x, y), (eye, round(0.62 * eye)), 0, 0, 360, colour.bgr, canvas.px(2.6), cv2.LINE_AA)
        cv2.circle(canvas.image, (x, y), round(0.36 * eye), colour.bgr, -1, cv2.LINE_AA)
        if not seen:
            first, last = (x - eye, y + round(0.8 * eye)), (x + eye, y - round(0.8 * eye))
            cv2.line(canvas.image, first, last, ground.bgr, canvas.px(8.0), cv2.LINE_AA)
            cv2.line(canvas.image, first, last, ink.bgr, canvas.px(3.4), cv2.LINE_AA)
        place = Box(x + eye + canvas.px(6.0), box.top, box.right - canvas.px(5.0), box.bottom)
        size, rows = canvas.fit(SEEN if seen else UNSEEN, place, 24.0, _SMALLEST, BOLD, lines=1 if seen else 2)
        canvas.lines(rows, place, size, ink, BOLD, centred=False)


class LegAnnotator:
    """Which leg, which set."""

    def annotate(self, canvas: Canvas, scene: LiveScene, box: Box) -> None:
        """Draw it; nothing before the leg is known."""
        direction = scene.direction
        if direction is None or direction.leg is None or scene.starting or direction.stage is Stage.DONE:
            return
        half = (box.top + box.bottom) // 2
        rows = (
            (
                f"{direction.leg.value.capitalize()} leg",
                BOLD,
                canvas.palette.ink,
                Box(box.left, box.top, box.right, half),
            ),
            (
                f"Set {direction.set_number} of {direction.sets}",
                REGULAR,
                canvas.palette.soft_ink,
                Box(box.left, half, box.right, box.bottom),
            ),
        )
        for text, weight, colour, place in rows:
            size, lines = canvas.fit(text, place, 19.0, _SMALLEST, weight)
            canvas.lines(lines, place, size, colour, weight)


class ClockAnnotator:
    """The hold clock: a ring that fills, and the seconds that count in it."""

    def annotate(self, canvas: Canvas, scene: LiveScene, box: Box) -> None:
        """Draw it; nothing outside a hold."""
        if not scene.has_clock or scene.step is None or scene.direction is None:
            return
        assessment = scene.step.assessment
        # The director's: the coach begins a new hold after each pause.
        counted_s, target_s = scene.direction.counted_s, scene.direction.target_s
        paused = scene.stage is Stage.HOLD and assessment.phase is Phase.PAUSED
        judged = scene.stage is Stage.HOLD and assessment.phase.is_judged
        severity = ring_severity(assessment) if judged else Severity.NOT_CHECKED
        colour = canvas.palette.severity(severity)
        stroke = canvas.px(10.0)
        radius = min(box.width, box.height) // 2 - stroke // 2 - 3  # antialiased edges too
        x, y = box.centre
        cv2.circle(canvas.image, (x, y), radius, canvas.palette.card.bgr, stroke, cv2.LINE_AA)
        share = min(counted_s / max(target_s, 1e-9), 1.0)
        if share > 0.0:
            axes = (radius, radius)
            cv2.ellipse(canvas.image, (x, y), axes, -90.0, 0.0, 360.0 * share, colour.bgr, stroke, cv2.LINE_AA)
        half = round(0.74 * radius)
        number = Box(x - half, y - round(0.5 * radius), x + half, y + round(0.3 * radius))
        size, rows = canvas.fit(f"{int(counted_s)}", number, 0.95 * radius / canvas.unit, _SMALLEST, BOLD)
        canvas.lines(rows, number, size, canvas.palette.ink, BOLD)
        below = Box(
            x - round(0.54 * radius), y + round(0.36 * radius), x + round(0.54 * radius), y + round(0.68 * radius)
        )
        word = "paused" if paused else f"of {target_s:.0f} s"
        size, rows = canvas.fit(word, below, 17.0, _SMALLEST, BOLD if paused else REGULAR)
        canvas.lines(rows, below, size, colour if paused else canvas.palette.soft_ink, BOLD if paused else REGULAR)


@dataclass(frozen=True, slots=True)
class _Row:
    severity: Severity
    label: str
    framed: bool


class ListAnnotator:
    """The checklist, or the flags during a hold: a shape and a name; never green where nobody can look."""

    _SIZE, _LARGEST_ROW = 24.0, 2.4
    # A label is broken into two lines rather than written smaller than this.
    _BROKEN_BELOW = 15.0

    def annotate(self, canvas: Canvas, scene: LiveScene, box: Box) -> None:
        """Draw it; nothing when there is nothing to check."""
        rows = self._rows(scene)
        if not rows:
            return
        unseen = any(row.severity is Severity.NOT_CHECKED for row in rows)
        advance = int(min(box.height / (len(rows) + 0.8 * unseen), canvas.px(self._LARGEST_ROW * self._SIZE)))
        pad, symbol = canvas.px(3.0), min(canvas.px(22.0), round(0.8 * advance))
        label = Box(box.left + 3 * pad + symbol, box.top, box.right - pad, box.top + advance)
        largest = min(self._SIZE, 0.8 * advance / canvas.unit)
        lines = 1
        size = min(canvas.fit(row.label, label, largest, _SMALLEST, BOLD)[0] for row in rows)
        if size < self._BROKEN_BELOW:
            lines = 2
            size = min(canvas.fit(row.label, label, largest, _SMALLEST, BOLD, lines=lines)[0] for row in rows)
        else:
            advance = min(advance, canvas.px(2.0 * size))
            label = Box(label.left, label.top, label.right, label.top + advance)
        for index, row in enumerate(rows):
            self._draw_row(canvas, row, box, label.moved(0, index * advance), size, symbol, lines)
        if unseen:
            place = Box(
                label.left, box.top + advance * len(rows), box.right, box.top + round(advance * (len(rows) + 0.8))
            )
            canvas.symbol(Severity.NOT_CHECKED, label.left - pad - symbol // 2, place.centre[1], 5.5)
            size, words = canvas.fit(f"= {NOT_CHECKED}", place, min(14.0, 0.8 * size), _SMALLEST)
            canvas.lines(words, place, size, canvas.palette.soft_ink, centred=False)

    @staticmethod
    def _rows(scene: LiveScene) -> list[_Row]:
        direction = scene.direction
        if direction is None or scene.camera_lost or direction.question is not None:
            return []
        if direction.checklist:
            return [_Row(item.severity, item.label, item.current) for item in direction.checklist]
        return [
            _Row(state.severity, scene.profile.flag(state.name).label, state.severity.is_raised)
            for state in scene.flags
        ]

    @staticmethod
    def _draw_row(canvas: Canvas, row: _Row, box: Box, label: Box, size: float, symbol: int, lines: int) -> None:
        palette, pad = canvas.palette, canvas.px(3.0)
        weight = BOLD if row.framed else REGULAR
        if row.framed:
            frame = Box(box.left, label.top + 1, box.right, label.bottom - 1)
            canvas.card(frame, palette.card, palette.severity(row.severity))
        canvas.symbol(row.severity, label.left - pad - symbol // 2, label.centre[1], 0.36 * symbol / canvas.unit)
        ink = palette.not_checked if row.severity is Severity.NOT_CHECKED else palette.ink
        colour = palette.severity(row.severity) if row.severity.is_raised else ink
        size, words = canvas.fit(row.label, label, size, _SMALLEST, weight, lines=lines)
        canvas.lines(words, label, size, colour, weight, centred=False)


class KeysAnnotator:
    """Which keys there are, while there is time to read: before the session and in a pause."""

    def annotate(self, canvas: Canvas, scene: LiveScene, box: Box) -> None:
        """Draw it."""
        if scene.stage not in (Stage.FRAMING, Stage.PAUSED) or scene.starting:
            return
        paused = scene.stage is Stage.PAUSED
        rows = [(key, "go on" if key is Key.PAUSE and paused else words) for key, words in _KEY_WORDS]
        size = min(16.0, box.height / canvas.unit / len(rows) / 1.5)
        room = box.width - 2 * canvas.px(8.0) - canvas.text_size(Key.PAUSE.value, size, BOLD)[0]
        size *= min(1.0, room / max(canvas.text_size(words, size)[0] for _, words in rows))
        wide = canvas.text_size(Key.PAUSE.value, size, BOLD)[0] + canvas.px(8.0)
        advance = canvas.px(1.5 * size)
        top = box.bottom - advance * len(rows)
        for key, words in rows:
            cap = Box(box.left, top + 1, box.left + wide, top + advance - 1)
            canvas.card(cap, canvas.palette.card)
            canvas.lines((key.value,), cap, size, canvas.palette.ink, BOLD)
            place = Box(cap.right + canvas.px(6.0), top, box.right, top + advance)
            fitted, lines = canvas.fit(words, place, size, _SMALLEST)
            canvas.lines(lines, place, fitted, canvas.palette.soft_ink, centred=False)
            top += advance


class CaptionAnnotator:
    """What is being said, otherwise what is to be done, in the largest type; a cue with the shape of its flag."""

    def __init__(self, size: float, lines: int) -> None:
        self._size = size
        self._lines = lines

    def annotate(self, canvas: Canvas, scene: LiveScene, box: Box) -> None:
        """Draw it."""
        if not scene.text:
            return
        severity = scene.text_severity
        aside = 0 if severity is None else canvas.px(46.0)
        place = Box(box.left + aside, box.top, box.right, box.bottom)
        size, rows = canvas.fit(scene.text, place, self._size, _SMALLEST, BOLD, lines=self._lines)
        widest = max(canvas.text_size(row, size, BOLD)[0] for row in rows)
        colour = canvas.palette.ink
        if severity is not None:
            left = place.left + (place.width - widest) // 2 - aside // 2
            canvas.symbol(severity, left - canvas.px(8.0), place.centre[1], 15.0)
            place = Box(left + canvas.px(16.0), box.top, left + canvas.px(16.0) + widest, box.bottom)
            colour = canvas.palette.severity(severity) if severity.is_raised else colour
        canvas.lines(rows, place, size, colour, BOLD)


class NoticesAnnotator:
    """Small lines below everything, one after the other."""

    def __init__(self, lines: int) -> None:
        self._lines = lines

    def annotate(self, canvas: Canvas, scene: LiveScene, box: Box) -> None:
        """Draw them; what has no room ends in an ellipsis."""
        if scene.notices:
            text = _BETWEEN_NOTICES.join(scene.notices)
            size, rows = canvas.fit(text, box, NOTICE_SIZE, 0.85 * NOTICE_SIZE, lines=self._lines)
            canvas.lines(rows, box, size, canvas.palette.soft_ink)


class CountdownAnnotator:
    """Three, two, one: one huge digit on a dark disc."""

    def annotate(self, canvas: Canvas, scene: LiveScene, box: Box) -> None:
        """Draw it."""
        count = None if scene.direction is None else scene.direction.countdown
        if count is None or scene.camera_lost:
            return
        radius = round(0.36 * min(box.width, box.height))
        canvas.disc(box.centre, radius)
        place = Box(*(at - radius for at in box.centre), *(at + radius for at in box.centre))
        size, rows = canvas.fit(f"{count}", place, 1.5 * radius / canvas.unit, _SMALLEST, BOLD)
        canvas.lines(rows, place, size, canvas.palette.ink, BOLD)


class QuestionAnnotator:
    """The choices with their keys; the one that a raised hand takes now is filled."""

    def annotate(self, canvas: Canvas, scene: LiveScene, box: Box) -> None:
        """Draw them over the dimmed picture."""
        question = None if scene.direction is None else scene.direction.question
        if question is None or not question.choices or scene.camera_lost:
            return
        inside = box.shrunk(canvas.px(10.0))
        heading = Box(inside.left, inside.top, inside.right, inside.top + canvas.px(44.0))
        size, rows = canvas.fit(question.text, heading, 34.0, _SMALLEST, BOLD)
        canvas.lines(rows, heading, size, canvas.palette.ink, BOLD)
        place = Box(inside.left, heading.bottom, inside.right, inside.bottom)
        advance = min(canvas.px(58.0), place.height // len(question.choices))
        top = place.top + (place.height - advance * len(question.choices)) // 2
        gap, pad = canvas.px(3.0), canvas.px(12.0)
        size = self._size(canvas, question.choices, place.width - advance - 2 * pad, advance)
        for index, choice in enumerate(question.choices):
            row = Box(place.left, top + gap, place.right, top + advance - gap)
            chosen = index == question.current
            ground, ink = (
                (canvas.palette.ink, canvas.palette.panel) if chosen else (canvas.palette.card, canvas.palette.ink)
            )
            canvas.card(row, ground)
            key = Box(row.left, row.top, row.left + advance, row.bottom)
            canvas.lines((f"{index + 1}",), key, size, ink if chosen else canvas.palette.soft_ink, BOLD)
            words = Box(key.right, row.top, row.right - pad, row.bottom)
            canvas.lines((choice,), words, size, ink, BOLD, centred=False)
            top += advance

    @staticmethod
    def _size(canvas: Canvas, choices: tuple[str, ...], width: int, advance: int) -> float:
        size = min(36.0, 0.62 * advance / canvas.unit)
        while size > _SMALLEST and max(canvas.text_size(choice, size, BOLD)[0] for choice in choices) > width:
            size = max(0.95 * size, _SMALLEST)
        return size


class SentenceAnnotator:
    """One big sentence on the dimmed picture."""

    def annotate(self, canvas: Canvas, scene: LiveScene, box: Box) -> None:
        """Draw it."""
        if scene.sentence:
            place = box.shrunk(canvas.px(14.0))
            size, rows = canvas.fit(scene.sentence, place, SENTENCE_SIZE, _SMALLEST, BOLD, lines=_SENTENCE_LINES)
            canvas.lines(rows, place, size, canvas.palette.ink, BOLD)
