"""Painting a scene onto a pygame surface. Text and icons are masks that are tinted here, and kept."""

from functools import lru_cache

import pygame
from cachetools import LRUCache, cached
from PIL import Image, ImageDraw

from dawr.boxes import Box
from dawr.text import Direction, Weight, mask
from kiosk import icons
from kiosk.scene import Card, Icon, Line, Scene, Target, Veil
from kiosk.theme import Colour

_SMOOTH = 4
_VEIL = (0, 0, 0, 150)
TEXTS_BYTES = 24_000_000
"""Lines that are kept ready: every page of a full screen in both languages."""


def _bytes_of(surface: pygame.Surface) -> int:
    return surface.get_pitch() * surface.get_height()


def paint(surface: pygame.Surface, scene: Scene) -> None:
    """Bring the whole surface to this scene."""
    for item in scene:
        match item:
            case Card():
                _paint_card(surface, item)
            case Line():
                surface.blit(_text(item.text, item.weight, item.size_px, item.direction, item.colour), place_of(item))
            case Icon(name, box, colour, flipped):
                surface.blit(_icon(name, box.width, colour, flipped), (box.x, box.y))
            case Veil(box):
                surface.blit(_veil(box.width, box.height), (box.x, box.y))
            case Target():
                pass


def place_of(line: Line) -> tuple[int, int]:
    """Where the left top corner of the line's mask goes."""
    picture = mask(line.text, line.weight, line.size_px, line.direction)
    spare = line.box.width - picture.width
    left = {"left": 0, "centre": spare // 2, "right": spare}[line.align]
    return line.box.x + left, line.box.y + (line.box.height - picture.height) // 2


def _paint_card(surface: pygame.Surface, card: Card) -> None:
    if card.edge is None or card.edge == card.colour:
        _rounded(surface, card.box, card.colour, card.radius)
        return
    _rounded(surface, card.box, card.edge, card.radius)
    _rounded(surface, card.box.inset(card.edge_px), card.colour, max(0, card.radius - card.edge_px))


def _rounded(surface: pygame.Surface, box: Box, colour: Colour, radius: int) -> None:
    radius = min(radius, box.width // 2, box.height // 2)
    surface.fill(colour, pygame.Rect(box.x + radius, box.y, box.width - 2 * radius, box.height))
    surface.fill(colour, pygame.Rect(box.x, box.y + radius, box.width, box.height - 2 * radius))
    if not radius:
        return
    disc = _disc(radius, colour)
    for left, x in ((0, box.x), (radius, box.right - radius)):
        for top, y in ((0, box.y), (radius, box.bottom - radius)):
            surface.blit(disc, (x, y), pygame.Rect(left, top, radius, radius))


@cached(LRUCache(TEXTS_BYTES, _bytes_of))
def _text(text: str, weight: Weight, size_px: int, direction: Direction, colour: Colour) -> pygame.Surface:
    return _tinted(mask(text, weight, size_px, direction), colour)


@lru_cache(256)
def _icon(name: str, side_px: int, colour: Colour, flipped: bool) -> pygame.Surface:
    return _tinted(icons.drawn(name, max(1, side_px), flipped), colour)


@lru_cache(32)
def _disc(radius: int, colour: Colour) -> pygame.Surface:
    side = 2 * radius
    picture = Image.new("L", (side * _SMOOTH, side * _SMOOTH))
    ImageDraw.Draw(picture).ellipse((0, 0, side * _SMOOTH - 1, side * _SMOOTH - 1), fill=255)
    return _tinted(picture.resize((side, side), Image.Resampling.LANCZOS), colour)


@lru_cache(2)
def _veil(width: int, height: int) -> pygame.Surface:
    veil = pygame.Surface((width, height), pygame.SRCALPHA)
    veil.fill(_VEIL)
    return veil


def _tinted(shape: Image.Image, colour: Colour) -> pygame.Surface:
    """The mask as a surface of one colour."""
    picture = Image.new("RGBA", shape.size, (*colour, 0))
    picture.putalpha(shape)
    surface = pygame.image.frombytes(picture.tobytes(), picture.size, "RGBA")
    return surface.convert_alpha() if pygame.display.get_surface() else surface
