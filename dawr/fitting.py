"""Whether a hall in the middle of its day can go on with other settings.

Tickets, counters and numbers of today are in the log by their ids, and on paper. What the log of today names has to be
there until another day begins.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from dawr.board import board
from dawr.hall import Hall, rebuild
from dawr.hours import business_day
from dawr.messages import (
    CounterEvent,
    CounterOpened,
    Event,
    NumberSkipped,
    TicketCarried,
    TicketIssued,
    TicketTransferred,
)
from dawr.overview import overview
from dawr.settings.centre import SERVER, Centre
from dawr.settings.mistakes import Named, WrongKey
from dawr.views import counter_view, menu, ticket_view
from dawr.words import Words

Commands = Iterable[Sequence[tuple[int, Event]]]


@dataclass
class _Named:
    """What the log of today names, by its ids."""

    services: set[str] = field(default_factory=set)
    lines: set[str] = field(default_factory=set)
    classes: set[str] = field(default_factory=set)
    counters: set[str] = field(default_factory=set)
    issuers: set[str] = field(default_factory=set)


def misfits(hall: Hall, today: Commands, new: Centre, now: datetime) -> list[WrongKey]:
    """Why the hall, whose log of today this is, cannot go on with a new centre; empty when it can."""
    commands = [list(events) for events in today]
    named = _named(event for events in commands for _, event in events)
    wrongs = [
        *_vanished(hall.centre, new, named),
        *_other_letters(hall.centre, new, named),
        *_other_lines(hall.centre, new, named),
        *_other_numbers(hall.centre, new, named),
        *_other_day(hall, new, now),
    ]
    return wrongs or list(_unforeseen(lambda: _rehearse(new, commands, now)))


def _named(events: Iterable[Event]) -> _Named:
    named = _Named()
    for event in events:
        match event:
            case TicketIssued() | TicketCarried():
                named.services.add(event.service)
                named.lines.add(event.line)
                named.issuers.add(event.issuer)
                named.classes |= {event.visitor_class} if event.visitor_class else set()
            case TicketTransferred():
                named.services.add(event.service)
                named.lines.add(event.line)
            case NumberSkipped():
                named.lines.add(event.line)
                named.issuers.add(event.issuer)
            case CounterOpened():
                named.counters.add(event.counter)
                named.lines |= set(event.lines)
            case CounterEvent():
                named.counters.add(event.counter)
    return named


def _vanished(old: Centre, new: Centre, named: _Named) -> Iterator[WrongKey]:
    for table, ids, was, now in (
        ("service", named.services, old.service, new.service),
        ("line", named.lines, old.line, new.line),
        ("class", named.classes, old.visitor_class, new.visitor_class),
        ("counter", named.counters, old.counter, new.counter),
        ("kiosk", named.issuers - {SERVER}, {one.id: one for one in old.kiosks}, {one.id for one in new.kiosks}),
    ):
        for id, one in was.items():  # in the order of the file
            if id in ids and id not in now:
                name = getattr(one, "name", None)
                yield WrongKey(table, f"needed_{table}", name=Named(name) if name else id, time=_next_day(old))


def _other_letters(old: Centre, new: Centre, named: _Named) -> Iterator[WrongKey]:
    for place, line in enumerate(new.lines, 1):
        before = old.line.get(line.id)
        if line.id in named.lines and before and before.letter != line.letter:
            yield WrongKey(f"line[{place}].letter", "needed_letter", letter=before.letter, time=_next_day(old))


def _other_lines(old: Centre, new: Centre, named: _Named) -> Iterator[WrongKey]:
    """A kiosk may have given a number of the line before, and not handed it in yet."""
    for place, service in enumerate(new.services, 1):
        before = old.service.get(service.id)
        if service.id in named.services and before and before.line != service.line:
            line = Named(old.line[before.line].name)
            yield WrongKey(f"service[{place}].line", "needed_line_of_service", line=line, time=_next_day(old))


def _other_numbers(old: Centre, new: Centre, named: _Named) -> Iterator[WrongKey]:
    keys = {one.id: f"kiosk[{place}].numbers_from" for place, one in enumerate(new.kiosks, 1)}
    for issuer, key in {**keys, SERVER: "centre.server_numbers_from"}.items():
        if issuer in named.issuers and _parts(old, issuer) != _parts(new, issuer):
            yield WrongKey(key, "needed_numbers", issuer=issuer, time=_next_day(old))


def _parts(centre: Centre, issuer: str) -> tuple[object, object]:
    return centre.ranges.get(issuer), centre.spares.get(issuer)


def _other_day(hall: Hall, new: Centre, now: datetime) -> Iterator[WrongKey]:
    """Another business day would send away everybody who waits."""
    if hall.tickets and business_day(new, now) != business_day(hall.centre, now):
        zone = new.centre.timezone != hall.centre.centre.timezone
        yield WrongKey("centre.timezone" if zone else "centre.day_starts", "needed_day", time=_next_day(hall.centre))


def _next_day(centre: Centre) -> str:
    return f"{centre.centre.day_starts:%H:%M}"


def _unforeseen(rehearse: Callable[[], None]) -> Iterator[WrongKey]:
    """A server that cannot begin anew would stand still until somebody repairs its file: better to refuse."""
    try:
        rehearse()
    except Exception as problem:
        yield WrongKey("-", "unfit", reason=f"{type(problem).__name__}: {problem}")


def _rehearse(centre: Centre, commands: Commands, now: datetime) -> None:
    """Begin the day anew with the new centre, and make every view of it once."""
    hall = rebuild(centre, commands)
    board(hall, "", now)
    menu(hall, "")
    overview(hall, now, [], None, Words("en"))
    for ticket in hall.tickets.values():
        ticket_view(hall, ticket)
    for counter in hall.counters:
        counter_view(hall, counter, now)
