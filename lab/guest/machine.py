"""A machine in QEMU, and the serial line over which it talks: one JSON object a line, both ways."""

import json
import os
import socket
import subprocess
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from demo.processes import dies_with
from lab.guest.build import Parts

LISTEN_S = 120.0
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
        self.line.settimeout(LISTEN_S)
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


def start(parts: Parts, folder: Path, memory_mb: int, options: Sequence[str]) -> Machine:
    """Switch it on, with more options for QEMU; the folder is for its own files. It ends when this process does."""
    serial = folder / "serial"
    serial.unlink(missing_ok=True)
    with closing(socket.socket(socket.AF_UNIX)) as listener:
        listener.bind(str(serial))
        listener.listen(1)
        process = subprocess.Popen(
            [*_command(parts, serial, memory_mb), *options],
            stdin=subprocess.DEVNULL,
            preexec_fn=dies_with(os.getpid()),
        )
        listener.settimeout(LISTEN_S)
        line, _ = listener.accept()
    return Machine(process, line)


def _command(parts: Parts, serial: Path, memory_mb: int) -> list[str]:
    return [
        *("qemu-system-aarch64", "-machine", "virt", "-cpu", "cortex-a53", "-accel", "tcg", "-m", str(memory_mb)),
        *("-nodefaults", "-no-user-config", "-display", "none", "-no-reboot", "-serial", f"unix:{serial}"),
        *("-kernel", str(parts.kernel), "-initrd", str(parts.initramfs)),
        *("-append", f"{_APPEND} first={parts.first}"),
        *("-drive", f"file={parts.root},format=raw,if=none,id=root,readonly=on"),
        *("-device", "virtio-blk-pci,drive=root"),
    ]
