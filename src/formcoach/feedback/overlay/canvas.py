"""Colours, sizes and the few strokes that all annotators share."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING

import cv2
import numpy as np

from formcoach.stretch.types import Severity

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Sizes below are in units of a picture whose shorter side has 480 pixels.
REFERENCE_SIDE_PX = 480.0
REGULAR, BOLD = 450, 750
# Panels are this opaque, so that words on them keep a contrast of 4.5 even before a white wall (WCAG 2.2, AA).
PANEL_OPACITY = 0.85
DISC_OPACITY = 0.7
# Of the built-in font, in its size: how high capitals and how deep descenders are (measured), and from line to line.
CAPITALS, DESCENDERS = 0.75, 0.23
LINE_SPACING = 1.08


@dataclass(frozen=True, slots=True)
class Colour:
    """A colour; `bgr` is what OpenCV wants."""

    red: int
    green: int
    blue: int

    @property
    def bgr(self) -> tuple[int, int, int]:
        """Blue, green, red."""
        return self.blue, self.green, self.red


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours that people with any colour vision can tell apart; shapes and words go with them.

    After Okabe and Ito (2008), green and vermilion made lighter to be read on a dark panel.
    """

    good: Colour = Colour(22, 182, 134)
    tip: Colour = Colour(86, 180, 233)
    warn: Colour = Colour(240, 228, 66)
    strong: Colour = Colour(255, 126, 46)
    not_checked: Colour = Colour(165, 165, 165)
    raised_leg: Colour = Colour(255, 255, 255)
    body: Colour = Colour(190, 205, 220)
    shadow: Colour = Colour(20, 24, 28)
    panel: Colour = Colour(16, 20, 24)
    card: Colour = Colour(44, 51, 58)
    ink: Colour = Colour(255, 255, 255)
    soft_ink: Colour = Colour(200, 206, 212)

    def severity(self, severity: Severity) -> Colour:
        """Return the colour of a severity."""
        return {
            Severity.NOT_CHECKED: self.not_checked,
            Severity.GOOD: self.good,
            Severity.TIP: self.tip,
            Severity.WARN: self.warn,
            Severity.STRONG: self.strong,
        }[severity]


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle of pixels; `right` and `bottom` are the first ones outside."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        """Pixels from left to right, at least 0."""
        return max(self.right - self.left, 0)

    @property
    def height(self) -> int:
        """Pixels from top to bottom, at least 0."""
        return max(self.bottom - self.top, 0)

    @property
    def centre(self) -> tuple[int, int]:
        """The pixel in the middle."""
        return (self.left + self.right) // 2, (self.top + self.bottom) // 2

    def meets(self, other: Box) -> bool:
        """Whether the two share a pixel."""
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )

    def holds(self, other: Box) -> bool:
        """Whether the other one lies inside."""
        return (
            self.left <= other.left
            and self.top <= other.top
            and other.right <= self.right
            and other.bottom <= self.bottom
        )

    def shrunk(self, margin: int) -> Box:
        """Return it without a margin on all sides."""
        return Box(self.left + margin, self.top + margin, self.right - margin, self.bottom - margin)

    def moved(self, dx: int, dy: int) -> Box:
        """Return it moved to the right and down."""
        return Box(self.left + dx, self.top + dy, self.right + dx, self.bottom + dy)


@dataclass(frozen=True, slots=True)
class Written:
    """A line of text and where it stands, from the top of its capitals to the foot of its descenders."""

    text: str
    box: Box


@cache
def _font() -> cv2.FontFace:
    return cv2.FontFace("sans")  # built into OpenCV 5


class Canvas:
    """A picture to draw on, with sizes that follow it.

    Parameters
    ----------
    image
        Shape (height, width, 3), drawn on in place.
    palette
        Colours.
    """

    def __init__(self, image: NDArray[np.uint8], palette: Palette) -> None:
        self.image = image
        self.palette = palette
        self.height, self.width = image.shape[:2]
        self.unit: float = min(self.height, self.width) / REFERENCE_SIDE_PX
        self.written: list[Written] = []
        self._panels: list[tuple[int, int, int, int]] = []

    def px(self, units: float) -> int:
        """Return a size in pixels, at least 1."""
        return max(1, round(units * self.unit))

    def line(
        self, start: NDArray[np.float64], end: NDArray[np.float64], colour: Colour, width: float, *, halo: bool = True
    ) -> None:
        """Draw a line from pixel to pixel; NaN draws nothing."""
        if not (np.isfinite(start).all() and np.isfinite(end).all()):
            return
        first, second = _pixel(start), _pixel(end)
        if halo:
            cv2.line(self.image, first, second, self.palette.shadow.bgr, self.px(width + 2.0), cv2.LINE_AA)
        cv2.line(self.image, first, second, colour.bgr, self.px(width), cv2.LINE_AA)

    def polyline(self, points: NDArray[np.float64], colour: Colour, width: float) -> None:
        """Draw a line through pixels, shape (n, 2); NaN breaks it."""
        known = np.flatnonzero(np.isfinite(points).all(axis=1))
        for piece in np.split(known, np.flatnonzero(np.diff(known) > 1) + 1):
            if piece.size > 1:
                path = [np.round(points[piece]).astype(np.int32)]
                cv2.polylines(self.image, path, False, self.palette.shadow.bgr, self.px(width + 2.0), cv2.LINE_AA)
                cv2.polylines(self.image, path, False, colour.bgr, self.px(width), cv2.LINE_AA)

    def dot(self, centre: NDArray[np.float64], radius: float, colour: Colour) -> None:
        """Draw a filled circle at a pixel; NaN draws nothing."""
        if np.isfinite(centre).all():
            cv2.circle(self.image, _pixel(centre), self.px(radius + 1.0), self.palette.shadow.bgr, -1, cv2.LINE_AA)
            cv2.circle(self.image, _pixel(centre), self.px(radius), colour.bgr, -1, cv2.LINE_AA)

    def arc(
        self, centre: NDArray[np.float64], radius: float, start_deg: float, end_deg: float, colour: Colour, width: float
    ) -> None:
        """Draw an arc around a pixel; angles clockwise from the right, as on the screen."""
        axes = (self.px(radius), self.px(radius))
        for stroke, one in ((width + 2.0, self.palette.shadow), (width, colour)):
            cv2.ellipse(
                self.image, _pixel(centre), axes, 0.0, start_deg, end_deg, one.bgr, self.px(stroke), cv2.LINE_AA
            )

    def panel(self, left: int, top: int, right: int, bottom: int) -> None:
        """Lay a translucent rectangle over the picture; parts outside it are cut off."""
        left, top = max(left, 0), max(top, 0)
        self._panels.append((left, top, right, bottom))
        part = self.image[top : max(bottom, top), left : max(right, left)]
        if part.size:
            flat = np.empty_like(part)
            flat[:] = self.palette.panel.bgr
            cv2.addWeighted(flat, PANEL_OPACITY, part, 1.0 - PANEL_OPACITY, 0.0, dst=part)

    def card(self, box: Box, colour: Colour, edge: Colour | None = None) -> None:
        """Fill a rectangle, with an edge inside it where a colour for one is given."""
        last = (box.right - 1, box.bottom - 1)
        cv2.rectangle(self.image, (box.left, box.top), last, colour.bgr, -1)
        if edge is not None:
            stroke = self.px(1.6)
            inner = box.shrunk(stroke // 2)
            cv2.rectangle(self.image, (inner.left, inner.top), (inner.right - 1, inner.bottom - 1), edge.bgr, stroke)

    def disc(self, centre: tuple[int, int], radius: int) -> None:
        """Lay a translucent disc over the picture."""
        x, y = centre
        box = Box(max(x - radius, 0), max(y - radius, 0), x + radius, y + radius)
        part = self.image[box.top : box.bottom, box.left : box.right]
        solid = part.copy()
        cv2.circle(solid, (x - box.left, y - box.top), radius - 1, self.palette.panel.bgr, -1, cv2.LINE_AA)
        cv2.addWeighted(solid, DISC_OPACITY, part, 1.0 - DISC_OPACITY, 0.0, dst=part)

    def dim(self, share: float) -> None:
        """Darken the whole picture to a share of its brightness."""
        cv2.convertScaleAbs(self.image, dst=self.image, alpha=share)

    def part(self, box: Box) -> Canvas:
        """Return a canvas of a part of the picture, with sizes of the whole; its pixels are the same ones."""
        inner = Canvas(self.image[box.top : box.bottom, box.left : box.right], self.palette)
        inner.unit = self.unit
        return inner

    def find_room(self, left: int, top: int, width: int, height: int) -> tuple[int, int]:
        """Return the place nearest to (`left`, `top`) at which a panel of that size covers no other one.

        Places in the same column are tried first, then the columns beside it; where all are taken, the one asked for.
        """
        rows = [0, *(sign * step for step in range(1, 5) for sign in (1, -1))]
        for aside in (0, -1, 1):
            for row in rows:
                x, y = left + aside * (width + 2), top + row * (height // 2 + 1)
                inside = x >= 0 and y >= 0 and x + width <= self.width and y + height <= self.height
                if inside and not any(_overlap((x, y, x + width, y + height), one) for one in self._panels):
                    return x, y
        return left, top

    def text_size(self, text: str, size: float, weight: int = REGULAR) -> tuple[int, int]:
        """Return width and height in pixels of a line of text."""
        return _measure(text, self.px(size), weight)

    def fit(
        self, text: str, box: Box, size: float, smallest: float, weight: int = REGULAR, lines: int = 1
    ) -> tuple[float, tuple[str, ...]]:
        """Return the largest size up to `size` at which a text fits into a box, and its lines.

        Lines are about equally long. At `smallest` what does not fit is cut off, with an ellipsis.
        """
        while size > smallest:
            found = _wrap(text, box.width, self.px(size), weight)
            tall = len(found) * self.px(size * LINE_SPACING) <= box.height
            if len(found) <= lines and tall and all(self.text_size(one, size, weight)[0] <= box.width for one in found):
                return size, found
            size = max(size * 0.94, smallest)
        rows = max(1, min(lines, box.height // self.px(smallest * LINE_SPACING)))
        found = _wrap(text, box.width, self.px(smallest), weight)
        kept = found[: rows - 1] + ((" ".join(found[rows - 1 :]),) if len(found) >= rows else ())
        return smallest, tuple(_cut(one, box.width, self.px(smallest), weight) for one in kept)

    def lines(
        self,
        rows: tuple[str, ...],
        box: Box,
        size: float,
        colour: Colour,
        weight: int = REGULAR,
        *,
        centred: bool = True,
    ) -> None:
        """Write lines one below the other in the middle of a box's height."""
        advance = self.px(size * LINE_SPACING)
        between = advance * (len(rows) - 1)
        # Capitals in the middle, as long as descenders stay inside.
        baseline = min(
            box.centre[1] - between // 2 + self.px(size * CAPITALS) // 2,
            box.bottom - between - self.px(size * DESCENDERS),
        )
        for row in rows:
            left = box.left + (box.width - self.text_size(row, size, weight)[0]) // 2 if centred else box.left
            self.text(row, left, baseline, size, colour, weight)
            baseline += advance

    def text(self, text: str, left: int, baseline: int, size: float, colour: Colour, weight: int = REGULAR) -> None:
        """Write a line of text with its baseline at a pixel."""
        cv2.putText(self.image, text, (left, baseline), colour.bgr, _font(), self.px(size), weight)
        above, below = self.px(size * CAPITALS), self.px(size * DESCENDERS)
        width = self.text_size(text, size, weight)[0]
        self.written.append(Written(text, Box(left, baseline - above, left + width, baseline + below)))

    def symbol(self, severity: Severity, x: int, y: int, radius: float) -> None:
        """Draw the shape of a severity: tick, diamond, triangle, stop octagon, or an empty ring for not checked."""
        colour, size = self.palette.severity(severity).bgr, self.px(radius)
        if severity is Severity.NOT_CHECKED:
            cv2.circle(self.image, (x, y), size, colour, self.px(1.6), cv2.LINE_AA)
            half = max(size // 2, 1)
            cv2.line(self.image, (x - half, y), (x + half, y), colour, self.px(1.6), cv2.LINE_AA)
        elif severity is Severity.GOOD:
            tick = np.array([(x - size, y), (x - size // 3, y + (2 * size) // 3), (x + size, y - (2 * size) // 3)])
            cv2.polylines(self.image, [tick.astype(np.int32)], False, colour, self.px(2.6), cv2.LINE_AA)
        elif severity is Severity.TIP:
            corners = np.array([(x, y - size), (x + size, y), (x, y + size), (x - size, y)])
            cv2.fillPoly(self.image, [corners.astype(np.int32)], colour, cv2.LINE_AA)
        elif severity is Severity.WARN:
            corners = np.array([(x, y - size), (x + size, y + size), (x - size, y + size)])
            cv2.fillPoly(self.image, [corners.astype(np.int32)], colour, cv2.LINE_AA)
        else:
            turns = np.radians(22.5 + 45.0 * np.arange(8))
            corners = np.stack([x + 1.1 * size * np.cos(turns), y + 1.1 * size * np.sin(turns)], axis=1)
            cv2.fillPoly(self.image, [np.round(corners).astype(np.int32)], colour, cv2.LINE_AA)


@lru_cache(maxsize=4096)
def _measure(text: str, size_px: int, weight: int) -> tuple[int, int]:
    _, _, width, height = cv2.getTextSize((0, 0), text, (0, 0), _font(), size_px, weight)
    return width, height


# A number stays with its seconds.
_WORDS = re.compile(r"\d+ s\b\S*|\S+")


@lru_cache(maxsize=1024)
def _wrap(text: str, width: int, size_px: int, weight: int) -> tuple[str, ...]:
    """Break a text into the fewest lines that fit, and these about equally long."""
    found = _break(text, width, size_px, weight)
    while len(found) > 1 and width > 1:
        width = max(_measure(one, size_px, weight)[0] for one in found) - 1
        tighter = _break(text, width, size_px, weight)
        if len(tighter) > len(found) or any(_measure(one, size_px, weight)[0] > width for one in tighter):
            break
        found = tighter
    return found


def _break(text: str, width: int, size_px: int, weight: int) -> tuple[str, ...]:
    lines: list[str] = []
    for word in _WORDS.findall(text):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and _measure(longer, size_px, weight)[0] <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return tuple(lines)


def _cut(text: str, width: int, size_px: int, weight: int) -> str:
    if _measure(text, size_px, weight)[0] <= width:
        return text
    while text and _measure(f"{text}…", size_px, weight)[0] > width:
        text = text[:-1].rstrip()
    return f"{text}…"


def _overlap(one: tuple[int, int, int, int], other: tuple[int, int, int, int]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _pixel(point: NDArray[np.float64]) -> tuple[int, int]:
    limited = np.clip(point, -10_000.0, 10_000.0)
    return round(float(limited[0])), round(float(limited[1]))
