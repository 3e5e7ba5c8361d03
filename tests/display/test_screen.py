import time
from collections.abc import Sequence

import pygame
import pytest

from dawr.boxes import Box
from dawr.text import mask
from display.layout import plan
from display.scene import compose
from display.screen import TEXTS_BYTES, Screen, place_of
from display.shapes import Line, Section
from display.theme import DARK
from tests.display.boards import board, busy_board, call, centre, lines_of, showing
from tests.memory import memory_bytes

LAYOUT = plan((1920, 1080), 55, 4)


def scene(**more: object) -> tuple[Section, ...]:
    return compose(showing(centre(12), busy_board(12), LAYOUT, **more), LAYOUT, DARK)


@pytest.fixture
def screen() -> Screen:
    return Screen(pygame.Surface((1920, 1080)))


def coverage(surface: pygame.Surface, line: Line) -> float:
    """How much of the line's ink is on the surface in its colour, 0..1."""
    x, y = place_of(line)
    ink = mask(line.text, line.weight, line.size_px, line.direction)
    solid = [(at % ink.width, at // ink.width) for at, value in enumerate(ink.tobytes()) if value == 255]
    return sum(surface.get_at((x + dx, y + dy)) == pygame.Color(line.colour) for dx, dy in solid) / len(solid)


def test_every_text_is_painted_where_it_belongs(screen: Screen) -> None:
    screen.paint(scene())
    for line in lines_of(scene()):
        assert coverage(screen.surface, line) == 1, line


def test_the_whole_screen_is_painted_at_first(screen: Screen) -> None:
    screen.surface.fill((255, 0, 255))
    assert screen.paint(scene()) == [screen.surface.get_rect()]
    assert (255, 0, 255) not in {
        tuple(screen.surface.get_at((x, y)))[:3] for x in range(0, 1920, 7) for y in range(0, 1080, 7)
    }


def test_a_day_of_calls_does_not_fill_the_memory(screen: Screen) -> None:
    box, before = Box(0, 0, 1920, 1080), memory_bytes()
    for number in range(1000, 1200):
        line = Line(f"A{number}", "black", 400, "ltr", (255, 255, 255), box)
        screen.paint([Section("latest", box, (0, 0, 0), (line,))])
    assert memory_bytes() - before < 3 * TEXTS_BYTES


def test_an_unchanged_board_costs_nothing(screen: Screen) -> None:
    screen.paint(scene())
    before = pygame.image.tobytes(screen.surface, "RGB")
    begin = time.perf_counter()
    assert screen.paint(scene()) == []
    assert time.perf_counter() - begin < 0.02
    assert pygame.image.tobytes(screen.surface, "RGB") == before


def test_a_flash_repaints_the_latest_call_and_nothing_else(screen: Screen) -> None:
    screen.paint(scene())
    box = next(one.box for one in scene() if one.name == "latest")
    assert screen.paint(scene(lit=True)) == [pygame.Rect(box.x, box.y, box.width, box.height)]


def test_a_new_call_gives_the_same_picture_as_a_board_painted_afresh(screen: Screen) -> None:
    screen.paint(scene())
    later = compose(showing(centre(12), board(call(30, "C888", "12"), *busy_board().calls[:7]), LAYOUT), LAYOUT, DARK)
    screen.paint(later)
    afresh = Screen(pygame.Surface((1920, 1080)))
    afresh.paint(later)
    assert pygame.image.tobytes(screen.surface, "RGB") == pygame.image.tobytes(afresh.surface, "RGB")


def test_a_new_layout_leaves_nothing_of_the_old_one(screen: Screen) -> None:
    def painted(on: Screen, scene: Sequence[Section]) -> bytes:
        on.paint(scene)
        return pygame.image.tobytes(on.surface, "RGB")

    longer = plan((1920, 1080), 55, 7, 5)
    new = compose(showing(centre(12), board(call(1, "A1001"), lines=3), longer), longer, DARK)
    painted(screen, scene())
    assert painted(screen, new) == painted(Screen(pygame.Surface((1920, 1080))), new)


def test_a_moving_message_stays_in_its_line(screen: Screen) -> None:
    footer = next(one for one in scene() if one.name == "footer")
    line = next(lines_of([footer]))
    long = Line(line.text * 9, "medium", 36, "rtl", line.colour, line.box, "start", moved_px=500)
    screen.paint([Section("footer", footer.box, footer.ground, (long,))])
    margin = {tuple(screen.surface.get_at((x, footer.box.y + 40)))[:3] for x in range(line.box.x - 1)}
    assert margin == {footer.ground}
