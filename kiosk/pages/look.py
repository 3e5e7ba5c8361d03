"""What every page is made of: text, tiles and buttons, in the sizes and colours of the moment."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from dawr.boxes import Box
from dawr.text import Direction, Weight, direction_of, width
from dawr.words import Words
from kiosk.measures import Measures
from kiosk.scene import LINE_PITCH, Align, Card, Icon, Item, Line, Target, height_of, paragraph
from kiosk.theme import THEMES, Colour, Theme
from kiosk.visit import Action, Surroundings, Visit

Kind = Literal["plain", "chosen", "main", "closed"]

TITLE, NOTE, SMALL, LABEL = 1.45, 0.8, 0.72, 0.68


@dataclass(frozen=True, slots=True)
class Look:
    """What a page is made from: the visit, what is around it, the glass, the colours and the words."""

    visit: Visit
    around: Surroundings
    measures: Measures
    theme: Theme
    words: Words

    @classmethod
    def of(cls, visit: Visit, around: Surroundings, size: tuple[int, int], inches: float) -> "Look":
        """The look of a visit on a screen of `size` pixels and `inches` diagonal."""
        strong = visit.comfort.contrast != around.strong
        measures = Measures(*size, inches, large=visit.comfort.large)
        if visit.comfort.low and not measures.tall:
            visit = replace(visit, comfort=replace(visit.comfort, low=False))
        return cls(
            visit,
            around,
            measures,
            THEMES["contrast" if strong else "light"],
            Words(visit.language, around.digits),
        )

    @property
    def direction(self) -> Direction:
        """The reading direction of the page."""
        return direction_of(self.visit.language)

    @property
    def glass(self) -> Box:
        """The whole screen."""
        return Box(0, 0, self.measures.width, self.measures.height)

    @property
    def margin(self) -> int:
        """Space to the sides of the screen, in pixels."""
        return self.measures.mm(3 if self.measures.compact else 10)

    def text(
        self,
        text: str,
        box: Box,
        *,
        size: float = 1.0,
        colour: Colour | None = None,
        weight: Weight = "medium",
        align: Align = "left",
        most_lines: int = 9,
        stand: Literal["top", "middle"] = "top",
        direction: Direction | None = None,
    ) -> list[Line]:
        """Lines of text in a box; `size` in ems of ordinary text."""
        return paragraph(
            text,
            box,
            round(self.measures.text * size),
            direction or self.direction,
            colour or self.theme.ink,
            weight=weight,
            align=align,
            most_lines=most_lines,
            stand=stand,
        )

    def pitch(self, size: float = 1.0) -> int:
        """Height of a line of text of this size, in pixels."""
        return round(round(self.measures.text * size) * LINE_PITCH)

    def width_of(self, text: str, size: float = 1.0, weight: Weight = "bold") -> int:
        """Width of a line of text, in pixels."""
        return width(text, weight, round(self.measures.text * size), self.direction)

    def inks(self, kind: Kind) -> tuple[Colour, Colour, Colour, Colour]:
        """Ground, ink, ink for notes and edge of a tile."""
        theme = self.theme
        match kind:
            case "plain":
                return theme.card, theme.ink, theme.soft, theme.edge
            case "chosen":
                return theme.tint, theme.ink, theme.soft, theme.tint_ink
            case "main":
                return theme.accent, theme.accent_ink, theme.accent_ink, theme.accent
            case "closed":
                return theme.closed, theme.closed_ink, theme.closed_ink, theme.edge

    def card(self, box: Box, kind: Kind = "plain") -> Card:
        """A card to put something on."""
        ground, _, _, edge = self.inks(kind)
        return Card(box, ground, self.measures.radius, edge, max(1, self.measures.mm(0.4)))

    def button(
        self, box: Box, action: Action, text: str, *, icon: str = "", kind: Kind = "plain", size: float = 1.0
    ) -> Iterator[Item]:
        """A button with an icon before its word, both in its middle."""
        _, ink, _, _ = self.inks(kind)
        yield self.card(box, kind)
        pad = self.measures.mm(3)
        side = round(min(box.height * 0.6, self.measures.text * size * 1.25)) if icon else 0
        room = box.width - 2 * pad - (side + pad if icon else 0)
        lines = self.text(
            text, Box(0, box.y, room, box.height), size=size, colour=ink, weight="bold", most_lines=2, stand="middle"
        )
        wide = max(width(line.text, line.weight, line.size_px, line.direction) for line in lines)
        start = box.x + (box.width - wide - (side + pad if icon else 0)) // 2
        if icon:
            yield Icon(icon, Box(start, box.y + (box.height - side) // 2, side, side), ink)
            start += side + pad
        yield from (replace(line, box=Box(start, line.box.y, wide, line.box.height)) for line in lines)
        yield Target(box, action)

    def button_width(self, text: str, size: float = 1.0) -> int:
        """How wide a button with an icon has to be for its word to stand in one line."""
        side = round(self.measures.text * size * 1.25)
        return max(self.measures.tile, self.width_of(text, size) + side + 3 * self.measures.mm(3) + 2)

    def tile(
        self,
        box: Box,
        action: Action,
        title: str,
        note: str = "",
        *,
        icon: str = "",
        kind: Kind = "plain",
        size: float = 1.0,
        sign: str = "",
    ) -> Iterator[Item]:
        """A tile: an icon in a tinted field, a title, a note under it, and a small sign at its end."""
        ground, ink, soft, _ = self.inks(kind)
        yield self.card(box, kind)
        pad = self.measures.mm(2 if self.measures.compact else 4)
        inner = box.inset(pad, self.measures.mm(1))
        if icon:
            side = min(box.height - 2 * pad, round(self.measures.text * 2.6), box.width // 4)
            field = Box(inner.x, box.y + (box.height - side) // 2, side, side)
            strong = self.theme.tint if kind == "plain" else ground
            yield Card(field, strong, side // 4)
            yield Icon(icon, field.inset(side // 6), self.theme.tint_ink if kind in ("plain", "chosen") else ink)
            inner = inner.after(side + pad)
        if sign:
            side = round(self.measures.text * 0.9)
            yield Icon(sign, Box(inner.right - side, box.y + (box.height - side) // 2, side, side), soft)
            inner = inner.before(side + pad // 2)
        yield from self._words_of_tile(inner, title, note, size, ink, soft)
        yield Target(box, action)

    def _words_of_tile(
        self, inner: Box, title: str, note: str, size: float, ink: Colour, soft: Colour
    ) -> Iterator[Item]:
        if not note:
            yield from self.text(title, inner, size=size, colour=ink, weight="bold", most_lines=3, stand="middle")
            return
        lines = self.text(
            title, inner.above(self.pitch(size * NOTE * 0.9)), size=size, colour=ink, weight="bold", most_lines=3
        )
        under = self.text(note, inner.below(height_of(lines)), size=size * NOTE, colour=soft)
        top = inner.y + max(0, inner.height - height_of(lines) - height_of(under)) // 2
        yield from _stacked(lines, top)
        yield from _stacked(under, top + height_of(lines))


def _stacked(lines: list[Line], top: int) -> Iterator[Line]:
    for line in lines:
        yield replace(line, box=replace(line.box, y=top))
        top += line.box.height
