"""Drawing the rows of a slip as one picture of dots, exactly as wide as the printer's paper.

A thermal head burns a dot or does not: the letters' grey edges are cut at a threshold here, because dithering them,
as printing libraries do, frays every stroke. Lengths are dots; both paper sizes have 8 dots a millimetre (203 dpi).
"""

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

import qrcode
from PIL import Image

from dawr.slip import Columns, Qr, Row, Rule, Size, Space, Text
from dawr.text import fit, mask, width, wrap

PaperMm = Literal[58, 80]

# Printable dots across: the middle 48 mm of a 58 mm roll, 72 mm of an 80 mm roll.
WIDTH_DOTS: dict[PaperMm, int] = {58: 384, 80: 576}
DOTS_A_MM = 8
# Where grey becomes ink. Lower, and the counters of small letters clot; higher, and thin strokes break up.
THRESHOLD = 150

_MARGIN = 8
_SIZES: dict[Size, int] = {"small": 24, "body": 28, "large": 38, "number": 232}
_SMALLEST = 16
_LINE_PITCH = 1.36
_QR_QUIET_MODULES = 4
_QR_SMALLEST_MODULE = 4
_QR_WIDTH = 208
_INK, _BARE = 255, 0


class _Stamp(NamedTuple):
    """A mask of ink (or of bare paper, when `value` says so) with its place in its row."""

    shape: Image.Image
    left: int
    top: int
    value: int = _INK


class _Band(NamedTuple):
    """A drawn row. Stamps may reach over its edges, as the tails of letters do."""

    height: int
    stamps: list[_Stamp]


def draw(rows: Sequence[Row], width_dots: int) -> Image.Image:
    """The slip in mode `1`, 0 where the head burns: `width_dots` wide and as tall as its rows need."""
    bands = [_band(row, width_dots) for row in rows]
    paper = Image.new("L", (width_dots, 2 * _MARGIN + sum(band.height for band in bands)), _BARE)
    top = _MARGIN
    for band in bands:
        for stamp in band.stamps:
            paper.paste(stamp.value, (stamp.left, top + stamp.top), stamp.shape)
        top += band.height
    return paper.point([255 if ink <= THRESHOLD else 0 for ink in range(256)], "1")


def _band(row: Row, width_dots: int) -> _Band:
    match row:
        case Text(size="number"):
            return _number(row, width_dots)
        case Text():
            return _paragraph(row, width_dots)
        case Rule():
            return _Band(24, [_Stamp(Image.new("L", (width_dots - 2 * _MARGIN, 2), _INK), _MARGIN, 11)])
        case Space():
            return _Band(round(row.mm * DOTS_A_MM), [])
        case Qr():
            return _qr(row, width_dots)
        case Columns():
            return _columns(row, width_dots)


