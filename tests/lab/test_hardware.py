"""Kiosk and box on a real kernel's USB printer and pins: some of what `python -m lab.hardware` plays."""

from pathlib import Path

import pytest

from lab.guest.build import build, install
from lab.hardware.drivers import TOOLS
from lab.hardware.machine import RECIPE
from lab.hardware.play import play

SOME = ("slip", "paper-out-line", "unplugged-at-3000", "next")
"""One of each kind; each takes some seconds, and the boot most of the time."""

# Making it takes minutes and a mirror of Debian's packages, which the command is for and a test is not.
needs_the_machine = pytest.mark.skipif(
    not RECIPE.cache.exists(), reason="its machine is not built: python -m lab.hardware does that"
)


@needs_the_machine
@pytest.mark.timeout(1200)
def test_what_happens_to_usb_printer_and_pins_comes_out_as_promised(tmp_path: Path) -> None:
    install(TOOLS)
    rows = list(play(build(RECIPE, print), tmp_path, SOME))
    assert [(row.name, row.broken) for row in rows] == [(name, "") for name in ("boot", *SOME, "paper")]
