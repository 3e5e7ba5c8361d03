"""Today's hall: the fold of today's events.

`Hall.apply` takes the events of one command as the log has stored them; a new kind of event has one entry in
`_FOLDS`. Nothing here decides whether something is allowed: that was decided before it was stored.
"""

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from dawr import calling
from dawr.clock import weeks_ahead
from dawr.errors import UnknownCounter, UnknownTicket
from dawr.messages import (
    ActionUndone,
    ClockJumped,
    CopyAsked,
    CopyEnded,
    CopyOutcome,
    CounterClosed,
    CounterEvent,
    CounterOpened,
    CounterPaused,
    DayStarted,
    Event,
    FeedbackGiven,
    NumberSkipped,
    ServiceOffered,
    ServiceStopped,
    TicketCalled,
    TicketCancelled,
    TicketCarried,
    TicketCompleted,
    TicketIssued,
    TicketMissed,
    TicketParked,
    TicketRecalled,
    TicketResumed,
    TicketServed,
    TicketSteppedAside,
    TicketSteppedBack,
    TicketTransferred,
)
from dawr.numbers import parse_number
from dawr.settings.centre import Centre, Texts
from dawr.tickets import Action, EndedBy, State, Ticket

CALLS_SHOWN = 8
CALLS_LEARNED = 20


class CounterState(StrEnum):
    """Whether a counter calls people."""

    OPEN = "open"
    BREAK = "break"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class LastAction:
    """What a counter did last, kept so that it can be taken back."""

    first: int
    last: int
    at: datetime
    counter: "CounterNow"
    before: dict[str, Ticket]
    after: dict[str, Ticket]
    overtaken: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CounterNow:
    """A counter as it is now."""

    id: str
    lines: tuple[str, ...]
    state: CounterState = CounterState.CLOSED
    reason: str | None = None
    ticket: str | None = None
    served: int = 0
    service: timedelta = timedelta()
    """How many visits it completed today, and how long these took together."""

    def after_visit(self, ticket: Ticket) -> "CounterNow":
        """The counter with this completed visit counted: from when its visitor came or, unknown, from its call."""
        began = ticket.served_at or ticket.called_at
        if began is None or ticket.ended_at is None or ticket.ended_by is not EndedBy.COUNTER:
            return self
        return replace(self, served=self.served + 1, service=self.service + (ticket.ended_at - began))


@dataclass(frozen=True, slots=True)
class Call:
    """A call or recall, by the sequence of its event."""

    sequence: int
    ticket: str
    counter: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy of a ticket's slip that was asked for; `outcome` is None until its kiosk has told."""

    id: str
    ticket: str
    number: str
    kiosk: str
    outcome: CopyOutcome | None = None
    why: str | None = None


