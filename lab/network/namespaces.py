"""Network namespaces: made, entered and deleted."""

import ctypes
import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NAMED = Path("/run/netns")
_CLONE_NEWNET = 0x40000000  # setns(2)
_OWN = Path("/proc/thread-self/ns/net")
_OF_A_RUN = re.compile(r"dawr(\d+)-")


def name_of(machine: str) -> str:
    """The namespace of a machine of this run."""
    return f"dawr{os.getpid()}-{machine}"


def ip(*words: str) -> None:
    """Run iproute2's `ip`. CalledProcessError when it refuses."""
    subprocess.run(["ip", *words], check=True, capture_output=True, text=True, timeout=20)


@contextmanager
def inside(namespace: str) -> Iterator[None]:
    """Let this thread be in a namespace: a socket that it opens there stays there."""
    home = os.open(_OWN, os.O_RDONLY)
    try:
        there = os.open(NAMED / namespace, os.O_RDONLY)
        try:
            _enter(there)
        finally:
            os.close(there)
        try:
            yield
        finally:
            _enter(home)
    finally:
        os.close(home)


def delete_left_over() -> None:
    """Delete the namespaces of runs that were killed before they could do it themselves."""
    for file in NAMED.glob("dawr*-*") if NAMED.exists() else ():
        run = _OF_A_RUN.match(file.name)
        if run and not Path("/proc", run[1]).exists():
            ip("netns", "delete", file.name)


def _enter(namespace: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.setns(namespace, _CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "the network namespace cannot be entered")
