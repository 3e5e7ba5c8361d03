"""The teller: the one dispatcher that tells what was stored, in order, as whole views.

What changed while it was busy is told at once with the latest view, so that a slow network never builds a backlog.
Whoever connects is greeted by the same loop, so that nobody sees an older view after a newer one.
"""

import queue
import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol

from dawr.board import board
from dawr.hall import Hall
from dawr.messages import Message
from dawr.views import CounterView, counter_view, for_its_visitor, menu
from server.interface.routes import Hello
from server.keeping.writer import Writer

TICK_S = 1.0
KIOSKS = "kiosks"


def counter_room(counter: str) -> str:
    """The room of those who follow a counter."""
    return f"counter:{counter}"


def visitors_room(counter: str) -> str:
    """The room of the tablets of a counter, which face its visitor."""
    return f"visitor:{counter}"


class Emit(Protocol):
    """Sends an event to everybody, to a room or to one connection; python-socketio's `emit`."""

    def __call__(self, event: str, data: Any, /, *, to: str | None = None) -> None: ...


class Teller:
    """Tells; `wake` when something was stored, `greet` who has come. `hello` makes the first word.

    When what `clock_told` gives is another than before, everybody is told the time anew, with another `hello`.
    """

    def __init__(
        self,
        writer: Writer,
        epoch: str,
        clock: Callable[[], datetime],
        hello: Callable[[], Hello],
        emit: Emit,
        *,
        clock_told: Callable[[], object] = lambda: None,
    ) -> None:
        self._writer, self._epoch, self._clock, self._hello, self._emit = writer, epoch, clock, hello, emit
        self._news = threading.Event()
        self._newcomers: queue.SimpleQueue[tuple[str, bool, str | None, bool]] = queue.SimpleQueue()
        self._stopping = False
        self._told = writer.hall.sequence
        self._clock_told = clock_told
        self._told_clock = clock_told()
        self._told_counters: dict[str, CounterView] = {}

    def wake(self) -> None:
        """Something was stored."""
        self._news.set()

    def greet(self, connection: str, *, kiosk: bool, counter: str | None, faces_visitor: bool = False) -> None:
        """Tell a new connection all that concerns it. It has to be in its rooms already, so that it misses nothing."""
        self._newcomers.put((connection, kiosk, counter, faces_visitor))
        self._news.set()

    def run(self) -> None:
        """The teller's loop; it also starts the business day when its time has come."""
        while not self._stopping:
            self._news.wait(TICK_S)
            self._news.clear()
            self.turn()

    def turn(self) -> None:
        """One round of the loop: what is due and what is new."""
        self._writer.start_day_if_due()
        hall, now = self._writer.hall, self._clock()
        self._tell_time()
        self._greet_newcomers(hall, now)
        if hall.sequence != self._told:
            self._tell(hall, now)
            self._told = hall.sequence

    def stop(self) -> None:
        """End the loop."""
        self._stopping = True
        self._news.set()

    def _tell_time(self) -> None:
        if self._told_clock != (to_tell := self._clock_told()):
            self._told_clock = to_tell
            self._say("hello", self._hello())

    def _greet_newcomers(self, hall: Hall, now: datetime) -> None:
        while not self._newcomers.empty():
            connection, kiosk, counter, faces_visitor = self._newcomers.get()
            self._say("hello", self._hello(), connection)
            self._say("board", board(hall, self._epoch, now), connection)
            if kiosk:
                self._say("menu", menu(hall, self._epoch), connection)
            if counter:
                view = self._told_counters[counter] = counter_view(hall, counter, now)
                self._say("counter", for_its_visitor(view) if faces_visitor else view, connection)

    def _tell(self, hall: Hall, now: datetime) -> None:
        self._say("board", board(hall, self._epoch, now))
        self._say("menu", menu(hall, self._epoch), KIOSKS)
        for counter, told in self._told_counters.items():
            view = counter_view(hall, counter, now)
            if view != told.model_copy(update={"sequence": view.sequence}):
                self._told_counters[counter] = view
                self._say("counter", view, counter_room(counter))
                self._say("counter", for_its_visitor(view), visitors_room(counter))

    def _say(self, event: str, view: Message, to: str | None = None) -> None:
        self._emit(event, view.model_dump(mode="json", by_alias=True), to=to)