@dataclass
class Hall:
    """The hall of one business day."""

    centre: Centre
    sequence: int = 0
    day: date | None = None
    last_at: datetime | None = None
    tickets: dict[str, Ticket] = field(default_factory=dict)
    counters: dict[str, CounterNow] = field(default_factory=dict)
    stopped: dict[str, Texts] = field(default_factory=dict)
    calls: deque[Call] = field(default_factory=deque)
    issued: dict[str, dict[str, int]] = field(default_factory=dict)
    """How many numbers each issuer has used up in each line: issuer → line id → count."""
    skipped: set[tuple[date, str]] = field(default_factory=set)
    """The numbers that were told today to be skipped, each with the day to which it belongs."""
    issued_for: dict[str, int] = field(default_factory=dict)
    """How many tickets each service has given today."""
    line_calls: dict[str, deque[datetime]] = field(default_factory=dict)
    last_actions: dict[str, LastAction] = field(default_factory=dict)
    copies: dict[str, Copy] = field(default_factory=dict)
    """The copies of slips that were asked for today, by their ids."""
    clock_jumped: ClockJumped | None = None
    """The last jump of the server's clock today."""
    changed: dict[str, Ticket] = field(default_factory=dict)
    """The tickets that the last `apply` changed, as they are now: also those that left with the day before."""
    _by_number: dict[str, str] = field(default_factory=dict)
    _in_state: dict[State, dict[str, None]] = field(default_factory=dict)
    """The ids of the tickets in each state, in the order in which they came into it."""
    _overtaken: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._clear()

    def apply(self, events: Sequence[tuple[int, Event]]) -> None:
        """Fold the stored events of one command, each with its sequence."""
        self.changed.clear()
        self._overtaken.clear()
        tickets_before = {
            event.ticket: self.tickets.get(event.ticket) for _, event in events if hasattr(event, "ticket")
        }
        counters_before = {
            event.counter: self.counters[event.counter] for _, event in events if isinstance(event, CounterEvent)
        }
        for sequence, event in events:
            _FOLDS[type(event)](self, sequence, event)
            self.sequence, self.last_at = sequence, event.at
        self._remember(events, counters_before, tickets_before)

    def copy(self) -> "Hall":
        """The hall as it is now, which what happens to this one does not change."""
        copied = copy(self)
        for name in (
            "tickets",
            "counters",
            "stopped",
            "calls",
            "issued_for",
            "last_actions",
            "copies",
            "changed",
            "skipped",
            "_by_number",
        ):
            setattr(copied, name, copy(getattr(self, name)))
        copied._overtaken = []
        copied._in_state = {state: copy(ids) for state, ids in self._in_state.items()}
        copied.issued = defaultdict(lambda: defaultdict(int), {who: copy(used) for who, used in self.issued.items()})
        copied.line_calls = {line: copy(calls) for line, calls in self.line_calls.items()}
        return copied

    def ticket(self, id_or_number: str) -> Ticket:
        """Today's ticket with this id or number. `UnknownTicket` if there is none."""
        id = self._by_number.get(id_or_number.strip().upper(), id_or_number)
        if id not in self.tickets:
            raise UnknownTicket(f"there is no ticket {id_or_number} today", ticket=id_or_number)
        return self.tickets[id]

    def has_number(self, number: str) -> bool:
        """Whether a ticket of today has this number."""
        return number in self._by_number

    def counter(self, id: str) -> CounterNow:
        """The counter with this id. `UnknownCounter` if there is none."""
        if id not in self.counters:
            raise UnknownCounter(f"there is no counter {id}", counter=id)
        return self.counters[id]

    def in_state(self, state: State) -> Iterator[Ticket]:
        """The tickets in a state, who came into it last comes last."""
        return (self.tickets[id] for id in self._in_state[state])

    def ahead_of(self, ticket: Ticket) -> int:
        """How many people in the same line will be called before this waiting ticket, as far as is known now."""
        return calling.ahead(ticket, (one for one in self.in_state(State.WAITING) if one.line == ticket.line))

    def waiting(self) -> dict[str, int]:
        """How many wait in each line: line id → people, every line."""
        tally = dict.fromkeys(self.centre.line, 0)
        for one in self.in_state(State.WAITING):
            tally[one.line] += 1
        return tally

    def eligible_at(self, counter: str) -> list[Ticket]:
        """Who could be called at a counter, whether it is open or not."""
        return calling.eligible(self.in_state(State.WAITING), counter, self.counter(counter).lines)

    def open_counters(self, line: str) -> int:
        """How many open counters serve a line."""
        return sum(line in one.lines and one.state is CounterState.OPEN for one in self.counters.values())

    def _clear(self) -> None:
        self.tickets.clear()
        self.stopped.clear()
        self.calls.clear()
        self.last_actions.clear()
        self.copies.clear()
        self.clock_jumped = None
        self.skipped.clear()
        self._by_number.clear()
        self._in_state = {state: {} for state in State}
        self.issued = defaultdict(lambda: defaultdict(int))
        self.issued_for = defaultdict(int)
        self.line_calls = {line.id: deque(maxlen=CALLS_LEARNED) for line in self.centre.lines}
        self.calls = deque(maxlen=CALLS_SHOWN * 4)
        self.counters = {one.id: CounterNow(one.id, one.lines) for one in self.centre.counters}

    def _count(self, issuer: str, line: str, number: str) -> None:
        part, count = self.centre.ranges[issuer], parse_number(number)[1]
        if not part.holds(count):
            return
        used = part.issued_before(count) + 1
        self.issued[issuer][line] = max(self.issued[issuer][line], used)

    def _put(self, ticket: Ticket) -> None:
        before = self.tickets.get(ticket.id)
        if before is None or before.state is not ticket.state:
            if before:
                del self._in_state[before.state][ticket.id]
            self._in_state[ticket.state][ticket.id] = None
        self.tickets[ticket.id] = ticket
        self.changed[ticket.id] = ticket

    def _change(self, id: str, action: Action, **changes: object) -> None:
        self._put(self.tickets[id].after(action, **changes))

    def _free(self, counter: str) -> None:
        self.counters[counter] = replace(self.counters[counter], ticket=None)

    def _leave_counter(self, ticket: str) -> None:
        for one in self.counters.values():
            if one.ticket == ticket:
                self._free(one.id)

    def _remember(
        self,
        events: Sequence[tuple[int, Event]],
        counters: dict[str, CounterNow],
        tickets: dict[str, Ticket | None],
    ) -> None:
        """Keep what is needed to take a counter's action back."""
        if len(counters) != 1 or any(isinstance(event, ActionUndone | DayStarted) for _, event in events):
            return
        sequence, last = events[-1]
        [(id, before)] = counters.items()
        self.last_actions[id] = LastAction(
            first=events[0][0],
            last=sequence,
            at=last.at,
            counter=before,
            before={ticket: known for ticket, known in tickets.items() if known},
            after={ticket: self.tickets[ticket] for ticket in tickets},
            overtaken=tuple(self._overtaken),
        )


