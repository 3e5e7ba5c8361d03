"""The hall as those who answer for it see it: every line, every counter, the day so far, and what needs somebody.

Like every view it is made whole from the hall; which devices are there, and how usual the day is, is told from outside.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from enum import StrEnum
from statistics import fmean

from pydantic import Field

from dawr.hall import CounterNow, CounterState, Hall
from dawr.messages import Instant, Message
from dawr.settings.centre import Texts
from dawr.tickets import EndedBy, State, Ticket
from dawr.words import Words

SILENT_S = 30.0
"""So long may a device be gone before somebody has to look: it may have been started again."""


class LineNow(Message):
    """A line and those who wait in it."""

    line: str
    """Id of the line."""
    waiting: int
    """People who wait."""
    longest_wait_s: float | None
    """How long the one who has waited longest waits by now, in seconds; none if nobody waits."""
    longest_number: str | None
    """That one's number."""
    open_counters: int
    """Open counters that serve it."""


class CounterNowView(Message):
    """A counter and what happens at it."""

    counter: str
    """Id of the counter."""
    state: CounterState
    """Whether it calls people."""
    reason: str | None
    """Why it is on a break."""
    lines: list[str]
    """Ids of the lines it serves, in order."""
    number: str | None
    """Number of the visit in progress."""
    service: str | None
    """Id of its service."""
    ticket_state: State | None
    """Whether its visitor has come."""
    since: Instant | None
    """Since when: when the visitor came, or was called."""


class DayNow(Message):
    """The day so far. Times in seconds, none where nothing counts."""

    tickets: int
    """Tickets taken."""
    waiting: int
    """People who wait."""
    completed: int
    """Visits that ended at a counter."""
    no_shows: int
    """Visits to which nobody came."""
    left: int
    """Visits that were cancelled."""
    mean_wait_s: float | None
    """Mean waiting time, from issue to first call, of those who were called."""
    within_target: float | None
    """Share, 0..1, of the called who waited no longer than the target."""
    usual_tickets: float | None
    """Tickets that had been taken by this time on such a weekday, on average; none while the log is too young."""


class DeviceNow(Message):
    """A device that belongs to the centre, by its settings or because it was here today."""

    role: str
    """What it is: `kiosk`, `counter` or `board`."""
    id: str
    """Its id."""
    counter: str | None
    """The counter it belongs to."""
    connected: bool
    """Whether it is connected."""
    since: Instant | None
    """Since when it is, or is not; none if it was never here since the server started."""
    notes: list[str] = Field(default_factory=list)
    """What its staff should know, as it said itself, in sentences."""


class Trouble(StrEnum):
    """What needs somebody."""

    UNSERVED = "unserved"
    LONG_WAIT = "long_wait"
    SILENT = "silent"
    NOTED = "noted"
    UNSENT = "unsent"
    RECORD = "record"


class Alert(Message):
    """Something that needs somebody."""

    trouble: Trouble
    """What it is: a line that nobody serves, a wait beyond the target, a device that is gone or says so itself,
    something that the server could not send, or that its log is damaged or not as it was written."""
    subject: str
    """Id of the line or device; `mail` or `webhook`, or the kiosk that was to print, for what could not be sent; `log`
    for the log."""
    number: str | None = None
    """Number of the ticket that it is about."""
    sentence: str
    """What it is, in the language that was asked for."""


class Overview(Message):
    """The whole hall, for managers."""

    sequence: int
    """Sequence of the last event it shows."""
    at: Instant
    """When it was made, by the server's clock."""
    day: date | None
    """The business day."""
    today: DayNow
    """The day so far."""
    lines: list[LineNow]
    """Every line, in the order of the settings."""
    counters: list[CounterNowView]
    """Every counter, in the order of the settings."""
    stopped: dict[str, Texts] = Field(default_factory=dict)
    """Services that staff stopped, with the reason."""
    devices: list[DeviceNow]
    """Every device."""
    alerts: list[Alert]
    """What needs somebody, the worst first."""


