"""What a picture of the board is made of: plain shapes and lines of text with their places, and their mirror image.

Pure values; painting them is `display.screen`'s.
"""

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from dawr.boxes import Box
from dawr.text import Direction, Weight, fit, width
from display.theme import Colour

Align = Literal["start", "centre", "end"]

_TURNED: dict[Align, Align] = {"start": "end", "centre": "centre", "end": "start"}

# A text shrinks this far to fit its place; after that it loses words.
SMALLEST = 0.75


@dataclass(frozen=True, slots=True)
class Card:
    """A filled rectangle with round corners."""

    box: Box
    colour: Colour
    radius: int = 0


@dataclass(frozen=True, slots=True)
class Arrow:
    """A chevron from the number to its counter; `flow` is the side it points to."""

    box: Box
    colour: Colour
    flow: Direction = "ltr"


@dataclass(frozen=True, slots=True)
class Star:
    """The eight-pointed star of the region's tiles: the board's mark."""

    box: Box
    colour: Colour
    inner: Colour


@dataclass(frozen=True, slots=True)
class CrossedSpeaker:
    """No sound here."""

    box: Box
    colour: Colour


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text, its capitals in the middle of the box's height.

    `moved_px` is for a text wider than its box: how much of its beginning has moved out.
    """

    text: str
    weight: Weight
    size_px: int
    direction: Direction
    colour: Colour
    box: Box
    align: Align = "start"
    moved_px: int | None = None


Item = Card | Arrow | Star | CrossedSpeaker | Line


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the picture that is painted as a whole."""

    name: str
    box: Box
    ground: Colour
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Pen:
    """How a line is written."""

    weight: Weight
    size_px: int
    colour: Colour


def written(text: str, pen: Pen, direction: Direction, box: Box, align: Align = "start") -> Line:
    """The text in its box, smaller when it would not fit, and short of its last words when that is not enough."""
    smallest = max(8, round(pen.size_px * SMALLEST))
    size = fit(text, pen.weight, pen.size_px, direction, box.width, smallest)
    text = _shortened(text, pen.weight, size, direction, box.width)
    return Line(text, pen.weight, size, direction, pen.colour, box, align)


def mirrored(section: Section, width_px: int) -> Section:
    """The section in the mirror image of a picture of this width; text keeps its own direction."""
    items = tuple(_mirrored_item(item, width_px) for item in section.items)
    return replace(section, box=_mirrored_box(section.box, width_px), items=items)


@lru_cache(512)
def _shortened(text: str, weight: Weight, size: int, direction: Direction, width_px: int) -> str:
    """The text, or as many of its words as fit with an ellipsis."""
    words = text.split(" ")
    while len(words) > 1 and width(text, weight, size, direction) > width_px:
        words.pop()
        text = " ".join(words) + "…"
    return text


def _mirrored_box(box: Box, width_px: int) -> Box:
    return replace(box, x=width_px - box.right)


def _mirrored_item(item: Item, width_px: int) -> Item:
    box = _mirrored_box(item.box, width_px)
    if isinstance(item, Line):
        return replace(item, box=box, align=_TURNED[item.align])
    if isinstance(item, Arrow):
        return replace(item, box=box, flow="rtl" if item.flow == "ltr" else "ltr")
    return replace(item, box=box)