def _day_started(hall: Hall, _sequence: int, event: DayStarted) -> None:
    hall._clear()
    hall.day = event.day


def _issued(hall: Hall, _sequence: int, event: TicketIssued) -> None:
    ticket = Ticket(
        id=event.ticket,
        number=event.number,
        day=event.day,
        service=event.service,
        line=event.line,
        visitor_class=event.visitor_class,
        language=event.language,
        reference=event.reference,
        issuer=event.issuer,
        joined_at=event.joined_at,
        counted_from=event.counted_from,
        in_doubt=event.in_doubt,
        known_at=event.at,
    )
    hall._put(ticket)
    if event.day == hall.day:
        hall._by_number[event.number] = event.ticket
        hall.issued_for[event.service] += 1
        hall._count(event.issuer, event.line, event.number)


def _skipped(hall: Hall, _sequence: int, event: NumberSkipped) -> None:
    hall.skipped.add((event.day, event.number))
    if event.day == hall.day:
        hall._count(event.issuer, event.line, event.number)


def _copy_asked(hall: Hall, _sequence: int, event: CopyAsked) -> None:
    hall.copies[event.id] = Copy(event.id, event.ticket, event.number, event.kiosk)


def _copy_ended(hall: Hall, _sequence: int, event: CopyEnded) -> None:
    hall.copies[event.id] = Copy(event.id, event.ticket, event.number, event.kiosk, event.outcome, event.why)


def _called(hall: Hall, sequence: int, event: TicketCalled) -> None:
    ticket = hall.tickets[event.ticket]
    if ticket.state is State.WAITING:
        for one in calling.overtaken_by(ticket, hall.eligible_at(event.counter)):
            hall._put(replace(one, overtaken=one.overtaken + 1))
            hall._overtaken.append(one.id)
    hall._change(
        event.ticket,
        Action.CALL,
        counter=event.counter,
        for_counter=None,
        first_counter=ticket.first_counter or event.counter,
        first_called_at=ticket.first_called_at or event.at,
        called_at=event.at,
        served_at=None,
        ended_at=None,
        ended_by=None,
        recalls=0,
        out_of_order=ticket.out_of_order or event.out_of_order,
        **_taken_up(ticket, event.at),
    )
    hall.counters[event.counter] = replace(hall.counters[event.counter], ticket=event.ticket)
    hall.line_calls[ticket.line].append(event.at)
    hall.calls.append(Call(sequence, event.ticket, event.counter, event.at))


