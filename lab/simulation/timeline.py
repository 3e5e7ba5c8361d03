"""One time for everything: what happens when, who waits for what, one source of chance, and the trace of it all.

A process of a simulated machine is a greenlet, so that real code that waits can run unchanged. Only the timeline wakes
a process, never another process: the same seed gives the same order every time.
"""

import hashlib
import heapq
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from random import Random
from typing import Any

import greenlet

MIDNIGHT = datetime(2026, 11, 21, 21, tzinfo=UTC)
"""When it begins: midnight in Damascus before Sunday, the 22nd."""
DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Note:
    """One line of the trace: when, who, what."""

    at_s: float
    who: str
    what: str

    def __str__(self) -> str:
        day, second = divmod(self.at_s, DAY_S)
        clock = f"{second // 3600:02.0f}:{second % 3600 // 60:02.0f}:{second % 60:06.3f}"
        return f"day {day + 1:.0f} {clock}  {self.who:<10} {self.what}"


class Timeline:
    """Time of one simulation, in seconds since its first midnight."""

    def __init__(self, seed: int, *, keep_trace: bool = False) -> None:
        self.now_s = 0.0
        self.chance = Random(seed)
        self.trace: list[Note] | None = [] if keep_trace else None
        self.hub = greenlet.getcurrent()
        self._due: list[tuple[float, int, Callable[[], object]]] = []
        self._order = count()
        self._digest = hashlib.blake2b(digest_size=16)

    @property
    def now(self) -> datetime:
        """The true time, aware UTC."""
        return MIDNIGHT + timedelta(seconds=self.now_s)

    @property
    def fingerprint(self) -> str:
        """The same for the same trace, and for no other."""
        return self._digest.hexdigest()

    def at(self, when_s: float, do: Callable[[], object]) -> None:
        """Let something happen at a time; what was put down first happens first."""
        heapq.heappush(self._due, (max(when_s, self.now_s), next(self._order), do))

    def after(self, delay_s: float, do: Callable[[], object]) -> None:
        """Let something happen in so many seconds."""
        self.at(self.now_s + delay_s, do)

    def run(self, until_s: float) -> None:
        """Let happen what is due until then."""
        due = self._due
        while due and due[0][0] <= until_s:
            self.now_s, _, do = heapq.heappop(due)
            do()
        self.now_s = until_s

    def pause(self) -> Any:
        """Stop the process that runs, until the timeline wakes it."""
        return self.hub.switch()

    @property
    def in_process(self) -> bool:
        """Whether it is a process that runs now, and not the timeline itself."""
        return greenlet.getcurrent() is not self.hub

    def happens(self, probability: float) -> bool:
        """Throw the dice."""
        return self.chance.random() < probability

    def note(self, who: str, what: str) -> None:
        """Write a line of the trace."""
        self._digest.update(f"{self.now_s:.6f} {who} {what}\n".encode())
        if self.trace is not None:
            self.trace.append(Note(self.now_s, who, what))


class Bell:
    """Wakes whoever waits for it; a ring that nobody waits for is kept, with the last value."""

    def __init__(self, timeline: Timeline) -> None:
        self._timeline = timeline
        self._waiting: _Wait | None = None
        self._rung: tuple[Any] | None = None

    def ring(self, value: Any = True) -> None:
        """Wake the one who waits, at this instant but not before the caller is done."""
        waiting, self._waiting = self._waiting, None
        if waiting is None or waiting.over:
            self._rung = (value,)
        else:
            self._timeline.after(0, lambda: waiting.end(value))

    def wait(self, timeout_s: float | None = None) -> Any:
        """Wait for a ring and get its value; None when there was none in that time."""
        if self._rung is not None:
            [value], self._rung = self._rung, None
            return value
        waiting = self._waiting = _Wait(greenlet.getcurrent())
        if timeout_s is not None:
            self._timeline.after(timeout_s, waiting.end)
        return self._timeline.pause()

    def sleep(self, seconds: float) -> None:
        """Let time pass, deaf to rings."""
        self._timeline.after(seconds, _Wait(greenlet.getcurrent()).end)
        self._timeline.pause()


class _Wait:
    """One process that waits once."""

    def __init__(self, process: greenlet.greenlet) -> None:
        self._process = process
        self.over = False

    def end(self, value: Any = None) -> None:
        if not self.over and not self._process.dead:
            self.over = True
            self._process.switch(value)
