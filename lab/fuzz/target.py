"""The server that is fuzzed, and what must hold of it whatever it is told."""

import json
import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.server.running import RunningServer


@dataclass
class Target:
    """A running server, and what was found wrong with it."""

    server: RunningServer
    found: list[str] = field(default_factory=list)

    def defects(self) -> list[str]:
        """Everything that was found: in answers, in what the server printed, and in what it still does."""
        said = (self.server.folder / "server.err").read_text("utf-8", "replace")
        found = [*self.found]
        if (where := said.find("Traceback")) >= 0:
            found.append(f"a traceback:\n{said[max(0, where - 1000) : where + 4000]}")
        try:
            found += [f"it is not well: {health}"] if (health := self._ask("/health"))["status"] != "ok" else []
            # Whatever the fuzz closed and stopped, reception may do again.
            self._ask("/services/birth/offer", {})
            number = self._ask("/tickets", {"service": "birth"})["number"]
            found += [] if number else ["a ticket without a number"]
        except (OSError, ValueError, KeyError) as problem:
            body = problem.read() if isinstance(problem, urllib.error.HTTPError) else b""
            found.append(f"it does not work any more: {problem} {body!r}")
        if (ended := self.server.process.poll()) is not None:
            found.append(f"it ended with {ended}")
        return found

    def state(self) -> int:
        """Changes with everything that is stored."""
        return int(self._ask("/health")["sequence"])

    def _ask(self, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            f"{self.server.address}/api/v1{path}", data, {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.load(answer)


@contextmanager
def target() -> Iterator[Target]:
    """A server with an open hall, a few tickets and an open counter; gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        server = RunningServer(Path(folder))
        try:
            aim = Target(server)
            for _ in range(5):
                aim._ask("/tickets", {"service": "birth"})
            aim._ask("/counters/1/open", {})
            yield aim
        finally:
            server.kill()


Report = Callable[[int], None]
"""Hears how many are done."""
