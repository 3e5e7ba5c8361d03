"""What the tests of the kiosk share."""

import os

import pytest

from dawr.settings.centre import Centre, read_centre
from tests.kiosk.working import SMALL_TOWN

os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
os.environ.setdefault("SDL_AUDIODRIVER", "dummy")
os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")


@pytest.fixture(scope="session")
def centre() -> Centre:
    """The small town's centre."""
    return read_centre(SMALL_TOWN)
