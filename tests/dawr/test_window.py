"""Opening a screen: full, in a window, or none at all."""

import os
import subprocess
import sys

import pytest

from dawr.window import window_size

OPEN = "import logging; logging.basicConfig(); from dawr.window import open_window; "
OPEN += "print(open_window((320, 240), fullscreen=True).get_size())"


def opened(**environment: str) -> subprocess.CompletedProcess[str]:
    known = {
        name: value
        for name, value in os.environ.items()
        if name not in ("SDL_VIDEODRIVER", "DISPLAY", "WAYLAND_DISPLAY")
    }
    return subprocess.run(
        [sys.executable, "-c", OPEN], env=known | environment, capture_output=True, text=True, timeout=60
    )


def test_a_machine_without_a_screen_says_so_and_goes_on() -> None:
    result = opened()
    assert "(320, 240)" in result.stdout
    assert "there is no screen here" in result.stderr


def test_nothing_is_said_when_no_screen_was_asked_for() -> None:
    result = opened(SDL_VIDEODRIVER="dummy")
    assert "(320, 240)" in result.stdout
    assert "no screen" not in result.stderr


def test_a_screen_that_cannot_be_used_is_a_plain_fault() -> None:
    result = opened(SDL_VIDEODRIVER="x11", DISPLAY=":77")
    assert result.returncode == 1
    assert "ScreenMissing: the screen cannot be used" in result.stderr


@pytest.mark.parametrize(
    ("desktop", "window"), [((1920, 1080), (546, 972)), ((3840, 2160), (1080, 1920)), ((500, 2000), (450, 800))]
)
def test_a_window_keeps_its_shape_and_fits_the_desktop(desktop: tuple[int, int], window: tuple[int, int]) -> None:
    assert window_size((1080, 1920), desktop) == pytest.approx(window, abs=1)
