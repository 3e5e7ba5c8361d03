"""The machine in QEMU: started once, frozen just before it mounts its disk, and thawed as often as one likes."""

import json
import os
import socket
import subprocess
import time
from collections import deque
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from demo.processes import dies_with
from lab.power.guest.build import Parts

MEMORY_MB = 256
BOOT_S, THAW_S = 300.0, 120.0
_AIR = b"\n" * 64
_APPEND = "console=ttynull quiet loglevel=0 panic=-1 mitigations=off"


@dataclass
class Machine:
    """A running machine, and its serial line."""

    process: subprocess.Popen[bytes]
    line: socket.socket
    _unread: bytes = b""
    _heard: deque[dict[str, Any]] = field(default_factory=deque)

    def say(self, order: dict[str, Any]) -> None:
        """A line to the machine. While it thaws its serial port forgets what came first: that is nothing but air."""
        self.line.settimeout(THAW_S)
        self.line.sendall(_AIR + f"{json.dumps(order)}\n".encode())

    def hear(self, until_s: float) -> Iterator[dict[str, Any]]:
        """What it says until that time of the monotonic clock, or until it is gone."""
        while True:
            while self._heard:
                yield self._heard.popleft()
            left_s = until_s - time.monotonic()
            if left_s <= 0 or not self._listen(left_s):
                return

    def cut_power(self) -> list[dict[str, Any]]:
        """Switch it off in the middle of whatever it does; gives what it had said and nobody had read."""
        self.process.kill()
        self.process.wait()
        while self._listen(1):
            pass
        self.line.close()
        return list(self._heard)

    def _listen(self, patience_s: float) -> bool:
        """Take what comes next. Whether anything came."""
        self.line.settimeout(patience_s)
        try:
            came = self.line.recv(65536)
        except (TimeoutError, ConnectionResetError):
            return False
        *lines, self._unread = (self._unread + came).split(b"\n")
        self._heard += map(json.loads, lines)
        return bool(came)


def start(parts: Parts, folder: Path, *options: str) -> Machine:
    """Switch it on; its disk is the socket `disk` in the folder."""
    serial = folder / "serial"
    serial.unlink(missing_ok=True)
    with closing(socket.socket(socket.AF_UNIX)) as listener:
        listener.bind(str(serial))
        listener.listen(1)
        process = subprocess.Popen(
            [*_command(parts, folder, serial), *options],
            stdin=subprocess.DEVNULL,
            preexec_fn=dies_with(os.getpid()),
        )
        listener.settimeout(THAW_S)
        line, _ = listener.accept()
    return Machine(process, line)


def freeze(parts: Parts, folder: Path) -> Path:
    """Boot until it is ready, and keep that moment in a file."""
    state, monitor = folder / "state", folder / "monitor"
    monitor.unlink(missing_ok=True)
    machine = start(parts, folder, "-qmp", f"unix:{monitor},server=on,wait=off")
    heard = next(machine.hear(time.monotonic() + BOOT_S), None)
    if heard != {"ready": True}:
        machine.cut_power()
        raise RuntimeError(f"the machine did not get ready: {heard}")
    with closing(socket.socket(socket.AF_UNIX)) as control:
        control.connect(str(monitor))
        orders = control.makefile("rw", encoding="utf-8")
        orders.readline()
        _order(orders, "qmp_capabilities")
        _order(orders, "migrate", uri=f"exec:cat > {state}")
        while _order(orders, "query-migrate").get("status") not in ("completed", "failed"):
            time.sleep(0.1)
        _order(orders, "quit")
    machine.process.wait()
    machine.line.close()
    return state


def thaw(parts: Parts, folder: Path, state: Path) -> Machine:
    """The machine as it was when it was frozen, with whatever its disk holds now."""
    return start(parts, folder, "-incoming", f"exec:cat {state}")


def _command(parts: Parts, folder: Path, serial: Path) -> list[str]:
    return [
        *("qemu-system-aarch64", "-machine", "virt", "-cpu", "cortex-a53", "-accel", "tcg", "-m", str(MEMORY_MB)),
        *("-nodefaults", "-no-user-config", "-display", "none", "-no-reboot", "-serial", f"unix:{serial}"),
        *("-kernel", str(parts.kernel), "-initrd", str(parts.initramfs), "-append", _APPEND),
        *(
            "-drive",
            f"file={parts.root},format=raw,if=none,id=root,readonly=on",
            "-device",
            "virtio-blk-pci,drive=root",
        ),
        *("-drive", f"file=nbd:unix:{folder}/disk,format=raw,if=none,id=data,cache=none"),
        *("-device", "virtio-blk-pci,drive=data"),
    ]


def _order(orders: Any, command: str, **arguments: Any) -> dict[str, Any]:
    """Have QEMU's monitor (QMP) do something; gives its answer, and passes over what it tells by itself."""
    orders.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
    orders.flush()
    while True:
        said = json.loads(orders.readline())
        if "error" in said:
            raise RuntimeError(f"{command}: {said['error']}")
        if "return" in said:
            answer: dict[str, Any] = said["return"]
            return answer