def _recalled(hall: Hall, sequence: int, event: TicketRecalled) -> None:
    hall._change(event.ticket, Action.RECALL, recalls=hall.tickets[event.ticket].recalls + 1)
    hall.calls.append(Call(sequence, event.ticket, event.counter, event.at))


def _served(hall: Hall, _sequence: int, event: TicketServed) -> None:
    hall._change(event.ticket, Action.SERVE, served_at=event.at)


def _completed(hall: Hall, _sequence: int, event: TicketCompleted) -> None:
    hall._change(event.ticket, Action.COMPLETE, ended_at=event.at, ended_by=event.by)
    hall._free(event.counter)
    hall.counters[event.counter] = hall.counters[event.counter].after_visit(hall.tickets[event.ticket])


def _missed(hall: Hall, _sequence: int, event: TicketMissed) -> None:
    hall._change(event.ticket, Action.MARK_NO_SHOW, ended_at=event.at, ended_by=EndedBy.COUNTER)
    hall._free(event.counter)


def _parked(hall: Hall, _sequence: int, event: TicketParked) -> None:
    hall._change(event.ticket, Action.PARK, parked_at=event.at, parked_reason=event.reason)
    hall._free(event.counter)


def _resumed(hall: Hall, _sequence: int, event: TicketResumed) -> None:
    taken_up = _taken_up(hall.tickets[event.ticket], event.at)
    hall._change(event.ticket, Action.RESUME, ended_at=None, ended_by=None, **taken_up)


def _taken_up(ticket: Ticket, at: datetime) -> dict[str, object]:
    """What changes of a ticket that is no longer parked, if it was."""
    parked = ticket.parked + (at - ticket.parked_at if ticket.parked_at else timedelta())
    return {"parked_at": None, "parked_reason": None, "stepped_aside": False, "parked": parked}


def _stepped_aside(hall: Hall, _sequence: int, event: TicketSteppedAside) -> None:
    steps = hall.tickets[event.ticket].steps_aside + 1
    hall._leave_counter(event.ticket)
    hall._change(event.ticket, Action.STEP_ASIDE, parked_at=event.at, stepped_aside=True, steps_aside=steps)


def _stepped_back(hall: Hall, _sequence: int, event: TicketSteppedBack) -> None:
    hall._change(event.ticket, Action.STEP_BACK, **_taken_up(hall.tickets[event.ticket], event.at))


def _transferred(hall: Hall, _sequence: int, event: TicketTransferred) -> None:
    ticket = hall.tickets[event.ticket]
    hall._leave_counter(event.ticket)
    hall._change(
        event.ticket,
        Action.TRANSFER,
        service=event.service,
        line=event.line,
        for_counter=event.to_counter,
        counted_from=event.counted_from,
        transfers=ticket.transfers + 1,
        **_taken_up(ticket, event.at),
    )


def _cancelled(hall: Hall, _sequence: int, event: TicketCancelled) -> None:
    hall._leave_counter(event.ticket)
    hall._change(event.ticket, Action.CANCEL, ended_at=event.at, ended_by=event.by)


def _undone(hall: Hall, _sequence: int, event: ActionUndone) -> None:
    action = hall.last_actions.pop(event.counter)
    for id, before in action.before.items():
        # What others did to it meanwhile can only be overtaking; that stays.
        since = hall.tickets[id].overtaken - action.after[id].overtaken
        hall._put(replace(before, overtaken=before.overtaken + since))
    for id in action.overtaken:
        one = hall.tickets[id]
        hall._put(replace(one, overtaken=one.overtaken - 1))
    hall.counters[event.counter] = _as_before(action, hall.counters[event.counter])
    for call in [call for call in hall.calls if action.first <= call.sequence <= action.last]:
        hall.calls.remove(call)
        learned = hall.line_calls[hall.tickets[call.ticket].line]
        if call.at in learned:
            learned.remove(call.at)


