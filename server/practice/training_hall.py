"""An invented hall in memory, for one clerk who practises: the real decisions, visitors who never were.

It knows no log, no writer and nobody else; when it is forgotten, nothing of it was ever anywhere.
"""

import random
from datetime import datetime, timedelta
from typing import Any

from cachetools import LRUCache

from dawr.board import Board, board
from dawr.decide import decide
from dawr.hall import Hall
from dawr.hours import business_day
from dawr.ids import new_id
from dawr.messages import Command, Event, IssueTicket, StartDay
from dawr.settings.centre import Centre, Service
from dawr.views import CounterView, counter_view
from server.keeping.answers import answer

WAIT_AT_FIRST = 4
MOST_WAITING = 8
CAME_BEFORE = timedelta(minutes=18)
BETWEEN_VISITORS_S = 12, 45
ANSWERS_KEPT = 100


class TrainingHall:
    """The hall of one page. All times are aware UTC; one that is earlier than the last counts as the last."""

    def __init__(self, centre: Centre, counter: str, now: datetime) -> None:
        self._hall = Hall(centre)
        self._counter = counter
        lines = self._hall.counter(counter).lines
        self._services = [one for one in centre.services if one.line in lines] or centre.services
        self._answers: LRUCache[str, dict[str, Any]] = LRUCache(ANSWERS_KEPT)
        self.epoch = new_id()
        """Of its own: whoever comes back meets another hall, and begins anew."""
        self._do(StartDay(day=business_day(centre, now)), now - CAME_BEFORE)
        for place in range(WAIT_AT_FIRST):
            self._visitor(now - CAME_BEFORE * (WAIT_AT_FIRST - place) / WAIT_AT_FIRST)
        self._next_visitor_at = self._later(now)

    def do(self, command: Command, id: str | None, now: datetime) -> dict[str, Any]:
        """Do a command as the real hall would; `DawrError` when it refuses. An id that came before did it already."""
        if id and id in self._answers:
            return self._answers[id]
        ticket = new_id()
        events = self._do(command, now, ticket)
        said = answer(self._hall, command, events, ticket, self._at(now))
        if id:
            self._answers[id] = said
        return said

    def let_in(self, now: datetime) -> bool:
        """Let the next invented visitor in, if it is time and the hall is not full. Whether anybody came."""
        if now < self._next_visitor_at or len(self._hall.eligible_at(self._counter)) >= MOST_WAITING:
            return False
        self._visitor(now)
        self._next_visitor_at = self._later(now)
        return True

    def view(self, now: datetime) -> CounterView:
        """The counter as its clerk sees it."""
        return counter_view(self._hall, self._counter, self._at(now))

    def board(self, now: datetime) -> Board:
        """The board of the invented hall."""
        return board(self._hall, self.epoch, self._at(now))

    def _visitor(self, now: datetime) -> None:
        service = random.choice(self._services)
        self._do(IssueTicket(service=service.id, visitor_class=self._class(), reference=_reference(service)), now)

    def _class(self) -> str | None:
        """One in five is of a class that counts as if they had come earlier."""
        classes = self._hall.centre.classes
        return random.choice(classes).id if classes and random.random() < 0.2 else None

    def _do(self, command: Command, now: datetime, ticket: str = "") -> list[Event]:
        events = decide(self._hall, command, self._at(now), ticket or new_id())
        if events:
            self._hall.apply(list(enumerate(events, self._hall.sequence + 1)))
        return events

    def _at(self, now: datetime) -> datetime:
        return max(now, self._hall.last_at or now)

    @staticmethod
    def _later(now: datetime) -> datetime:
        return now + timedelta(seconds=random.uniform(*BETWEEN_VISITORS_S))


def _reference(service: Service) -> str | None:
    """A number that no portal has given."""
    return f"TR-{random.randrange(10_000, 100_000)}" if service.needs_reference else None