def _number(row: Text, width_dots: int) -> _Band:
    """As large as the paper allows, and no paper above or below its ink."""
    room = width_dots - 4 * _MARGIN
    size = fit(row.text, row.weight, _SIZES["number"], row.direction, room, _SMALLEST)
    letters = mask(row.text, row.weight, size, row.direction)
    ink = letters.crop(letters.getbbox())
    return _Band(ink.height + 32, [_Stamp(ink, (width_dots - ink.width) // 2, 12)])


def _paragraph(row: Text, width_dots: int) -> _Band:
    size = _SIZES[row.size]
    indent = _hanging(row, size)
    room = width_dots - 2 * _MARGIN - indent - (2 * _MARGIN if row.inverted else 0)
    lines = _lines(row, size, room)
    pitch = round(size * _LINE_PITCH)
    height = pitch * len(lines)
    stamps = list(_letters(row, lines, size, room, indent, pitch))
    if not row.inverted:
        return _Band(height, stamps)
    box = Image.new("L", (width_dots - 2 * _MARGIN, height + _MARGIN), _INK)
    erased = [_Stamp(s.shape, s.left + _MARGIN, s.top + _MARGIN // 2, _BARE) for s in stamps]
    return _Band(box.height + _MARGIN, [_Stamp(box, _MARGIN, 0), *erased])


def _hanging(row: Text, size: int) -> int:
    return width(row.mark + " ", row.weight, size, row.direction) + 4 if row.mark else 0


def _lines(row: Text, size: int, room: int) -> list[str]:
    lines = wrap(row.text, row.weight, size, row.direction, room)
    if row.align == "start" or len(lines) < 2:
        return lines
    # A centred paragraph looks right when its lines are about as long as each other.
    for narrower in range(room // len(lines), room, room // 12):
        balanced = wrap(row.text, row.weight, size, row.direction, narrower)
        if len(balanced) == len(lines):
            return balanced
    return lines


def _letters(row: Text, lines: list[str], size: int, room: int, indent: int, pitch: int) -> Iterator[_Stamp]:
    for place, line in enumerate(lines):
        # Only a single word can be too wide here, since lines break at spaces.
        letters = mask(line, row.weight, fit(line, row.weight, size, row.direction, room, _SMALLEST), row.direction)
        yield _Stamp(letters, _left(row, letters.width, room, indent), _top(letters, pitch, place))
    if row.mark:
        mark = mask(row.mark, row.weight, size, row.direction)
        left = _MARGIN if row.direction == "ltr" else _MARGIN + room + indent - mark.width
        yield _Stamp(mark, left, _top(mark, pitch, 0))


def _top(letters: Image.Image, pitch: int, place: int) -> int:
    return place * pitch + (pitch - letters.height) // 2


def _left(row: Text, letters_width: int, room: int, indent: int) -> int:
    spare = room - letters_width
    if row.align == "centre":
        return _MARGIN + indent + spare // 2
    return _MARGIN + indent if row.direction == "ltr" else _MARGIN + spare


def _columns(row: Columns, width_dots: int) -> _Band:
    """The name has what the columns leave over; values end at the far side of their columns."""
    size, column = _SIZES[row.size], (width_dots - 2 * _MARGIN) // 4
    pitch, room = round(size * _LINE_PITCH) + 4, width_dots - 2 * _MARGIN - column * len(row.values)
    lines = wrap(row.name, "medium", size, row.direction, room) if row.name else []
    stamps = []
    for place, line in enumerate(lines):
        letters = mask(line, "medium", fit(line, "medium", size, row.direction, room, _SMALLEST), row.direction)
        stamps.append(_Stamp(letters, _from_start(row, letters, 0, width_dots), _top(letters, pitch, place)))
    for place, value in enumerate(row.values, 1):
        fitting = fit(value, row.weight, size, row.direction, column - _MARGIN, _SMALLEST)
        letters = mask(value, row.weight, fitting, row.direction)
        along = room + place * column - letters.width
        stamps.append(_Stamp(letters, _from_start(row, letters, along, width_dots), _top(letters, pitch, 0)))
    return _Band(pitch * max(1, len(lines)), stamps)


def _from_start(row: Columns, letters: Image.Image, along: int, width_dots: int) -> int:
    """The left edge of letters that begin so far from the side where reading begins."""
    return _MARGIN + along if row.direction == "ltr" else width_dots - _MARGIN - along - letters.width


def _qr(row: Qr, width_dots: int) -> _Band:
    """Modules of at least half a millimetre, which a phone's camera reads from worn paper."""
    code = qrcode.QRCode(border=_QR_QUIET_MODULES)
    code.add_data(row.code)
    modules = code.get_matrix()
    count = len(modules)
    dots = min(max(_QR_SMALLEST_MODULE, _QR_WIDTH // count), width_dots // count)
    square = Image.new("L", (count, count))
    square.putdata([_INK if dark else _BARE for line in modules for dark in line])
    grown = square.resize((count * dots, count * dots), Image.Resampling.NEAREST)
    return _Band(grown.height, [_Stamp(grown, (width_dots - grown.width) // 2, 0)])
