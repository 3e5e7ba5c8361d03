"""Kiosk and box on a real kernel's USB printer and pins: some of what `python -m lab.hardware` plays."""

import shutil
from pathlib import Path

import pytest

from lab.guest.build import build, install
from lab.hardware.drivers import TOOLS
from lab.hardware.machine import RECIPE
from lab.hardware.play import play

SOME = ("slip", "paper-out-line", "unplugged-at-3000", "next")
"""One of each kind; each takes some seconds, and the boot most of the time."""

needs_qemu = pytest.mark.skipif(
    shutil.which("qemu-system-aarch64") is None,
    reason="Debian's qemu-system-arm is not installed (as root, python -m lab.hardware installs it)",
)


@needs_qemu
@pytest.mark.timeout(1200)
def test_what_happens_to_usb_printer_and_pins_comes_out_as_promised(tmp_path: Path) -> None:
    install(TOOLS)
    rows = list(play(build(RECIPE, print), tmp_path, SOME))
    assert [(row.name, row.broken) for row in rows] == [(name, "") for name in ("boot", *SOME, "paper")]
