"""A made-up busy day: who comes when and for what, and how the clerks work. Pure and repeatable by its seed.

The day is played against the real rules (`decide` and the hall's fold) and gives the commands that its people sent,
each with its time. For the demo's reports, for tests and for benchmarks.
"""

import heapq
import math
from collections import Counter as Tally
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import count
from random import Random
from uuid import UUID

from dawr.clock import Moment, Trust
from dawr.decide import decide
from dawr.hall import Hall
from dawr.hours import offer
from dawr.messages import (
    CallNext,
    CallTicket,
    CancelTicket,
    CloseCounter,
    Command,
    Complete,
    HandIn,
    IssueTicket,
    MarkNoShow,
    OpenCounter,
    Park,
    PrintedTicket,
    Recall,
    Serve,
    StartDay,
    TakeBreak,
    Transfer,
)
from dawr.numbers import format_number
from dawr.settings.centre import Centre, Service, Span, Texts
from dawr.tickets import State

CLASS_SHARES = {"elderly": 0.08, "disabled": 0.02, "pregnant": 0.02, "bereaved": 0.03}
NO_SHOWS, PARKS, TRANSFERS, LEAVE, ENGLISH = 0.04, 0.03, 0.02, 0.01, 0.06
SERVER_SHARE = 0.1
MOST_A_MINUTE = 10
LOAD = 0.76
"""Share of the counters' time that the day's visits take."""
QUICKEST, SLOWEST = 0.1, 1.25
"""Limits of the pace, as a share of the usual minutes: with few visitors a clerk is not slow for ever."""
AROUND_A_VISIT_S = 45.0
"""What a visit takes beside its service: walking, recalls, the clerk's pause."""
HAND_IN_S = 0.4
RECALL_AFTER_S = 30.0
SIGMA = 0.45
"""Spread of the service times: the standard deviation of their logarithm."""


@dataclass(frozen=True, slots=True)
class Move:
    """A command that somebody sent, and when."""

    at: datetime
    command: Command


def busy_day(centre: Centre, day: date, tickets: int, seed: int) -> list[Move]:
    """The moves of a whole day, in order, beginning with `StartDay`; every ticket has ended when it ends."""
    return _Day(centre, day, tickets, Random(seed)).play()


_Person = Iterator[float]
"""Someone who acts, and tells how many seconds pass before acting again."""


