"""What stands on the glass: boxes, lines of text, icons and what can be touched. Values only; painting is `screen`'s.

Pages lay everything out as for a left-to-right language; `mirrored` turns a whole page round for Arabic.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from dawr.boxes import Box
from dawr.text import Direction, Weight, width, wrap
from kiosk.theme import Colour
from kiosk.visit import Action

Align = Literal["left", "centre", "right"]

LINE_PITCH = 1.42
SMALLEST_OF_TEXT = 0.62


@dataclass(frozen=True, slots=True)
class Card:
    """A filled box with round corners, and an edge where it has a colour for one."""

    box: Box
    colour: Colour
    radius: int = 0
    edge: Colour | None = None
    edge_px: int = 2


@dataclass(frozen=True, slots=True)
class Veil:
    """Darkens everything under it."""

    box: Box


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text, in the middle of its box's height."""

    text: str
    box: Box
    weight: Weight
    size_px: int
    direction: Direction
    colour: Colour
    align: Align = "left"


@dataclass(frozen=True, slots=True)
class Icon:
    """A drawing of `icons` in a square box; one that points somewhere is turned round with the page."""

    name: str
    box: Box
    colour: Colour
    flipped: bool = False


@dataclass(frozen=True, slots=True)
class Target:
    """What can be touched, and what it does. A key of a keyboard may be smaller than a tile."""

    box: Box
    action: Action
    is_key: bool = False


Item = Card | Veil | Line | Icon | Target
Scene = tuple[Item, ...]

_MIRRORED_ALIGN: dict[Align, Align] = {"left": "right", "centre": "centre", "right": "left"}


def mirrored(items: Iterable[Item], width_px: int) -> Iterator[Item]:
    """The same page for a language that is read from the right."""
    for item in items:
        box = replace(item.box, x=width_px - item.box.right)
        match item:
            case Line():
                yield replace(item, box=box, align=_MIRRORED_ALIGN[item.align])
            case Icon():
                yield replace(item, box=box, flipped=not item.flipped)
            case _:
                yield replace(item, box=box)


def touched(scene: Scene, x: float, y: float) -> Target | None:
    """What lies under a finger: of several, the one on top."""
    hit = [item for item in scene if isinstance(item, Target) and item.box.holds(x, y)]
    return hit[-1] if hit else None


def paragraph(
    text: str,
    box: Box,
    size_px: int,
    direction: Direction,
    colour: Colour,
    *,
    weight: Weight = "medium",
    align: Align = "left",
    most_lines: int = 9,
    stand: Literal["top", "middle"] = "top",
) -> list[Line]:
    """The text as lines within a box, made smaller until it fits (down to about six tenths of its size)."""
    size, lines = _fitting(text, box.width, box.height, size_px, direction, weight, most_lines)
    pitch = round(size * LINE_PITCH)
    top = box.y + (max(0, box.height - pitch * len(lines)) // 2 if stand == "middle" else 0)
    return [
        Line(line, Box(box.x, top + pitch * place, box.width, pitch), weight, size, direction, colour, align)
        for place, line in enumerate(lines)
    ]


def height_of(lines: Sequence[Line]) -> int:
    """How high some lines are together, in pixels."""
    return sum(line.box.height for line in lines)


@lru_cache(2048)
def _fitting(
    text: str, width_px: int, height_px: int, size_px: int, direction: Direction, weight: Weight, most_lines: int
) -> tuple[int, list[str]]:
    smallest = max(8, round(size_px * SMALLEST_OF_TEXT))
    for size in range(size_px, smallest - 1, -max(1, size_px // 24)):
        lines = wrap(text, weight, size, direction, width_px)
        high_enough = round(size * LINE_PITCH) * len(lines) <= height_px
        if high_enough and len(lines) <= most_lines and _fit(lines, weight, size, direction, width_px):
            return size, _balanced(lines, text, weight, size, direction, width_px)
    return smallest, wrap(text, weight, smallest, direction, width_px)


def _fit(lines: list[str], weight: Weight, size: int, direction: Direction, width_px: int) -> bool:
    return all(width(line, weight, size, direction) <= width_px for line in lines)


def _balanced(lines: list[str], text: str, weight: Weight, size: int, direction: Direction, width_px: int) -> list[str]:
    """Two lines look right when they are about as long as each other."""
    if len(lines) != 2:
        return lines
    for narrower in range(width_px // 2, width_px, max(1, width_px // 16)):
        closer = wrap(text, weight, size, direction, narrower)
        # A dash belongs to what is before it.
        if len(closer) == 2 and closer[1][0] not in "–-" and _fit(closer, weight, size, direction, width_px):
            return closer
    return lines
