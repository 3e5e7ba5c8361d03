"""The people of the soaked hall: visitors and clerks, each a thread that does one thing at a time.

Between two things they can be held, so that the hall is quiet. A machine that was killed is simply tried again.
"""

import json
import random
import threading
import time
import urllib.request
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any

from dawr.client import Client
from dawr.errors import DawrError, ServerUnreachable
from dawr.find_server import FindServer
from dawr.ids import new_id
from dawr.messages import CallNext, Recall

PATIENCE_S = 30.0
TAP_EVERY_S = 0.05
RECALLED = 0.1
_NOBODY_S = 0.3


class Person:
    """Does something again and again, with pauses of `pause_s()` seconds, until told to end."""

    def __init__(self, act: Callable[[], None], pause_s: Callable[[], float]) -> None:
        self._act, self._pause_s = act, pause_s
        self.lock = threading.Lock()
        """Held while something is being done; whoever takes it holds the person."""
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def end(self) -> None:
        """Begin nothing more."""
        self._over.set()

    def stop(self) -> None:
        """End after what is being done."""
        self.end()
        self._thread.join()

    def _run(self) -> None:
        while not self._over.wait(self._pause_s()):
            with self.lock, suppress(OSError):
                if not self._over.is_set():
                    self._act()


@dataclass(frozen=True, slots=True)
class Answered:
    """What a clerk was told: the command's id, the ticket that was called, and how long the answer took."""

    command: str
    counter: str
    ticket: str
    asked_s: float
    seconds: float


@dataclass
class Clerk:
    """A clerk whose device is a Socket.IO client like that of a counter's box."""

    server: str
    counter: str
    chance: random.Random
    answers: list[Answered] = field(default_factory=list)
    unanswered: int = 0

    def __post_init__(self) -> None:
        self.client = Client(
            FindServer(self.server),
            {"role": "counter", "id": f"clerk-{self.counter}", "counter": self.counter},
            {"counter": lambda _view: None},
        )

    def call_next(self) -> None:
        """Call who is next, and sometimes call the same visitor again."""
        command, began_s = new_id(), time.monotonic()
        try:
            answer = self._ask(CallNext.NAME, command)
        except ServerUnreachable:
            self.unanswered += 1
            return
        except DawrError:  # nobody waits
            time.sleep(_NOBODY_S)
            return
        took_s = time.monotonic() - began_s
        if answer["ticket"] is None:  # nobody waits, and the counter is open now
            return
        self.answers.append(Answered(command, self.counter, answer["ticket"]["id"], began_s, took_s))
        if self.chance.random() < RECALLED:
            with suppress(DawrError):
                self._ask(Recall.NAME, new_id())

    def _ask(self, event: str, command: str) -> dict[str, Any]:
        return self.client.call(event, {"command_id": command, "counter": self.counter}, PATIENCE_S)


def press_next(bench: str) -> None:
    """What a clerk does with a button box."""
    post(f"{bench}/press", {"button": "next"})


class Presser:
    """A visitor after the other at a kiosk with push buttons."""

    def __init__(self, bench: str, buttons: Iterable[int]) -> None:
        self._bench, self._buttons = bench, cycle(buttons)

    def take_ticket(self) -> None:
        """Press the next button."""
        post(f"{self._bench}/press", {"button": str(next(self._buttons))})


class Toucher:
    """A visitor after the other at a kiosk with a touch screen."""

    def __init__(self, bench: str, chance: random.Random) -> None:
        self._bench, self._chance = bench, chance

    def take_ticket(self) -> None:
        """Choose a category and a service, take the ticket, and leave the first page for who comes next."""
        deadline_s, taken = time.monotonic() + PATIENCE_S, False
        while time.monotonic() < deadline_s:
            state = get(f"{self._bench}/state")
            if taken and state["page"] == "categories":
                return
            taken = taken or state["page"] == "ticket"
            self._touch(state["targets"])
            time.sleep(TAP_EVERY_S)

    def _touch(self, targets: dict[str, list[float]]) -> None:
        for wanted in ("TakeTicket", "OpenService", "OpenCategory", "Home"):
            if there := [at for name, at in targets.items() if name.startswith(wanted)]:
                x, y = self._chance.choice(there)
                post(f"{self._bench}/tap", {"x": x, "y": y})
                return


def get(url: str) -> Any:
    """JSON from an address. OSError when nobody answers."""
    with urllib.request.urlopen(url, timeout=PATIENCE_S) as answer:
        return json.load(answer)


def post(url: str, body: object) -> None:
    """Post JSON to an address. OSError when nobody answers."""
    urllib.request.urlopen(urllib.request.Request(url, json.dumps(body).encode()), timeout=PATIENCE_S).close()
