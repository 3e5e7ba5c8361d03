"""The server that is fuzzed, and what must hold of it whatever it is told."""

import json
import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from server.access.store import AccessStore
from server.access.who import Role
from tests.server.running import RunningServer


@dataclass
class Target:
    """A running server, and what was found wrong with it."""

    server: RunningServer
    tokens: dict[Role, str]
    """A token of each role; those of places are tied to the first kiosk and counter."""
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

    def signed(self, role: Role) -> dict[str, str]:
        """The header of a request by somebody of a role."""
        return {"Authorization": f"Bearer {self.tokens[role]}"} if role in self.tokens else {}

    def _ask(self, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json", **self.signed(Role.ADMINISTRATOR)}
        request = urllib.request.Request(f"{self.server.address}/api/v1{path}", data, headers)
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.load(answer)


@contextmanager
def target() -> Iterator[Target]:
    """A server with an open hall, a few tickets and an open counter; gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        server = RunningServer(Path(folder), open_to_all=False)
        try:
            aim = Target(server, _tokens(server.data))
            for _ in range(5):
                aim._ask("/tickets", {"service": "birth"})
            aim._ask("/counters/1/open", {})
            yield aim
        finally:
            server.kill()


def _tokens(data: Path) -> dict[Role, str]:
    places = {Role.KIOSK: "kiosk-1", Role.FACE: "kiosk-1", Role.COUNTER: "1", Role.TABLET: "1"}
    with closing(AccessStore(data)) as store:
        now = datetime.now(UTC)
        return {
            role: store.give_token(role, f"a {role}", places.get(role), now)[0]
            for role in Role
            if role is not Role.ANYBODY
        }


Report = Callable[[int], None]
"""Hears how many are done."""