@dataclass
class _Day:
    """The day while it is played."""

    centre: Centre
    day: date
    tickets: int
    random: Random
    moves: list[Move] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.hall = Hall(self.centre)
        self.opens, self.closes = _hours(self.centre, self.day)
        self.now = self.opens
        self.still_to_come = self.tickets
        self.used: Tally[tuple[str, str]] = Tally()
        self.order = count()
        self.demand = _demand(self.centre)
        self.pace = _pace(self.centre, self.demand, self.tickets, self.closes - self.opens)
        self.waiting: list[tuple[datetime, int, _Person]] = []

    def play(self) -> list[Move]:
        """Let everybody act in the order of time."""
        self.do(StartDay(day=self.day))
        for arrives in self._arrivals():
            self._begin(self._visitor(), arrives)
        for counter in self.centre.counters:
            self._begin(self._clerk(counter.id), self.opens + timedelta(seconds=self.random.uniform(0, 360)))
        while self.waiting:
            self.now, _, person = heapq.heappop(self.waiting)
            pause_s = next(person, None)
            if pause_s is not None:
                self._begin(person, self.now + timedelta(seconds=pause_s))
        return self.moves

    def do(self, command: Command) -> None:
        """A command by the real rules, now."""
        events = decide(self.hall, command, self.now, self._new_id())
        self.hall.apply(list(enumerate(events, self.hall.sequence + 1)))
        self.moves.append(Move(self.now, command))

    def _begin(self, person: _Person, at: datetime) -> None:
        heapq.heappush(self.waiting, (at, next(self.order), person))

    def _new_id(self) -> str:
        """A UUID of version 7 that is the same for the same seed."""
        unix_ms, chance = int(self.now.timestamp() * 1000), self.random.getrandbits(74)
        return str(UUID(int=unix_ms << 80 | 0x7 << 76 | (chance >> 62) << 64 | 0b10 << 62 | chance & (1 << 62) - 1))

    # --- Visitors -------------------------------------------------------------------------------------------------

    def _arrivals(self) -> list[datetime]:
        """A Poisson process given its number: most come in the morning, never more than 10 in a minute."""
        length_s = (self.closes - self.opens).total_seconds()
        room = max(MOST_A_MINUTE, math.ceil(3 * self.tickets * 60 / length_s))
        a_minute: Tally[int] = Tally()
        arrivals: list[datetime] = []
        while len(arrivals) < self.tickets:
            share = self.random.betavariate(1.7, 3.4) if self.random.random() < 0.7 else self.random.random()
            minute = int(share * length_s // 60)
            at = self.opens + timedelta(seconds=share * length_s)
            if a_minute[minute] < room and self._gives_tickets(at):
                a_minute[minute] += 1
                arrivals.append(at)
        return sorted(arrivals)

    def _gives_tickets(self, at: datetime) -> bool:
        """Whether the centre gives tickets then, and still when a kiosk has printed one."""
        spans = self.centre.hours.on(self.day) or (Span(self.opens.time(), self.closes.time()),)
        last = at + timedelta(minutes=self.centre.centre.last_ticket_minutes, seconds=1)
        return any(at.time() in span and last.time() in span for span in spans)

    def _visitor(self) -> _Person:
        """Takes a ticket, if there is one for anything; a few leave when it takes long."""
        service = self._wish()
        self.still_to_come -= 1
        if service is None:
            return
        language = "en" if self.random.random() < ENGLISH and "en" in self.centre.centre.languages else None
        language = language or self.centre.centre.languages[0]
        visitor_class, reference = self._class(), self._reference(service)
        if self.random.random() < SERVER_SHARE or not self.centre.kiosks:
            self.do(
                IssueTicket(service=service.id, language=language, visitor_class=visitor_class, reference=reference)
            )
            number = list(self.hall.tickets.values())[-1].number
        else:
            kiosk = self.random.choices(
                self.centre.kiosks, [1 / place for place in range(1, len(self.centre.kiosks) + 1)]
            )
            printed = self._printed(kiosk[0].id, service, language, visitor_class, reference)
            yield HAND_IN_S
            self.do(HandIn(issuer=kiosk[0].id, sent=self._moment(), tickets=(printed,)))
            number = printed.number
        if self.random.random() < LEAVE:
            yield self.random.uniform(15, 40) * 60
            if self.hall.ticket(number).state is State.WAITING:
                self.do(CancelTicket(ticket=number))

    def _wish(self) -> Service | None:
        """A service that takes tickets now; None when the hall offers hardly anything any more."""
        wishes = self.random.choices(list(self.demand), list(self.demand.values()), k=50)
        return next((self.centre.service[wish] for wish in wishes if self._offers(wish)), None)

    def _offers(self, service: str) -> bool:
        return offer(self.centre, self.centre.service[service], self.now, self.hall.issued_for[service], None).open

    def _class(self) -> str | None:
        chance = self.random.random()
        for visitor_class, share in CLASS_SHARES.items():
            chance -= share
            if chance < 0:
                return visitor_class if visitor_class in self.centre.visitor_class else None
        return None

    def _reference(self, service: Service) -> str | None:
        return f"{self.day:%Y}-{self.random.randrange(10_000, 100_000)}" if service.needs_reference else None

    def _printed(
        self, kiosk: str, service: Service, language: str, visitor_class: str | None, reference: str | None
    ) -> PrintedTicket:
        line = self.centre.line[service.line]
        place = self.used[kiosk, line.id]
        self.used[kiosk, line.id] += 1
        return PrintedTicket.model_validate(
            {
                "id": self._new_id(),
                "number": format_number(line.letter, self.centre.ranges[kiosk].count_of(place)),
                "service": service.id,
                "language": language,
                "class": visitor_class,
                "reference": reference,
                "issued": self._moment(),
            }
        )

    def _moment(self) -> Moment:
        """Now by a kiosk that was switched on at opening time."""
        return Moment("a-made-up-day", (self.now - self.opens).total_seconds() + 600, self.now, Trust.NTP)

    # --- Clerks ---------------------------------------------------------------------------------------------------

    def _clerk(self, counter: str) -> _Person:
        """Opens, calls who is next until nobody is left, takes breaks, and goes home after closing time."""
        parked: deque[tuple[datetime, str]] = deque()
        breaks = self._breaks()
        self.do(OpenCounter(counter=counter))
        while self.still_to_come or self.now < self.closes or parked or self._anyone_for(counter):
            if breaks and self.now >= breaks[0] and self.still_to_come:
                breaks.popleft()
                yield from self._pause(counter)
            elif parked and (self.now >= parked[0][0] or not self._anyone_for(counter)) and self._fetched(parked[0][1]):
                self.do(CallTicket(counter=counter, ticket=parked.popleft()[1]))
                yield from self._visit(counter, parked)
            elif self._anyone_for(counter):
                self.do(CallNext(counter=counter))
                yield from self._visit(counter, parked)
            else:
                yield self.random.uniform(5, 25)
        self.do(CloseCounter(counter=counter))

    def _visit(self, counter: str, parked: deque[tuple[datetime, str]]) -> _Person:
        """One visit from its call on; often it is left to the next press to complete it."""
        ticket = self._present(counter)
        if self.random.random() < NO_SHOWS:
            for _ in range(self.centre.centre.recalls_before_no_show):
                yield RECALL_AFTER_S
                self.do(Recall(counter=counter))
            yield RECALL_AFTER_S
            self.do(MarkNoShow(counter=counter))
            return
        yield self.random.lognormvariate(math.log(22), 0.5)
        if self.random.random() < 0.04:
            self.do(Recall(counter=counter))
            yield self.random.uniform(10, 25)
        self.do(Serve(counter=counter))
        takes_s = self._takes_s(self.centre.service[self.hall.ticket(ticket).service])
        fate = self.random.random()
        if fate < PARKS and not self.hall.ticket(ticket).parked:
            yield 0.5 * takes_s
            self.do(Park(counter=counter, reason=self._reason()))
            parked.append((self.now + timedelta(minutes=self.random.uniform(4, 12)), ticket))
        elif fate < PARKS + TRANSFERS and self._other_line(counter):
            yield 0.4 * takes_s
            self.do(Transfer(counter=counter, line=self._other_line(counter)))
        else:
            yield takes_s
            if self.random.random() < 0.6 or not self._anyone_for(counter):
                self.do(Complete(counter=counter))
                yield self.random.uniform(2, 12)

    def _pause(self, counter: str) -> _Person:
        self.do(TakeBreak(counter=counter, reason=self._break_reason()))
        yield self.random.uniform(8, 15) * 60
        self.do(OpenCounter(counter=counter))

    def _breaks(self) -> deque[datetime]:
        """A break in the morning for some, one around noon for all."""
        length = self.closes - self.opens
        shares = [self.random.uniform(0.2, 0.35)] if self.random.random() < 0.5 else []
        return deque(self.opens + length * share for share in [*shares, self.random.uniform(0.45, 0.7)])

    def _fetched(self, ticket: str) -> bool:
        return self.hall.ticket(ticket).state is State.PARKED

    def _present(self, counter: str) -> str:
        present = self.hall.counter(counter).ticket
        assert present
        return self.hall.tickets[present].number

    def _anyone_for(self, counter: str) -> bool:
        return bool(self.hall.eligible_at(counter))

    def _other_line(self, counter: str) -> str | None:
        """The next line of the settings that this counter does not serve."""
        return next((line.id for line in self.centre.lines if line.id not in self.hall.counter(counter).lines), None)

    def _takes_s(self, service: Service) -> float:
        """Lognormal around the usual time at the pace of the day; never less than half a minute."""
        usual_s = service.usual_minutes * 60 * self.pace
        return max(30.0, self.random.lognormvariate(math.log(usual_s) - SIGMA**2 / 2, SIGMA))

    def _reason(self) -> str | None:
        return _said(self.random, self.centre, self.centre.centre.park_reasons)

    def _break_reason(self) -> str | None:
        return _said(self.random, self.centre, self.centre.centre.break_reasons)


def _said(random: Random, centre: Centre, reasons: tuple[Texts, ...]) -> str | None:
    return random.choice(reasons)[centre.centre.languages[0]] if reasons else None


def _hours(centre: Centre, day: date) -> tuple[datetime, datetime]:
    """Opening and closing of the day; a usual working day where the centre is closed."""
    spans = centre.hours.on(day)
    opens, closes = (spans[0].opens, spans[-1].closes) if spans else (time(8), time(15, 30))
    return datetime.combine(day, opens, centre.zone), datetime.combine(day, closes, centre.zone)


def _demand(centre: Centre) -> dict[str, float]:
    """How much each service is wished for: each line as its counters can serve it, its first services most."""
    work = dict.fromkeys(centre.line, 0.0)
    for counter in centre.counters:
        shares = [1 / place for place in range(1, len(counter.lines) + 1)]
        for served, share in zip(counter.lines, shares, strict=True):
            work[served] += share / sum(shares)
    demand: dict[str, float] = {}
    for line in centre.lines:
        services = [service for service in centre.services if service.line == line.id]
        minutes = sum(service.usual_minutes / place for place, service in enumerate(services, 1))
        demand |= {service.id: work[line.id] / place / minutes for place, service in enumerate(services, 1)}
    return demand


def _pace(centre: Centre, demand: dict[str, float], tickets: int, open_for: timedelta) -> float:
    """By how much usual minutes are stretched so that the visits fill the counters' time to `LOAD`."""
    mean_s = 60 * sum(weight * centre.service[id].usual_minutes for id, weight in demand.items()) / sum(demand.values())
    for_each_s = LOAD * len(centre.counters) * open_for.total_seconds() / tickets
    return min(SLOWEST, max(QUICKEST, (for_each_s - AROUND_A_VISIT_S) / mean_s))
