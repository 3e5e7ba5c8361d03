"""The hand on the buttons and the eye on the lamp: the far side of the machine's pins (Linux: gpio-sim.rst)."""

import time
from pathlib import Path

_BOARD = Path("/sys/kernel/config/gpio-sim/board")
LINES = 32


class Pins:
    """Simulated lines, each with a button to ground or a lamp. They are the machine's first chip, as on a Pi."""

    def __init__(self) -> None:
        bank = _BOARD / "bank0"
        bank.mkdir(parents=True)
        (bank / "num_lines").write_text(str(LINES))
        (_BOARD / "live").write_text("1")
        device, chip = (
            (folder / name).read_text().strip() for folder, name in ((_BOARD, "dev_name"), (bank, "chip_name"))
        )
        self._lines = Path("/sys/devices/platform") / device / chip
        # QEMU's machine has a chip for its power button, which comes first.
        Path(f"/dev/{chip}").rename("/dev/gpiochip0")

    def press(self, pin: int) -> None:
        """Close the contact."""
        self._pull(pin, "pull-down")

    def let_go(self, pin: int) -> None:
        """Open the contact."""
        self._pull(pin, "pull-up")

    def tap(self, pin: int, seconds: float = 0.3) -> None:
        """Press it for so long."""
        self.press(pin)
        time.sleep(seconds)
        self.let_go(pin)

    def tremble(self, pin: int, times: int) -> None:
        """Close and open it as fast as it goes."""
        for _ in range(times):
            self.tap(pin, 0.0)

    def is_high(self, pin: int) -> bool:
        """Whether the machine holds this line up: whether its lamp is lit."""
        return (self._lines / f"sim_gpio{pin}" / "value").read_text().strip() == "1"

    def _pull(self, pin: int, way: str) -> None:
        (self._lines / f"sim_gpio{pin}" / "pull").write_text(way)
