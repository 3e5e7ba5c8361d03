"""The switch between the machines: it passes Ethernet frames on, and spoils them on demand.

Linux' own `netem` is a module that many machines lack; a TAP device a machine and some lines of Python are everywhere.
"""

import fcntl
import heapq
import os
import select
import struct
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from random import Random

from lab.network.namespaces import inside

TAP = Path("/dev/net/tun")
# From linux/if_tun.h.
_TUNSETIFF, _TUNSETCARRIER = 0x400454CA, 0x400454E2
_IFF_TAP, _IFF_NO_PI = 0x0002, 0x1000
_FRAME_BYTES = 2048
_AT_ONCE = 64
_IDLE_S = 0.05


@dataclass
class Wire:
    """One direction of a cable, and what is wrong with it: shares from 0 to 1, times in seconds."""

    cut: bool = False
    loss: float = 0.0
    doubled: float = 0.0
    delay_s: float = 0.0
    jitter_s: float = 0.0


@dataclass
class Port:
    """A machine's place at the switch: `sends` is the way from it, `hears` the way to it."""

    tap: int
    sends: Wire = field(default_factory=Wire)
    hears: Wire = field(default_factory=Wire)


class Switch:
    """Passes frames between its ports on a thread of its own; `seed` decides which ones are lost."""

    def __init__(self, seed: int) -> None:
        self.ports: dict[str, Port] = {}
        self._dice = Random(seed)
        self._known: dict[bytes, str] = {}
        self._late: list[tuple[float, int, str, bytes]] = []
        self._order = count()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="switch", daemon=True)

    def plug(self, machine: str, namespace: str) -> None:
        """Give a machine a network card `eth0` and connect it."""
        with inside(namespace):
            tap = os.open(TAP, os.O_RDWR | os.O_NONBLOCK)
        with inside(namespace):
            fcntl.ioctl(tap, _TUNSETIFF, struct.pack("16sH22x", b"eth0", _IFF_TAP | _IFF_NO_PI))
        self.ports[machine] = Port(tap)

    def carry(self, machine: str, on: bool) -> None:
        """Put the cable in, or pull it out: the machine sees that its card has no link."""
        fcntl.ioctl(self.ports[machine].tap, _TUNSETCARRIER, struct.pack("i", on))

    def heal(self) -> None:
        """Make every cable good again."""
        for machine, port in self.ports.items():
            port.sends, port.hears = Wire(), Wire()
            self.carry(machine, True)

    def start(self) -> None:
        """Begin to pass frames on."""
        self._thread.start()

    def stop(self) -> None:
        """End, and take the machines' cards away."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join()
        for port in self.ports.values():
            os.close(port.tap)

    def _run(self) -> None:
        while not self._ended.is_set():
            machines = {port.tap: machine for machine, port in list(self.ports.items())}
            readable, _, _ = select.select(list(machines), [], [], self._pause_s())
            for tap in readable:
                self._take(machines[tap])
            self._deliver()

    def _pause_s(self) -> float:
        return min(_IDLE_S, max(0.0, self._late[0][0] - time.monotonic())) if self._late else _IDLE_S

    def _take(self, machine: str) -> None:
        with suppress(OSError):  # nothing more to read, or the card has no link
            for _ in range(_AT_ONCE):
                frame = os.read(self.ports[machine].tap, _FRAME_BYTES)
                self._known[frame[6:12]] = machine
                self._pass_on(machine, frame)

    def _pass_on(self, sender: str, frame: bytes) -> None:
        owner = self._known.get(frame[:6])
        for machine in [owner] if owner else [one for one in list(self.ports) if one != sender]:
            way = (self.ports[sender].sends, self.ports[machine].hears)
            if any(wire.cut or self._dice.random() < wire.loss for wire in way):
                continue
            for _ in range(2 if any(self._dice.random() < wire.doubled for wire in way) else 1):
                delay_s = sum(wire.delay_s + self._dice.random() * wire.jitter_s for wire in way)
                heapq.heappush(self._late, (time.monotonic() + delay_s, next(self._order), machine, frame))

    def _deliver(self) -> None:
        now_s = time.monotonic()
        while self._late and self._late[0][0] <= now_s:
            _, _, machine, frame = heapq.heappop(self._late)
            with suppress(OSError):
                os.write(self.ports[machine].tap, frame)
