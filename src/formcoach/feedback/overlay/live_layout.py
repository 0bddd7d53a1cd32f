"""Where on the live screen things stand: every one has its own place, and none moves while a session goes on.

The picture is not written on, apart from the skeleton and its angles: head and feet stay in view. What is said stands
in a strip below it; signs and lists stand in a column beside it, or in a band above it where that leaves a larger
picture.
"""

from __future__ import annotations

from dataclasses import dataclass

from formcoach.feedback.overlay.canvas import LINE_SPACING, REFERENCE_SIDE_PX, Box

# Sizes in units of a screen whose shorter side has 480. Signs are read from 3 m when letters are 25 mm high (an inch
# for ten feet, a rule of thumb of sign makers [P]), and by good eyes still at a third of that [C: 5 minutes of arc are
# 4.4 mm]. Capitals of 48 are a thirteenth of the screen's shorter side: 13 mm on a notebook, 25 mm on a screen of 27
# inches. A wide screen takes every cue in one line, and larger.
CAPTION_SIZE, WIDE_CAPTION_SIZE = 48.0, 54.0
NOTICE_SIZE = 14.0
MARGIN = 10.0
# [D], tried on the four sizes of the tests.
_COLUMN, _WIDEST_COLUMN = 164.0, 300.0
_BAND, _HIGHEST_BAND = 210.0, 330.0
_SIGN, _LEG = 46.0, 44.0
_RING_SHARE = 0.42
_TALL, _WIDE = 1.2, 1.5
# A longer caption has two smaller lines in the strip of a wide screen.
_WIDE_STRIP = 76.0


@dataclass(frozen=True, slots=True)
class Layout:
    """The places, in pixels of the screen; none meets another, but that `long_list` is `ring` and `list` together.

    Attributes
    ----------
    unit : float
        Pixels of one unit.
    picture : Box
        With the camera's proportions.
    sign : Box
        "I see you".
    leg : Box
        Which leg, which set.
    ring : Box
        The hold clock.
    list : Box
        Flags during a hold.
    long_list : Box
        Keys and checklist, while there is no clock.
    caption : Box
        What is said.
    caption_size : float
        The largest type in it, in units.
    caption_lines : int
        How many lines it may have.
    notices : Box
        Small lines below everything.
    notice_lines : int
        How many lines of `NOTICE_SIZE` it holds.
    """

    unit: float
    picture: Box
    sign: Box
    leg: Box
    ring: Box
    list: Box
    long_list: Box
    caption: Box
    caption_size: float
    caption_lines: int
    notices: Box
    notice_lines: int


def arrange(size: tuple[int, int], picture_size: tuple[int, int]) -> Layout:
    """Find the places.

    Parameters
    ----------
    size
        Width and height of the screen in pixels.
    picture_size
        Of the camera's picture; only its proportions matter.
    """
    width, height = size
    unit = min(width, height) / REFERENCE_SIDE_PX
    margin = max(1, round(MARGIN * unit))
    lines, notice_lines = (3, 2) if height > _TALL * width else (2, 1)
    wide = width >= _WIDE * height
    strip = round(_WIDE_STRIP * unit) if wide else _rows(lines, CAPTION_SIZE, unit)
    gap = margin // 2
    notices_top = height - gap - _rows(notice_lines, NOTICE_SIZE, unit)
    notices = Box(margin, notices_top, width - margin, height - gap)
    caption_top = notices_top - strip
    caption = Box(margin, caption_top, width - margin, notices_top)
    above = caption_top - gap
    beside = _fit(picture_size, (width - round(_COLUMN * unit), above))
    below = _fit(picture_size, (width, above - round(_BAND * unit)))
    if beside[0] * beside[1] >= below[0] * below[1]:
        column = min(width - beside[0], round(_WIDEST_COLUMN * unit))
        picture = _centre(beside, Box(0, 0, width - column, above))
        places = _fill_column(Box(width - column, 0, width, above).shrunk(margin), unit, margin)
    else:
        band = min(above - below[1], round(_HIGHEST_BAND * unit))
        picture = _centre(below, Box(0, band, width, above))
        places = _fill_band(Box(0, 0, width, band).shrunk(margin), unit, margin)
    return Layout(
        unit, picture, *places, caption, WIDE_CAPTION_SIZE if wide else CAPTION_SIZE, lines, notices, notice_lines
    )


def _rows(lines: int, size: float, unit: float) -> int:
    """Return a little more than the height that lines of text take, in pixels: sizes are rounded to pixels."""
    return round(lines * (size * LINE_SPACING * unit + 1.0))


def _fill_column(column: Box, unit: float, margin: int) -> tuple[Box, Box, Box, Box, Box]:
    sign = _row(column, column.top, round(_SIGN * unit))
    leg = _row(column, sign.bottom + margin // 2, round(_LEG * unit))
    top = leg.bottom + margin // 2
    ring = _row(column, top, min(column.width, round(_RING_SHARE * (column.bottom - top))))
    rest = Box(column.left, ring.bottom + margin // 2, column.right, column.bottom)
    return sign, leg, ring, rest, Box(column.left, top, column.right, column.bottom)


def _fill_band(band: Box, unit: float, margin: int) -> tuple[Box, Box, Box, Box, Box]:
    middle = band.centre[0]
    left = Box(band.left, band.top, middle - margin // 2, band.bottom)
    right = Box(middle + margin // 2, band.top, band.right, band.bottom)
    sign, leg, _, _, below = _fill_column(left, unit, margin)
    return sign, leg, below, right, right


def _row(column: Box, top: int, height: int) -> Box:
    return Box(column.left, top, column.right, top + height)


def _fit(picture_size: tuple[int, int], room: tuple[int, int]) -> tuple[int, int]:
    scale = max(min(room[0] / picture_size[0], room[1] / picture_size[1]), 0.0)
    return max(1, round(picture_size[0] * scale)), max(1, round(picture_size[1] * scale))


def _centre(size: tuple[int, int], room: Box) -> Box:
    left, top = room.left + (room.width - size[0]) // 2, room.top + (room.height - size[1]) // 2
    return Box(left, top, left + size[0], top + size[1])