def overview(
    hall: Hall,
    now: datetime,
    devices: Sequence[DeviceNow],
    usual_tickets: float | None,
    words: Words,
    own: Sequence[Alert] = (),
) -> Overview:
    """The hall for managers; what needs somebody is said in these words. `own`: what the server itself needs."""
    lines = _lines(hall, now)
    return Overview(
        sequence=hall.sequence,
        at=now,
        day=hall.day,
        today=_today(hall, usual_tickets),
        lines=lines,
        counters=[_counter(hall, one) for one in hall.counters.values()],
        stopped=dict(hall.stopped),
        devices=list(devices),
        alerts=[*_alerts(hall, lines, devices, now, words), *own],
    )


def alerts(hall: Hall, now: datetime, devices: Sequence[DeviceNow], words: Words) -> list[Alert]:
    """What needs somebody, the worst first, in these words."""
    return list(_alerts(hall, _lines(hall, now), devices, now, words))


def _lines(hall: Hall, now: datetime) -> list[LineNow]:
    waiting: dict[str, list[Ticket]] = {line: [] for line in hall.centre.line}
    for ticket in hall.in_state(State.WAITING):
        waiting[ticket.line].append(ticket)
    return [_line(hall, line, waiting[line], now) for line in waiting]


def _line(hall: Hall, line: str, waiting: Iterable[Ticket], now: datetime) -> LineNow:
    people = sorted(waiting, key=lambda ticket: ticket.joined_at)
    longest = people[0] if people else None
    return LineNow(
        line=line,
        waiting=len(people),
        longest_wait_s=max(0.0, (now - longest.joined_at).total_seconds()) if longest else None,
        longest_number=longest.number if longest else None,
        open_counters=hall.open_counters(line),
    )


def _counter(hall: Hall, counter: CounterNow) -> CounterNowView:
    ticket = hall.tickets[counter.ticket] if counter.ticket else None
    return CounterNowView(
        counter=counter.id,
        state=counter.state,
        reason=counter.reason,
        lines=list(counter.lines),
        number=ticket.number if ticket else None,
        service=ticket.service if ticket else None,
        ticket_state=ticket.state if ticket else None,
        since=(ticket.served_at or ticket.called_at) if ticket else None,
    )


def _today(hall: Hall, usual_tickets: float | None) -> DayNow:
    tickets = hall.tickets.values()
    waits = [(one.first_called_at - one.joined_at).total_seconds() for one in tickets if one.first_called_at]
    target_s = hall.centre.centre.target_minutes * 60
    return DayNow(
        tickets=len(tickets),
        waiting=_count(hall, State.WAITING),
        completed=sum(one.state is State.COMPLETED and one.ended_by is EndedBy.COUNTER for one in tickets),
        no_shows=_count(hall, State.NO_SHOW),
        left=_count(hall, State.CANCELLED),
        mean_wait_s=fmean(waits) if waits else None,
        within_target=fmean(wait <= target_s for wait in waits) if waits else None,
        usual_tickets=usual_tickets,
    )


def _count(hall: Hall, state: State) -> int:
    return sum(1 for _ in hall.in_state(state))


def _alerts(
    hall: Hall, lines: Sequence[LineNow], devices: Sequence[DeviceNow], now: datetime, words: Words
) -> Iterable[Alert]:
    minutes = hall.centre.centre.target_minutes
    named = {id: f"{line.letter} – {words.of(line.name)}" for id, line in hall.centre.line.items()}
    for line in lines:
        if line.waiting and not line.open_counters:
            said = words("alert.unserved", line=named[line.line])
            yield Alert(trouble=Trouble.UNSERVED, subject=line.line, sentence=said)
    for line in lines:
        if line.longest_wait_s is not None and line.longest_wait_s > minutes * 60:
            said = words("alert.long_wait", line=named[line.line], number=line.longest_number, minutes=minutes)
            yield Alert(trouble=Trouble.LONG_WAIT, subject=line.line, number=line.longest_number, sentence=said)
    for device in devices:
        gone_s = (now - device.since).total_seconds() if device.since else SILENT_S
        if device.role == "kiosk" and not device.connected and gone_s >= SILENT_S:
            said = words("alert.silent", device=device.id)
            yield Alert(trouble=Trouble.SILENT, subject=device.id, sentence=said)
        elif device.notes:
            said = words("alert.noted", device=device.id, note=device.notes[0])
            yield Alert(trouble=Trouble.NOTED, subject=device.id, sentence=said)
