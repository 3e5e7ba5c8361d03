"""What stands on a board that no manager has admitted: to the hall that it shows no calls, to staff the code.

Pure, and composed as everything on the board: left to right, to be mirrored.
"""

from collections.abc import Callable, Iterator, Sequence

from dawr.boxes import Box
from dawr.text import Direction, Weight, direction_of, fit, isolate, width, wrap
from dawr.words import Words
from display.shapes import Card, Item, Line, Pen, written
from display.showing import Admission
from display.theme import Colour, Theme

MOST_LINES = 3
PITCH = 1.45


def admission_card(
    admission: Admission, words: Sequence[Words], box: Box, px: Callable[[float], int], theme: Theme
) -> Iterator[Item]:
    """All of it in a box, in each language; `px` is the layout's measure."""
    yield Card(box, theme.latest, px(28))
    box = box.inset(px(48), px(36))
    hall, rest = box.take_top(box.height * 26 // 100)
    code, rest = rest.take_top(rest.height * 56 // 100)
    page, below = rest.take_top(px(72))
    for each, row in zip(words, hall.rows(len(words)), strict=True):
        pen = Pen("bold", px(58 if each is words[0] else 46), theme.latest_ink)
        yield written(each("admission.board_empty"), pen, direction_of(each.language), row, "centre")
    yield from _code(admission, words, code.inset(0, px(16)), px, theme)
    yield written(isolate(admission.code.page), Pen("bold", px(44), theme.latest_accent), "ltr", page, "centre")
    side_by_side = below.width > 2 * below.height
    parts = below.columns(*[1.0] * len(words), gap=px(56)) if side_by_side else below.rows(len(words))
    for each, part in zip(words, parts, strict=True):
        said = each("admission.what_to_do")
        yield from _sentence(said, part, px(38), direction_of(each.language), theme.latest_soft)


def _code(
    admission: Admission, words: Sequence[Words], box: Box, px: Callable[[float], int], theme: Theme
) -> Iterator[Item]:
    """The code, as large as there is room, over which stands for whom it is and of which board."""
    yield Card(box, theme.card, px(24))
    heads, code = box.inset(px(32), px(14)).take_top(px(56))
    for each, part in zip(words, heads.columns(*[1.0] * len(words), gap=px(32)), strict=True):
        pen = Pen("bold", px(34), theme.accent)
        yield written(each("admission.board", id=admission.id), pen, direction_of(each.language), part, "centre")
    text = isolate(admission.code.grouped)
    size = fit(text, "black", round(code.height / PITCH), "ltr", code.width, px(40))
    yield Line(text, "black", size, "ltr", theme.ink, code, "centre")


def _sentence(text: str, box: Box, size_px: int, direction: Direction, colour: Colour) -> Iterator[Item]:
    """A sentence over some lines, smaller until it fits."""
    weight: Weight = "medium"
    size, lines = next(
        (size, lines)
        for size in range(size_px, 7, -1)
        if _fits(lines := wrap(text, weight, size, direction, box.width), weight, size, direction, box) or size == 8
    )
    pitch = round(size * PITCH)
    top = box.y + max(0, box.height - pitch * len(lines)) // 2
    for place, line in enumerate(lines):
        row = Box(box.x, top + place * pitch, box.width, pitch)
        yield Line(line, weight, size, direction, colour, row, "centre")


def _fits(lines: Sequence[str], weight: Weight, size: int, direction: Direction, box: Box) -> bool:
    widest = max(width(line, weight, size, direction) for line in lines)
    return widest <= box.width and len(lines) <= min(MOST_LINES, box.height // round(size * PITCH))
