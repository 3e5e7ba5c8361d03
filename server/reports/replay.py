"""A day played again: how the hall changed from moment to moment, for a moving picture of it."""

import sqlite3
from collections.abc import Iterator
from datetime import date
from itertools import groupby
from operator import itemgetter
from typing import Literal

from dawr.hall import CounterState, Hall
from dawr.messages import Instant, Message, TicketCalled, TicketRecalled
from dawr.settings.centre import Centre
from dawr.tickets import State
from server.keeping.log import read, refuse_removed, stretch_of


class Desk(Message):
    """A counter from a moment on."""

    state: CounterState
    """Whether it calls people."""
    number: str | None = None
    """The number of the ticket that it called or serves."""
    doing: Literal["called", "serving"] | None = None
    """Whether the visitor is still on the way, or there."""


class HallMoment(Message):
    """What changed in the hall at a moment; what did not is left out."""

    at_s: float
    """Seconds after the first moment."""
    waiting: dict[str, int]
    """Line id → how many people wait from now on."""
    counters: dict[str, Desk]
    """Counter id → how it is from now on."""
    called: dict[str, str]
    """Counter id → the number that it calls at this moment."""


class Replay(Message):
    """A day of the hall."""

    day: date
    """The business day."""
    began_at: Instant | None
    """When the first moment was; None for a day on which nothing happened."""
    moments: list[HallMoment]
    """Every moment at which something changed, in order. At first nobody waits and every counter is closed."""


def replay(log: sqlite3.Connection, centre: Centre, day: date) -> Replay:
    """The day as the log tells it. `DetailsRemoved` when that was long ago."""
    refuse_removed(log, day)
    first, last = stretch_of(log, day)
    moments: list[HallMoment] = []
    began_at = None
    for at, waiting, counters, called in _changes(log, centre, first, last):
        began_at = began_at or at
        since_s = (at - began_at).total_seconds()
        moments.append(HallMoment(at_s=since_s, waiting=waiting, counters=counters, called=called))
    return Replay(day=day, began_at=began_at, moments=moments)


def _changes(
    log: sqlite3.Connection, centre: Centre, first: int, last: int
) -> Iterator[tuple[Instant, dict[str, int], dict[str, Desk], dict[str, str]]]:
    """Each command that changed who waits where or what a counter does."""
    hall = Hall(centre)
    waits_in: dict[str, str] = {}
    tally = dict.fromkeys(centre.line, 0)
    desks = {id: Desk(state=CounterState.CLOSED) for id in hall.counters}
    entries = read(log, first - 1, last - first + 1) if last >= first else iter(())
    for _command, group in groupby(entries, key=itemgetter(1)):
        events = [(entry.sequence, entry.event) for entry in group]
        hall.apply(events)
        before = dict(tally)
        for ticket in hall.changed.values():
            if ticket.id in waits_in:
                tally[waits_in.pop(ticket.id)] -= 1
            if ticket.state is State.WAITING and ticket.day == hall.day:
                waits_in[ticket.id] = ticket.line
                tally[ticket.line] = tally.get(ticket.line, 0) + 1
        now = {id: _desk(hall, id) for id in hall.counters}
        changed = {id: desk for id, desk in now.items() if desk != desks[id]}
        waiting = {line: count for line, count in tally.items() if count != before.get(line, 0)}
        called = {
            event.counter: hall.tickets[event.ticket].number
            for _, event in events
            if isinstance(event, TicketCalled | TicketRecalled)
        }
        desks = now
        if changed or waiting or called:
            yield events[-1][1].at, waiting, changed, called


def _desk(hall: Hall, id: str) -> Desk:
    counter = hall.counters[id]
    ticket = hall.tickets.get(counter.ticket or "")
    if ticket is None:
        return Desk(state=counter.state)
    doing: Literal["called", "serving"] = "serving" if ticket.state is State.SERVING else "called"
    return Desk(state=counter.state, number=ticket.number, doing=doing)
