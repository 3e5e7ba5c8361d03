"""The full screen or window of a device: the only place that opens one."""

import logging
import os

import pygame

from dawr.errors import ScreenMissing

# SDL falls back to these by itself when there is nothing to draw on.
_NO_SCREEN = ("dummy", "offscreen")
_SHARE_OF_DESKTOP = 0.9

_log = logging.getLogger(__name__)


def open_window(size: tuple[int, int], *, fullscreen: bool) -> pygame.Surface:
    """The surface of a full screen, or of a window of at most `size` pixels in the same shape.

    Without a screen it is a surface that nobody sees, which is said unless SDL_VIDEODRIVER asked for it.
    `ScreenMissing` when there should be a screen and it cannot be used.
    """
    try:
        pygame.display.init()
        pygame.display.set_caption("Dawr")
        if pygame.display.get_driver() in _NO_SCREEN:
            if "SDL_VIDEODRIVER" not in os.environ:
                _log.warning("there is no screen here: the picture can only be seen on --bench")
            return pygame.display.set_mode(size)
        if fullscreen:
            pygame.mouse.set_visible(False)
            return pygame.display.set_mode((0, 0), pygame.FULLSCREEN)
        return pygame.display.set_mode(window_size(size, pygame.display.get_desktop_sizes()[0]))
    except pygame.error as problem:
        raise ScreenMissing(f"the screen cannot be used: {problem}") from None


def window_size(size: tuple[int, int], desktop: tuple[int, int]) -> tuple[int, int]:
    """The size in pixels, or as much of it as a desktop has room for, in the same shape."""
    scale = min(1.0, *(_SHARE_OF_DESKTOP * there / wanted for there, wanted in zip(desktop, size, strict=True)))
    return round(size[0] * scale), round(size[1] * scale)
