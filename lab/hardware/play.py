"""One run: the server here, the machine with kiosk and box, and what it tells of each scenario."""

import base64
import io
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from kiosk.paper import Slip
from lab.guest.build import Parts
from lab.hardware.machine import start
from lab.hardware.scenarios import SCENARIOS
from lab.network.evidence import broken_promises
from lab.power.real_hall import ALWAYS_OPEN, running
from lab.power.small_hall import SERVICES

BOOT_S, SCENARIO_S = 300.0, 300.0
PAPER = "every number on paper is in the log once, and nobody was called twice"
_THIS_MACHINE = "10.0.2.2"  # as QEMU's user network calls it


@dataclass(frozen=True, slots=True)
class Row:
    """What came of a scenario: what was `broken`, or nothing."""

    name: str
    done: str
    expected: str
    broken: str
    seconds: float


def play(parts: Parts, folder: Path, names: Sequence[str]) -> Iterator[Row]:
    """Boot, and play these scenarios; a row for the start, for each of them, and for all paper in the end."""
    with ExitStack() as running_parts:
        server = _serve(running_parts, folder)
        began_s = time.monotonic()
        machine = start(parts, folder)
        running_parts.callback(machine.cut_power)
        if next(machine.hear(time.monotonic() + BOOT_S), None) != {"ready": True}:
            yield Row("boot", "switched on", "the machine gets ready", "it does not", time.monotonic() - began_s)
            return
        machine.say({"server": server, "services": SERVICES, "scenarios": list(names)})
        slips: list[Slip] = []
        while fact := next(machine.hear(time.monotonic() + SCENARIO_S), None):
            if "slip" in fact:
                slips.append(_slip(fact))
            elif "done" in fact:
                return
            else:
                yield _row(fact, slips, time.monotonic() - began_s)
        yield Row("end", "all of it", "the machine lives on", "it is gone, or hangs", time.monotonic() - began_s)


def _serve(parts: ExitStack, folder: Path) -> str:
    """The small town's server; its address as the machine sees it."""
    centre, log = folder / "centre.toml", folder / "server.log"
    centre.write_text(ALWAYS_OPEN, "utf-8")
    command: list[str | Path] = [sys.executable, "-P", "-m", "server", "--config", centre, "--data", folder / "data"]
    address = running(parts, [*command, "--port", "0", "--no-discovery", "--no-sign-in"], log, r"^http://\S+:(\d+)$")
    return f"http://{_THIS_MACHINE}:{address}"


def _row(fact: dict[str, Any], slips: list[Slip], seconds: float) -> Row:
    if "started_s" in fact:
        return Row("boot", "switched on", "kernel, USB, pins; kiosk and box find the server", "", seconds)
    if "failed" in fact:
        return Row("failed", "all of it", "the machine can be set up", fact["failed"], seconds)
    if "log" in fact:
        broken = broken_promises(slips, fact["log"])
        return Row("paper", f"{len(slips)} slips are read by their ink", PAPER, "; ".join(broken), seconds)
    scenario = SCENARIOS[fact["scenario"]]
    return Row(fact["scenario"], scenario.done, scenario.expected, fact["broken"], fact["seconds"])


def _slip(fact: dict[str, Any]) -> Slip:
    with Image.open(io.BytesIO(base64.b64decode(fact["slip"]))) as picture:
        picture.load()
        return Slip(picture, tuple(fact["mistakes"]), fact["torn"])
