"""What a machine's first process needs of its kernel: the line to the lab, and mounts."""

import ctypes
import json
import os
import tty
from pathlib import Path
from typing import Any

SERIAL = "/dev/ttyAMA0"


class Line:
    """The serial line to the lab, one JSON object a line."""

    def __init__(self) -> None:
        self._line = os.open(SERIAL, os.O_RDWR | os.O_NOCTTY)
        tty.setraw(self._line)

    def say(self, fact: dict[str, Any]) -> None:
        """Tell the lab; what it is told has left the machine."""
        text = f"{json.dumps(fact, separators=(',', ':'))}\n".encode()
        while text:
            text = text[os.write(self._line, text) :]

    def hear(self) -> dict[str, Any]:
        """Wait for the lab's next order."""
        text = b""
        while not text.endswith(b"\n"):
            text = (text + os.read(self._line, 65536)).lstrip()
        order: dict[str, Any] = json.loads(text)
        return order


def mount(source: str | Path, folder: str | Path, kind: str, flags: int = 0) -> None:
    """mount(2). OSError when the kernel refuses."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mount(str(source).encode(), str(folder).encode(), kind.encode(), flags, b"") != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), str(source))
