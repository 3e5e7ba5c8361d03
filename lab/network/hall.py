"""The lab's hall: a server, two kiosks, a counter and a board on one network, and the hands that break it."""

import time
import tomllib
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

import tomli_w

from counter.panel import DOUBLE_PRESS_S
from demo.example import BOX, always_usable
from kiosk.paper import Slip
from lab.network.machines import (
    ROOT,
    BoardMachine,
    CounterMachine,
    KioskMachine,
    Machine,
    ServerMachine,
    wait_until,
)
from lab.network.namespaces import delete_left_over, ip, name_of
from lab.network.switch import Switch, Wire

EXAMPLE = ROOT / "config" / "university-arts" / "centre.toml"
PREFIX = "10.77.0"
COUNTER, PRINTER_PORT = "1", 9100
START_S, AGREE_S = 60.0, 30.0

M = TypeVar("M", bound=Machine)


class Lab:
    """A hall that works, until somebody breaks it. `seed` decides which frames are lost; `folder` keeps every file.

    Machines have the addresses 10.77.0.1 and so on, in namespaces of their own: runs do not see each other.
    """

    def __init__(self, folder: Path, seed: int = 1) -> None:
        self.folder = folder
        self.switch = Switch(seed)
        self.machines: dict[str, Machine] = {}
        self._namespaces: list[str] = []
        self._pressed_s = time.monotonic()
        self._numbers = count(1)
        self._settings = folder / "settings"
        self._settings.mkdir(parents=True, exist_ok=True)
        self._centre = self._write("centre", always_usable(tomllib.loads(EXAMPLE.read_text("utf-8")), [COUNTER]))

    # --- Building it ------------------------------------------------------------------------------------------------

    def build(self) -> None:
        """Make the network and start every machine; return when all agree."""
        delete_left_over()
        self.server = self.add_server("server")
        self.kiosks = [self.add_kiosk("kiosk-1"), self.add_kiosk("kiosk-2")]
        self.counter = self.add_counter("counter")
        self.board = self.add_board("board")
        self.switch.start()
        self.repair()

    def clear_away(self) -> None:
        """End every process, and delete the network."""
        try:
            for machine in self.machines.values():
                machine.kill()
                if isinstance(machine, KioskMachine):
                    machine.printer.stop()
        finally:
            self.switch.stop()
            for namespace in self._namespaces:
                ip("netns", "delete", namespace)

    def add_server(self, name: str) -> ServerMachine:
        """Another server of the same centre, with a log of its own; not started yet."""
        return self._add(ServerMachine(name, self._plugged(name), self.folder / name, self._centre))

    def add_kiosk(self, name: str, id: str | None = None) -> KioskMachine:
        """Another kiosk with its printer; not started yet. `id` is the kiosk that it takes itself for."""
        settings = self._write(
            name,
            {
                "kiosk": {"id": id or name, "centre": "centre.toml", "pins": "mock"},
                "screen": {"size": [540, 960], "inches": 11.0, "idle_s": 60},
                "printer": {"address": f"tcp://127.0.0.1:{PRINTER_PORT}"},
            },
        )
        kiosk = KioskMachine(name, self._plugged(name), self.folder / name, settings, PRINTER_PORT)
        kiosk.switch_printer_on()
        return self._add(kiosk)

    def add_counter(self, name: str) -> CounterMachine:
        """A counter's box; not started yet."""
        settings = self._write(name, {"counter": {"id": COUNTER, "pins": "mock"}, "box": BOX})
        return self._add(CounterMachine(name, self._plugged(name), self.folder / name, settings))

    def add_board(self, name: str) -> BoardMachine:
        """A board; not started yet."""
        settings = self._write(name, {"display": {"id": name}, "screen": {"size": [1280, 720], "fullscreen": False}})
        return self._add(BoardMachine(name, self._plugged(name), self.folder / name, settings))

    def remove(self, machine: Machine) -> None:
        """Switch a machine off for good and unplug it."""
        machine.kill()
        if isinstance(machine, KioskMachine):
            machine.printer.stop()
        del self.machines[machine.name]
        self.switch.carry(machine.name, False)

    # --- Breaking it ------------------------------------------------------------------------------------------------

    def cut(self, *machines: Machine) -> None:
        """Nothing passes to or from them; their cards still have a link."""
        self._wires(machines, sends=Wire(cut=True), hears=Wire(cut=True))

    def cut_one_way(self, machine: Machine) -> None:
        """It hears nothing any more; what it sends arrives."""
        self._wires([machine], hears=Wire(cut=True))

    def cable_out(self, machine: Machine) -> None:
        """Pull its cable: its card has no link."""
        # A TAP device without a link still takes what is written to it.
        self.cut(machine)
        self.switch.carry(machine.name, False)

    def lose(self, machine: Machine, share: float) -> None:
        """Lose this share of the frames, each way."""
        self._wires([machine], sends=Wire(loss=share), hears=Wire(loss=share))

    def delay(self, machine: Machine, delay_s: float, jitter_s: float) -> None:
        """Let every frame be late, each way, and overtake others."""
        wire = Wire(delay_s=delay_s, jitter_s=jitter_s)
        self._wires([machine], sends=wire, hears=wire)

    def double(self, machine: Machine, share: float) -> None:
        """Let this share of the frames come twice, each way."""
        self._wires([machine], sends=Wire(doubled=share), hears=Wire(doubled=share))

    def change_address(self, machine: Machine) -> None:
        """Give it another address, as a router may after its own restart."""
        ip("-n", machine.namespace, "addr", "flush", "dev", "eth0", "scope", "global")
        self._address(machine.namespace)

    def heal(self) -> None:
        """Make the network good again."""
        self.switch.heal()

    def repair(self) -> None:
        """Make the network good, start what is not running, and return when all agree. TimeoutError if they do not."""
        self.heal()
        for machine in self.machines.values():
            if not machine.is_running:
                machine.start()
        for machine in self.machines.values():
            wait_until(machine.answers, START_S, f"{machine.name} answers")
        self.until_all_agree(START_S)

    # --- Looking at it ----------------------------------------------------------------------------------------------

    def until_all_agree(self, limit_s: float = AGREE_S) -> float:
        """Wait until every device shows what the server's log says; the seconds that took."""
        apart: list[str] = []

        def agreed() -> bool:
            apart[:] = self.apart()
            return not apart

        try:
            return wait_until(agreed, limit_s, "all agree")
        except TimeoutError as problem:
            raise TimeoutError(f"{problem}: {'; '.join(apart)}") from None

    @property
    def slips(self) -> list[Slip]:
        """Every slip that has fallen, of all kiosks."""
        return [slip for kiosk in self.kiosks for slip in kiosk.printer.slips]

    def apart(self) -> list[str]:
        """What does not agree with the server's log now."""
        try:
            return list(self._apart())
        except OSError as problem:
            return [f"no answer: {problem}"]

    def _apart(self) -> Iterator[str]:
        shown = self.server.view("/board")
        for kiosk in self.kiosks:
            state = kiosk.state
            if not state["up"] or state["not_handed_in"]:
                yield f"{kiosk.name} up {state['up']}, {state['not_handed_in']} not handed in"
        board = self.board.state
        if board["sequence"] != shown["sequence"] or board["stale"]:
            yield f"board at {board['sequence']} of {shown['sequence']}, stale {board['stale']}"
        at_box, at_server = self.counter.state, self.server.view(f"/counters/{COUNTER}")
        seen = [at_box["counter"].get(fact) for fact in ("waiting", "state", "next")]
        if not at_box["up"] or seen != [at_server[fact] for fact in ("waiting", "state", "next")]:
            yield f"counter's box up {at_box['up']}, {seen}"

    def call_next(self, limit_s: float = 20.0) -> str | None:
        """Press Next at the counter; the number that its box then shows."""
        before = self.server.view("/health")["sequence"]
        # The box takes two presses in a row for one.
        time.sleep(max(0.0, self._pressed_s + DOUBLE_PRESS_S + 0.1 - time.monotonic()))
        self.counter.press("next")
        self._pressed_s = time.monotonic()
        wait_until(lambda: bool(self.server.view("/health")["sequence"] > before), limit_s, "the press is in the log")
        self.until_all_agree(limit_s)
        ticket = self.counter.state["counter"]["ticket"]
        return ticket and str(ticket["number"])

    def _wires(self, machines: Any, sends: Wire | None = None, hears: Wire | None = None) -> None:
        for machine in machines:
            port = self.switch.ports[machine.name]
            port.sends, port.hears = sends or port.sends, hears or port.hears

    def _add(self, machine: M) -> M:
        self.machines[machine.name] = machine
        return machine

    def _plugged(self, machine: str) -> str:
        namespace = name_of(machine)
        ip("netns", "add", namespace)
        self._namespaces.append(namespace)
        self.switch.plug(machine, namespace)
        ip("-n", namespace, "link", "set", "lo", "up")
        ip("-n", namespace, "link", "set", "eth0", "up")
        self._address(namespace)
        return namespace

    def _address(self, namespace: str) -> None:
        ip("-n", namespace, "addr", "add", f"{PREFIX}.{next(self._numbers)}/24", "dev", "eth0")
        ip("-n", namespace, "route", "replace", "224.0.0.0/4", "dev", "eth0")

    def _write(self, name: str, settings: dict[str, Any]) -> Path:
        file = self._settings / f"{name}.toml"
        file.write_text(tomli_w.dumps(settings), "utf-8")
        return file
