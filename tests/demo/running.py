"""Starting a real demo and asking its devices."""

import json
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PATIENCE_S = 60


def until(happened: Callable[[], Any], patience_s: float = 20) -> Any:
    """Wait for something that other processes do, and give what it gave."""
    deadline = time.monotonic() + patience_s
    while not (outcome := happened()):
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)
    return outcome


@dataclass
class RunningDemo:
    """A demo that runs: its process, its address and what it has said until it was ready."""

    process: "subprocess.Popen[str]"
    address: str
    said: str
    folder: Path

    def ask(self, path: str) -> Any:
        """What the demo answers to a path of its page."""
        with urllib.request.urlopen(f"{self.address}{path}", timeout=10) as answer:
            return json.load(answer)

    def bench(self, part: str) -> str:
        """The address of a part's bench."""
        for command in self.children().values():
            found = re.search(rf"-m {part} .* --bench (\d+)", command)
            if found:
                return f"http://127.0.0.1:{found[1]}"
        raise LookupError(part)

    def state(self, part: str) -> Any:
        """What a part's bench tells."""
        with urllib.request.urlopen(f"{self.bench(part)}/state", timeout=10) as answer:
            return json.load(answer)

    def children(self) -> dict[int, str]:
        """The processes of the hall: id → command line."""
        return {
            id: line
            for id, line in command_lines().items()
            if str(self.folder) in line and id != self.process.pid and "-m demo" not in line
        }

    def end(self, how: signal.Signals = signal.SIGINT) -> float:
        """End it and wait until it has gone; seconds that this took."""
        began = time.monotonic()
        if self.process.poll() is None:
            self.process.send_signal(how)
        self.process.communicate(timeout=PATIENCE_S)
        return time.monotonic() - began


def begin(folder: Path, *options: str) -> RunningDemo:
    """Start a demo and wait until it says its address."""
    command = ["-m", "demo", "--centre", "small-town", "--port", "0", "--language", "en", "--data", str(folder)]
    process = subprocess.Popen(
        [sys.executable, *command, *options], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    said = ""
    assert process.stdout
    for line in process.stdout:
        said += line
        if address := re.match(r"\s+(http://localhost:\d+)/$", line):
            return RunningDemo(process, address[1], said, folder)
    raise AssertionError(f"the demo did not begin:\n{said}")


def command_lines() -> dict[int, str]:
    """Every process of this machine: id → command line."""
    lines = {}
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            lines[int(file.parent.name)] = file.read_text().replace("\0", " ")
        except OSError:
            continue
    return lines