def _as_before(action: LastAction, now: CounterNow) -> CounterNow:
    """The counter as it was before the action. A visitor whom the action was not about can have gone since."""
    stayed = action.counter.ticket is None or action.counter.ticket in action.before
    return action.counter if stayed else replace(action.counter, ticket=now.ticket)


def _counter_opened(hall: Hall, _sequence: int, event: CounterOpened) -> None:
    before = hall.counters[event.counter]
    hall.counters[event.counter] = replace(before, state=CounterState.OPEN, reason=None, lines=event.lines)


def _counter_closed(hall: Hall, _sequence: int, event: CounterClosed) -> None:
    hall.counters[event.counter] = replace(hall.counters[event.counter], state=CounterState.CLOSED, reason=None)
    for ticket in [*hall.in_state(State.WAITING), *hall.in_state(State.PARKED)]:
        if ticket.for_counter == event.counter:
            hall._put(replace(ticket, for_counter=None))


def _counter_paused(hall: Hall, _sequence: int, event: CounterPaused) -> None:
    before = hall.counters[event.counter]
    hall.counters[event.counter] = replace(before, state=CounterState.BREAK, reason=event.reason)


def _service_stopped(hall: Hall, _sequence: int, event: ServiceStopped) -> None:
    hall.stopped[event.service] = event.reason


def _service_offered(hall: Hall, _sequence: int, event: ServiceOffered) -> None:
    hall.stopped.pop(event.service, None)


def _feedback_given(_hall: Hall, _sequence: int, _event: FeedbackGiven) -> None:
    """It is for the reports; the hall goes on as before."""


def _clock_jumped(hall: Hall, _sequence: int, event: ClockJumped) -> None:
    hall.clock_jumped = event
    hall.last_actions.clear()
    by = timedelta(seconds=event.seconds)
    by += weeks_ahead(by)
    if event.followed and by > timedelta():
        for ticket in list(hall.tickets.values()):
            if ticket.known_at is not None and ticket.known_at >= event.since:
                hall._put(_later(ticket, by, event.since))


def _later(ticket: Ticket, by: timedelta, since: datetime) -> Ticket:
    """The ticket as it would be, had the clock been right since then: so that its waits are those of real people.

    A kiosk told how long ago it had joined, which may be before the time was wrong, and is as wrong nevertheless.
    """
    times = {name: getattr(ticket, name) for name in _TIMES}
    wrong = {name: at + by for name, at in times.items() if at is not None and at >= since}
    joined_at, counted_from = ticket.joined_at + by, ticket.counted_from + by
    return replace(ticket, joined_at=joined_at, counted_from=counted_from, **wrong)


_TIMES = ("first_called_at", "called_at", "served_at", "parked_at", "ended_at")

_FOLDS: dict[type[Event], Callable[[Hall, int, Any], None]] = {
    DayStarted: _day_started,
    TicketIssued: _issued,
    TicketCarried: _issued,
    NumberSkipped: _skipped,
    CopyAsked: _copy_asked,
    CopyEnded: _copy_ended,
    ClockJumped: _clock_jumped,
    TicketCalled: _called,
    TicketRecalled: _recalled,
    TicketServed: _served,
    TicketCompleted: _completed,
    TicketMissed: _missed,
    TicketParked: _parked,
    TicketResumed: _resumed,
    TicketTransferred: _transferred,
    TicketCancelled: _cancelled,
    TicketSteppedAside: _stepped_aside,
    TicketSteppedBack: _stepped_back,
    ActionUndone: _undone,
    CounterOpened: _counter_opened,
    CounterClosed: _counter_closed,
    CounterPaused: _counter_paused,
    ServiceStopped: _service_stopped,
    ServiceOffered: _service_offered,
    FeedbackGiven: _feedback_given,
}


def rebuild(centre: Centre, commands: Iterable[Sequence[tuple[int, Event]]]) -> Hall:
    """The hall as it stands after the stored commands of today, oldest first."""
    hall = Hall(centre)
    for events in commands:
        hall.apply(events)
    return hall
