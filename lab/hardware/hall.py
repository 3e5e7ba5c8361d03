"""What is tried: `dawr kiosk` with push buttons and a USB printer, and `dawr counter` with its box, on these pins."""

import base64
import io
import json
import os
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from kiosk.virtual_printer import ANSWERS_ALL
from lab.hardware.gadget import GadgetPrinter, Lines
from lab.hardware.pins import Pins
from lab.network.machines import wait_until

PRINTER = "/dev/dawr-printer"
"""What the kiosk's file calls the printer, whichever name the kernel gives it."""
KIOSK_BENCH, BOX_BENCH = 8100, 8101
START_S, ACT_S = 240.0, 60.0
AGAIN_S = 2.2
"""The same button counts again after 2 s."""
NEXT, LAMP = 17, 24
BUTTONS = (5, 6, 13)

State = dict[str, Any]

_KIOSK = """
[kiosk]
id = "kiosk-1"
server = "{server}"
slips_a_minute = 600
[printer]
address = "usb://{printer}"
"""
_BUTTON = """
[[button]]
pin = {pin}
service = "{service}"
"""
_BOX = """
[counter]
id = "1"
server = "{server}"
[box]
next = {next}
lamp = {lamp}
"""


class Hall:
    """The kiosk, the box, and everything that can be done to them. `say` takes what the lab is to know."""

    def __init__(
        self,
        server: str,
        services: list[str],
        printer: GadgetPrinter,
        pins: Pins,
        say: Callable[[dict[str, Any]], None],
    ) -> None:
        self.printer, self.pins = printer, pins
        self._server, self._say, self._sent = server, say, 0
        self._folder = Path("/tmp")
        self._pressed_s = dict.fromkeys(BUTTONS, 0.0)
        buttons = [_BUTTON.format(pin=pin, service=one) for pin, one in zip(BUTTONS, services, strict=True)]
        self._write("kiosk", _KIOSK.format(server=server, printer=PRINTER) + "".join(buttons))
        self._write("counter", _BOX.format(server=server, next=NEXT, lamp=LAMP))

    def start(self) -> None:
        """Start both; return when they have found the server, and the printer is well."""
        self._run("kiosk", KIOSK_BENCH)
        self._run("counter", BOX_BENCH)
        wait_until(lambda: self.kiosk["up"] and not self.kiosk["fault"], START_S, "the kiosk works")
        wait_until(lambda: bool(self.box["up"]), START_S, "the box works")

    # --- What is there -----------------------------------------------------------------------------------------------

    @property
    def kiosk(self) -> State:
        """What the kiosk tells of itself."""
        state: State = self._get(f"http://127.0.0.1:{KIOSK_BENCH}/state")
        return state

    @property
    def box(self) -> State:
        """What the box tells of itself."""
        state: State = self._get(f"http://127.0.0.1:{BOX_BENCH}/state")
        return state

    def numbers(self) -> dict[str, str]:
        """Each number that the kiosk gave, with what became of its slip."""
        file = self._folder / "kiosk" / "journal.sqlite"
        with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as journal:
            return dict(journal.execute("SELECT number, state FROM ticket ORDER BY place"))

    def log(self) -> list[dict[str, Any]]:
        """The server's log."""
        entries: list[dict[str, Any]] = self._get(f"{self._server}/api/v1/log?after=0&limit=500")["events"]
        return entries

    def printer_name(self) -> str:
        """What the kernel calls the kiosk's printer now."""
        return Path(PRINTER).resolve().name

    def looks(self) -> str:
        """How kiosk and box are, in a few words."""
        fates = ", ".join(" ".join(one) for one in list(self.numbers().items())[-3:])
        fault, mode = self.kiosk["fault"], self.box["mode"]
        return f"the kiosk's fault: {fault}; the box: {mode}; the last numbers: {fates or 'none'}"

    def words(self) -> str:
        """The last that both processes said."""
        return "".join(
            (self._folder / f"{name}.log").read_text("utf-8", "replace")[-1500:] for name in ("kiosk", "counter")
        )

    # --- What is done ------------------------------------------------------------------------------------------------

    def rest(self, pin: int) -> None:
        """Wait until a press of this button of the kiosk counts again."""
        time.sleep(max(0.0, self._pressed_s[pin] + AGAIN_S - time.monotonic()))
        self._pressed_s[pin] = time.monotonic()

    def take(self, pin: int = BUTTONS[0]) -> tuple[str, str]:
        """Press a button of the kiosk; the number that it gave, and what became of its slip."""
        before = self.numbers()
        self.rest(pin)
        self.pins.tap(pin)
        return self.until_given(before)

    def until_given(self, before: dict[str, str]) -> tuple[str, str]:
        """Wait for a number that was not there before, and for what becomes of its slip."""

        def is_decided() -> bool:
            return any(state != "issued" for number, state in self.numbers().items() if number not in before)

        wait_until(is_decided, ACT_S, "a number was given")
        [given] = [one for one in self.numbers().items() if one[0] not in before]
        return given

    def until_fault(self, key: str | None) -> float:
        """Wait until the kiosk shows this fault, or none; how many seconds that took."""
        return wait_until(lambda: self.kiosk["fault"] == key, ACT_S, f"the kiosk shows {key or 'no fault'}")

    def mend(self) -> None:
        """All is well again: the cable in, paper in, everything answers, nobody at a button."""
        for pin in (*BUTTONS, NEXT):
            self.pins.let_go(pin)
        printer = self.printer
        printer.paper_out = printer.cover_open = printer.near_end = printer.stalled = False
        printer.answers, printer.fault_after, printer.disconnect_after = ANSWERS_ALL, None, None
        if not printer.is_plugged:
            printer.plug()
        printer.show(Lines.NO_FAULT | Lines.SELECTED)
        self.until_fault(None)

    def send_slips(self) -> None:
        """Let the lab have the slips that fell since the last time."""
        for slip in self.printer.slips[self._sent :]:
            self._sent += 1
            picture = io.BytesIO()
            slip.picture.save(picture, "PNG")
            text = base64.b64encode(picture.getvalue()).decode("ascii")
            self._say({"slip": text, "mistakes": slip.mistakes, "torn": slip.torn})

    def _run(self, module: str, bench: int) -> None:
        settings, data = self._folder / f"{module}.toml", self._folder / module
        options = ["--config", str(settings), "--data", str(data), "--bench", str(bench)]
        with (self._folder / f"{module}.log").open("wb") as said:
            subprocess.Popen(
                [sys.executable, "-m", module, *options],
                env={**os.environ, "SDL_VIDEODRIVER": "dummy"},
                cwd=self._folder,
                stdout=said,
                stderr=subprocess.STDOUT,
            )

    def _write(self, name: str, settings: str) -> None:
        (self._folder / f"{name}.toml").write_text(settings, "utf-8")

    @staticmethod
    def _get(url: str) -> Any:
        with urllib.request.urlopen(url, timeout=20) as answer:
            return json.load(answer)
