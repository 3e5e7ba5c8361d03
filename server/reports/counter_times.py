"""How counters spend their day: serving, calling, idle, on a break. A fold of a day's events, apart from the hall's.

**Calling** is from a call until the visitor is there; where nobody pressed "serve", a visit that was completed counts
as served from its call. **Idle** is open with nobody at the counter. Closed counters spend nothing. A day ends with its
last event.
"""

import json
import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Literal

from server.keeping.log import stretch_of

Use = Literal["serving", "calling", "idle", "break", "closed"]
USES: tuple[Use, ...] = ("serving", "calling", "idle", "break")


@dataclass(frozen=True, slots=True)
class CounterTime:
    """Seconds that a counter spent on a day, in the order of `USES`."""

    day: date
    counter: str
    seconds: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class _Desk:
    """What a counter does: with whom, and what it does when nobody is there."""

    ticket: str | None = None
    served: bool = False
    otherwise: Use = "closed"

    @property
    def use(self) -> Use:
        return self.otherwise if self.ticket is None else "serving" if self.served else "calling"


@dataclass
class _Counter:
    desk: _Desk = _Desk()
    before: _Desk = _Desk()
    """As it was before its last action, which can be taken back."""
    command: str = ""
    since: datetime | None = None
    since_call_s: float = 0.0
    spent: dict[Use, float] = field(default_factory=lambda: dict.fromkeys((*USES, "closed"), 0.0))

    def pass_time(self, at: datetime | None) -> None:
        """Count the time since its last event as what the counter did."""
        seconds = (at - self.since).total_seconds() if at and self.since else 0.0
        self.spent[self.desk.use] += seconds
        self.since_call_s = self.since_call_s + seconds if self.desk.use == "calling" else 0.0
        self.since = at

    def act(self, command: str, name: str, ticket: str | None) -> None:
        """What the counter did. One that changes nothing at it, such as a recall, can be taken back as well."""
        before = self.desk
        if name == "TicketCompleted":
            self.count_as_served()
        if name == "ActionUndone":
            self.desk = self.before
        elif name in _FOLDS:
            self.desk = _FOLDS[name](before, ticket)
        if command != self.command:
            self.before, self.command = before, command

    def lose(self, ticket: str | None) -> None:
        """The visitor went away: that was no action of the counter, and taking one back brings nobody back."""
        self.desk = replace(self.desk, ticket=None)
        if self.before.ticket == ticket:
            self.before = replace(self.before, ticket=None)

    def count_as_served(self) -> None:
        """A visit was completed: if nobody pressed "serve", it was served since its call."""
        if self.desk.use == "calling":
            self.spent["calling"] -= self.since_call_s
            self.spent["serving"] += self.since_call_s


def counter_times(log: sqlite3.Connection, day: date) -> list[CounterTime]:
    """How each counter that opened on a business day spent it; also of a day whose events were removed."""
    if past := log.execute("SELECT counters FROM past_day WHERE day = ?", (str(day),)).fetchone():
        return [CounterTime(day, id, tuple(seconds)) for id, seconds in json.loads(past[0])]
    rows = log.execute(
        "SELECT command, at, name, ticket, counter FROM event WHERE sequence BETWEEN ? AND ? ORDER BY sequence",
        stretch_of(log, day),
    )
    spent = _fold((command, datetime.fromisoformat(at), *about) for command, at, *about in rows)
    return [
        CounterTime(day, id, (of["serving"], of["calling"], of["idle"], of["break"]))
        for id, of in sorted(spent.items())
    ]


def _fold(events: Iterable[tuple[str, datetime, str, str | None, str | None]]) -> dict[str, dict[Use, float]]:
    counters: dict[str, _Counter] = {}
    at_counter: dict[str, str] = {}
    at: datetime | None = None
    for command, at, name, ticket, said in events:
        id = at_counter.get(ticket or "") if name in _GONE else said
        if id is None:
            continue
        counter = counters.setdefault(id, _Counter())
        counter.pass_time(at)
        if name in _GONE:
            counter.lose(ticket)
        else:
            counter.act(command, name, ticket)
        at_counter = {one.desk.ticket: key for key, one in counters.items() if one.desk.ticket}
    for counter in counters.values():
        counter.pass_time(at)
    return {id: counter.spent for id, counter in counters.items() if sum(counter.spent[use] for use in USES)}


def _free(desk: _Desk, ticket: str | None) -> _Desk:
    """A parked or waiting ticket is transferred without being at any counter, and by any of them."""
    return replace(desk, ticket=None) if desk.ticket == ticket else desk


_GONE = frozenset({"TicketCancelled", "TicketSteppedAside"})
_FOLDS: dict[str, Callable[[_Desk, str | None], _Desk]] = {
    "CounterOpened": lambda desk, _ticket: replace(desk, otherwise="idle"),
    "CounterPaused": lambda desk, _ticket: replace(desk, otherwise="break"),
    "CounterClosed": lambda desk, _ticket: replace(desk, otherwise="closed"),
    "TicketCalled": lambda desk, ticket: replace(desk, ticket=ticket, served=False),
    "TicketServed": lambda desk, _ticket: replace(desk, served=True),
    "TicketCompleted": _free,
    "TicketMissed": _free,
    "TicketParked": _free,
    "TicketTransferred": _free,
}
