"""Lists of tiles: as many as fit, the rest behind large arrows."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from dawr.boxes import Box
from kiosk.pages.look import SMALL, Look
from kiosk.scene import Icon, Item, Target
from kiosk.visit import Turn

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Grid:
    """How many tiles go into a box, and where."""

    box: Box
    columns: int
    rows: int
    gap: int
    highest: int

    @property
    def places(self) -> int:
        """How many tiles there is room for."""
        return self.columns * self.rows

    def boxes(self, count: int) -> Iterator[Box]:
        """The boxes of so many tiles, row by row. Few tiles grow, but not beyond reason."""
        rows = max(1, -(-count // self.columns))
        wide = (self.box.width - self.gap * (self.columns - 1)) // self.columns
        high = min(self.highest, (self.box.height - self.gap * (rows - 1)) // rows)
        for place in range(count):
            row, column = divmod(place, self.columns)
            yield Box(self.box.x + column * (wide + self.gap), self.box.y + row * (high + self.gap), wide, high)


def grid(look: Look, box: Box, *, least_width: int, least_height: int, highest: int) -> Grid:
    """As many columns and rows as tiles of at least this size allow; never smaller than a finger needs."""
    gap, tile = look.measures.gap, look.measures.tile
    columns = max(1, (box.width + gap) // (max(tile, least_width) + gap))
    rows = max(1, (box.height + gap) // (max(tile, least_height) + gap))
    return Grid(box, columns, rows, gap, max(highest, tile, least_height))


def listed(
    look: Look,
    box: Box,
    things: Sequence[T],
    draw: Callable[[Box, T], Iterable[Item]],
    *,
    least_width: int,
    least_height: int,
    highest: int,
) -> Iterator[Item]:
    """The part of the things that the visitor has turned to, with arrows when there are more."""
    whole = grid(look, box, least_width=least_width, least_height=least_height, highest=highest)
    if len(things) <= whole.places:
        for place, thing in zip(whole.boxes(len(things)), things, strict=True):
            yield from draw(place, thing)
        return
    sideways = look.measures.upright
    strip = look.measures.tile + look.measures.gap
    rest = box.above(strip) if sideways else box.before(strip)
    some = grid(look, rest, least_width=least_width, least_height=least_height, highest=highest)
    parts = -(-len(things) // some.places)
    part = min(look.visit.part, parts - 1)
    # Every part is laid out as a full one, so that tiles do not jump about.
    shown = things[part * some.places : (part + 1) * some.places]
    for place, thing in zip(some.boxes(some.places), shown, strict=False):
        yield from draw(place, thing)
    band = box.base(look.measures.tile) if sideways else box.end(look.measures.tile)
    yield from _arrows(look, band, part, parts)


def _arrows(look: Look, band: Box, part: int, parts: int) -> Iterator[Item]:
    said = look.words("kiosk.part", part=part + 1, parts=parts)
    if band.width > band.height:
        third = (band.width - 2 * look.measures.gap) // 3
        before, after = band.left(third), band.end(third)
        middle = Box(before.right, band.y, after.x - before.right, band.height)
        names = ("earlier", "forward")
    else:
        high = min((band.height - look.pitch(SMALL)) // 2, 2 * band.width)
        before, after = band.top(high), band.base(high)
        middle = Box(band.x, before.bottom, band.width, after.y - before.bottom)
        names = ("up", "down")
    if part:
        yield from _arrow(look, before, names[0], Turn(-1), look.words("kiosk.earlier"))
    if part + 1 < parts:
        yield from _arrow(look, after, names[1], Turn(1), look.words("kiosk.more"))
    yield from look.text(said, middle, size=SMALL, colour=look.theme.soft, align="centre", stand="middle", most_lines=1)


def _arrow(look: Look, box: Box, icon: str, action: Turn, text: str) -> Iterator[Item]:
    if box.width > 2 * box.height:
        yield from look.button(box, action, text, icon=icon)
        return
    side = min(box.width, box.height) // 2
    yield look.card(box)
    yield Icon(icon, box.middle(side, side), look.theme.tint_ink)
    yield Target(box, action)
