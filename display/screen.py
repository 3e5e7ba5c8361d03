"""Painting a scene onto a pygame surface, section by section, only where something changed.

Text comes from `dawr.text` as a mask that is tinted here; shapes are drawn large and scaled down: smooth edges.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from math import cos, pi, sin

import pygame
from cachetools import LRUCache, cached
from PIL import Image, ImageDraw

from dawr.boxes import Box
from dawr.text import Direction, Weight, capital_height, font, mask
from display.shapes import Arrow, Card, CrossedSpeaker, Item, Line, Section, Star
from display.theme import Colour

# Shapes are drawn this many times larger and scaled down.
_SMOOTH = 4
TEXTS_BYTES = 32_000_000
"""Lines that are kept ready: what a board of 4K shows at a time, and several boards of 1080p."""


def _bytes_of(surface: pygame.Surface) -> int:
    return surface.get_pitch() * surface.get_height()


class Screen:
    """A surface and what is painted on it."""

    def __init__(self, surface: pygame.Surface) -> None:
        self.surface = surface
        self._painted: tuple[Section, ...] = ()

    def paint(self, scene: Sequence[Section]) -> list[pygame.Rect]:
        """Bring the surface to this scene; the rectangles that changed, none when nothing did."""
        before = {section.name: section for section in self._painted}
        if {section.box for section in scene} != {section.box for section in self._painted}:
            before = {}
            self.surface.fill(next((one.ground for one in scene if one.name == "latest"), (0, 0, 0)))
        changed = [section for section in scene if before.get(section.name) != section]
        for section in changed:
            self._paint_section(section)
        self._painted = tuple(scene)
        if changed and not before:
            return [self.surface.get_rect()]
        return [_rect(section.box) for section in changed]

    def _paint_section(self, section: Section) -> None:
        self.surface.set_clip(_rect(section.box))
        self.surface.fill(section.ground, _rect(section.box))
        for item in section.items:
            _paint(self.surface, item, _rect(section.box))
        self.surface.set_clip(None)


def place_of(line: Line) -> tuple[int, int]:
    """Where the line's mask goes, its left top corner: the capitals stand in the middle of the line's box."""
    picture = mask(line.text, line.weight, line.size_px, line.direction)
    _, descent = font(line.weight, line.size_px).getmetrics()
    baseline = line.box.y + (line.box.height + capital_height(line.weight, line.size_px)) // 2
    top = baseline - (picture.height - descent)
    if line.moved_px is not None:
        left = line.box.right - picture.width + line.moved_px
        return (left if line.direction == "rtl" else line.box.x - line.moved_px), top
    spare = line.box.width - picture.width
    return line.box.x + {"start": 0, "centre": spare // 2, "end": spare}[line.align], top


def _paint(surface: pygame.Surface, item: Item, clip: pygame.Rect) -> None:
    box = item.box
    match item:
        case Line():
            surface.set_clip(_rect(box).clip(clip) if item.moved_px is not None else clip)
            text = _text(item.text, item.weight, item.size_px, item.direction, item.colour)
            surface.blit(text, place_of(item))
            surface.set_clip(clip)
        case Card():
            _paint_card(surface, item)
        case Arrow():
            flow = "to the left" if item.flow == "rtl" else "to the right"
            surface.blit(_shape(flow, box.width, item.colour), (box.x, box.y))
        case Star():
            surface.blit(_shape("star", box.width, item.colour), (box.x, box.y))
            hole = box.width * 3 // 8
            middle = (box.x + (box.width - hole) // 2, box.y + (box.height - hole) // 2)
            surface.blit(_shape("star", hole, item.inner), middle)
        case CrossedSpeaker():
            surface.blit(_shape("crossed speaker", box.width, item.colour), (box.x, box.y))


def _paint_card(surface: pygame.Surface, card: Card) -> None:
    box, radius = card.box, min(card.radius, card.box.width // 2, card.box.height // 2)
    surface.fill(card.colour, pygame.Rect(box.x + radius, box.y, box.width - 2 * radius, box.height))
    surface.fill(card.colour, pygame.Rect(box.x, box.y + radius, box.width, box.height - 2 * radius))
    if not radius:
        return
    disc = _shape("disc", 2 * radius, card.colour)
    for left, x in ((0, box.x), (radius, box.right - radius)):
        for top, y in ((0, box.y), (radius, box.bottom - radius)):
            surface.blit(disc, (x, y), pygame.Rect(left, top, radius, radius))


@cached(LRUCache(TEXTS_BYTES, _bytes_of))
def _text(text: str, weight: Weight, size_px: int, direction: Direction, colour: Colour) -> pygame.Surface:
    return _tinted(mask(text, weight, size_px, direction), colour)


@lru_cache(64)
def _shape(name: str, side_px: int, colour: Colour) -> pygame.Surface:
    """A shape of `_SHAPES` in a square of this many pixels."""
    side = side_px * _SMOOTH
    picture = Image.new("L", (side, side))
    _SHAPES[name](ImageDraw.Draw(picture), side)
    return _tinted(picture.resize((side_px, side_px), Image.Resampling.LANCZOS), colour)


def _tinted(shape: Image.Image, colour: Colour) -> pygame.Surface:
    """The mask as a surface of one colour."""
    picture = Image.new("RGBA", shape.size, (*colour, 0))
    picture.putalpha(shape)
    surface = pygame.image.frombytes(picture.tobytes(), picture.size, "RGBA")
    return surface.convert_alpha() if pygame.display.get_surface() else surface


def _rect(box: Box) -> pygame.Rect:
    return pygame.Rect(box.x, box.y, box.width, box.height)


def _disc(draw: ImageDraw.ImageDraw, side: int) -> None:
    draw.ellipse((0, 0, side - 1, side - 1), fill=255)


def _star(draw: ImageDraw.ImageDraw, side: int) -> None:
    """Two squares, one turned by 45 degrees."""
    for turn in (0, pi / 4):
        corners = [turn + quarter * pi / 2 for quarter in range(4)]
        draw.polygon([(side / 2 * (1 + cos(at)), side / 2 * (1 + sin(at))) for at in corners], fill=255)


def _chevron(draw: ImageDraw.ImageDraw, side: int, *, to_left: bool) -> None:
    tip, tail = (0.3, 0.7) if to_left else (0.7, 0.3)
    points = [(tail * side, 0.1 * side), (tip * side, 0.5 * side), (tail * side, 0.9 * side)]
    thick = side // 8
    draw.line(points, fill=255, width=thick, joint="curve")
    for x, y in (points[0], points[2]):
        draw.ellipse((x - thick / 2, y - thick / 2, x + thick / 2, y + thick / 2), fill=255)


def _crossed_speaker(draw: ImageDraw.ImageDraw, side: int) -> None:
    parts = ((0.05, 0.35), (0.25, 0.35), (0.55, 0.1), (0.55, 0.9), (0.25, 0.65), (0.05, 0.65))
    draw.polygon([(x * side, y * side) for x, y in parts], fill=255)
    for x, y, to_x, to_y in ((0.68, 0.36, 0.96, 0.64), (0.68, 0.64, 0.96, 0.36)):
        draw.line((x * side, y * side, to_x * side, to_y * side), fill=255, width=side // 12)


_SHAPES: dict[str, Callable[[ImageDraw.ImageDraw, int], None]] = {
    "disc": _disc,
    "star": _star,
    "to the left": partial(_chevron, to_left=True),
    "to the right": partial(_chevron, to_left=False),
    "crossed speaker": _crossed_speaker,
}
