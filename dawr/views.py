"""What is told of a hall apart from its board: a ticket, a counter, the services, and a kiosk's menu.

Views are values made whole from the hall; whoever missed some is right again after one.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from datetime import date, datetime

from pydantic import Field

from dawr import calling
from dawr.decide import UNDO, undoable
from dawr.estimate import learned_minutes, minutes_per_call, wait_minutes
from dawr.hall import Copy, CounterNow, CounterState, Hall
from dawr.hours import offer
from dawr.messages import CopyOutcome, Instant, Message
from dawr.settings.centre import Centre, Service, Texts
from dawr.tickets import State, Ticket

NO_SHOWS_SHOWN = 20


class TicketView(Message):
    """A ticket as it is now."""

    id: str
    """What machines use."""
    number: str
    """What people read."""
    day: date
    """Its business day."""
    state: State
    """Where it is in its life."""
    service: str
    """Id of the service."""
    line: str
    """Id of the line."""
    visitor_class: str | None = Field(alias="class")
    """Id of the class of visitors."""
    language: str
    """Language of the visitor."""
    reference: str | None = None
    """What the visitor typed, such as a transaction number; only for the counter where they are."""
    issuer: str
    """Who gave the number."""
    joined_at: Instant
    """When it was taken."""
    called_at: Instant | None
    """When it was called last."""
    served_at: Instant | None
    """When its visitor came to the counter."""
    ended_at: Instant | None
    """When the visit ended."""
    counter: str | None
    """Id of the counter that called it last."""
    for_counter: str | None
    """Id of the only counter that shall call it."""
    recalls: int
    """How often it was recalled since its call."""
    overtaken: int
    """How many who came later were called before it."""
    in_doubt: bool
    """Whether the slip may not have come out."""
    ahead: int | None
    """People in the same line who will be called before it; none unless it waits."""
    wait_minutes: tuple[int, int] | None
    """Range of minutes that it will probably still wait; none unless it waits."""


class CopyView(Message):
    """A copy of a ticket's slip."""

    id: str
    """Id of the copy."""
    ticket: str
    """Id of the ticket."""
    number: str
    """Its number."""
    kiosk: str
    """Id of the kiosk on whose printer it comes out."""
    outcome: CopyOutcome | None
    """`printed`: the printer proved it; `in_doubt`: it may have come out; none while its kiosk has not told."""


class SetAside(Message):
    """A ticket that is set aside and that a clerk can take up: one that is parked, or did not show up."""

    id: str
    """What machines use."""
    number: str
    """What people read."""
    service: str
    """Id of the service."""
    state: State
    """`parked` or `no_show`."""
    reason: str | None
    """Why it is parked."""
    by_visitor: bool
    """Whether its visitor parked it and asked for more time; any counter can take it up all the same."""
    since: Instant
    """Since when."""
    counter: str | None
    """Id of the counter that set it aside, or had called it when its visitor did; none if it was never called."""


class CounterView(Message):
    """A counter as its clerk sees it."""

    sequence: int
    """Sequence of the last event it shows."""
    id: str
    """Id of the counter."""
    state: CounterState
    """Whether it calls people."""
    reason: str | None
    """Why it is on a break."""
    lines: list[str]
    """Ids of the lines it serves, in order."""
    ticket: TicketView | None
    """The visit in progress."""
    asked_for_time: str | None
    """Number of the visitor who was called here last and asked for more time instead of coming."""
    waiting: int
    """People whom it could call."""
    waiting_in: dict[str, int]
    """The same by the id of their line: each line that it serves, and others where somebody was sent to it."""
    set_aside: list[SetAside]
    """Of its lines and its own: every parked ticket, then the latest no-shows, who came last comes first."""
    served: int
    """Visits that it completed today."""
    mean_service_s: float | None
    """Mean service time of these in seconds; none while there are none."""
    next: str | None
    """Number of the ticket that the calling rule would pick now."""
    undo_until: Instant | None
    """Until when the last action can be taken back."""


class ServiceView(Message):
    """A service and whether it takes tickets now."""

    id: str
    """Id of the service."""
    name: Texts
    """Its name in each language."""
    category: str
    """Id of its category."""
    line: str
    """Id of its line."""
    papers: list[Texts]
    """The papers to bring."""
    fee: int | None
    """The centre's fee in its currency."""
    usual_minutes: int
    """How long it usually takes at the counter."""
    open: bool
    """Whether it takes tickets now."""
    why_closed: str | None
    """Key of the reason when it does not."""
    reason: Texts | None
    """The reason in words, where staff or settings gave one."""
    issued_today: int
    """Tickets given today."""
    waiting: int
    """People who wait in its line."""
    wait_minutes: tuple[int, int]
    """Range of minutes that a ticket taken now would probably wait."""


class MenuLine(Message):
    """What a kiosk has to know of a line."""

    waiting: int
    """People who wait."""
    open_counters: int
    """Open counters that serve it."""
    minutes_per_call: float | None
    """Learned minutes between two calls; none while there are too few."""


class Menu(Message):
    """The live part of what a kiosk offers; with the settings it can decide alone from the last one it got."""

    epoch: str
    """Id born with the log."""
    sequence: int
    """Sequence of the last event it shows."""
    day: date | None
    """The business day."""
    stopped: dict[str, Texts]
    """Services that staff stopped, with the reason."""
    issued_today: dict[str, int]
    """Tickets given today by each service that gave any."""
    lines: dict[str, MenuLine]
    """Every line."""
    used_numbers: dict[str, dict[str, int]]
    """How many numbers each issuer has used up today: issuer → line id → count."""


def ticket_view(hall: Hall, ticket: Ticket) -> TicketView:
    """A ticket as it is now, with its place if it waits."""
    ahead = hall.ahead_of(ticket) if ticket.state is State.WAITING else None
    return TicketView(
        id=ticket.id,
        number=ticket.number,
        day=ticket.day,
        state=ticket.state,
        service=ticket.service,
        line=ticket.line,
        visitor_class=ticket.visitor_class,
        language=ticket.language,
        issuer=ticket.issuer,
        joined_at=ticket.joined_at,
        called_at=ticket.called_at,
        served_at=ticket.served_at,
        ended_at=ticket.ended_at,
        counter=ticket.counter,
        for_counter=ticket.for_counter,
        recalls=ticket.recalls,
        overtaken=ticket.overtaken,
        in_doubt=ticket.in_doubt,
        ahead=ahead,
        wait_minutes=None if ahead is None else wait_minutes(ahead, _per_call(hall, ticket.line, ticket.service)),
    )


def _at_counter(hall: Hall, ticket: Ticket) -> TicketView:
    return ticket_view(hall, ticket).model_copy(update={"reference": ticket.reference})


def copy_view(copy: Copy) -> CopyView:
    """A copy as it stands."""
    return CopyView(id=copy.id, ticket=copy.ticket, number=copy.number, kiosk=copy.kiosk, outcome=copy.outcome)


def counter_view(hall: Hall, id: str, now: datetime) -> CounterView:
    """A counter as its clerk sees it. `UnknownCounter` if there is none."""
    counter = hall.counter(id)
    waiting = hall.eligible_at(id)
    following = calling.pick(waiting)
    action = undoable(hall, id, now)
    return CounterView(
        sequence=hall.sequence,
        id=id,
        state=counter.state,
        reason=counter.reason,
        lines=list(counter.lines),
        ticket=_at_counter(hall, hall.tickets[counter.ticket]) if counter.ticket else None,
        asked_for_time=_asked_for_time(hall, counter),
        waiting=len(waiting),
        waiting_in=_by_line(counter.lines, waiting),
        set_aside=[_set_aside(one) for one in _to_take_up(hall, counter)],
        served=counter.served,
        mean_service_s=counter.service.total_seconds() / counter.served if counter.served else None,
        next=following.number if following else None,
        undo_until=action.at + UNDO if action else None,
    )


def without_reference(view: CounterView) -> CounterView:
    """A counter without what its visitor typed, which only its clerk is told."""
    ticket = view.ticket and view.ticket.model_copy(update={"reference": None})
    return view.model_copy(update={"ticket": ticket})


def for_its_visitor(view: CounterView) -> CounterView:
    """A counter as its tablet is told, which faces the visitor: ids of others' tickets open these on any phone."""
    return without_reference(view).model_copy(update={"set_aside": []})


def _asked_for_time(hall: Hall, counter: CounterNow) -> str | None:
    last = next((hall.tickets[call.ticket] for call in reversed(hall.calls) if call.counter == counter.id), None)
    return last.number if last and last.stepped_aside and last.counter == counter.id else None


def _by_line(lines: Iterable[str], waiting: Iterable[Ticket]) -> dict[str, int]:
    tally = dict.fromkeys(lines, 0)
    for one in waiting:
        tally[one.line] = tally.get(one.line, 0) + 1
    return tally


def _to_take_up(hall: Hall, counter: CounterNow) -> Iterator[Ticket]:
    """Hundreds may be missing by the evening: those who come back do so soon, and any can be called by its number."""
    for state, most in ((State.PARKED, None), (State.NO_SHOW, NO_SHOWS_SHOWN)):
        mine = (one for one in hall.in_state(state) if one.line in counter.lines or one.counter == counter.id)
        yield from reversed(deque(mine, most))


def _set_aside(ticket: Ticket) -> SetAside:
    since = ticket.parked_at or ticket.ended_at
    assert since is not None
    return SetAside(
        id=ticket.id,
        number=ticket.number,
        service=ticket.service,
        state=ticket.state,
        reason=ticket.parked_reason,
        by_visitor=ticket.stepped_aside,
        since=since,
        counter=ticket.counter,
    )


def service_view(hall: Hall, service: Service, now: datetime, waiting: dict[str, int]) -> ServiceView:
    """A service and whether it takes tickets now; `waiting` is `hall.waiting()`."""
    about = offer(hall.centre, service, now, hall.issued_for[service.id], hall.stopped.get(service.id))
    return ServiceView(
        id=service.id,
        name=service.name,
        category=service.category,
        line=service.line,
        papers=list(service.papers),
        fee=service.fee,
        usual_minutes=service.usual_minutes,
        open=about.open,
        why_closed=about.why,
        reason=about.reason,
        issued_today=hall.issued_for[service.id],
        waiting=waiting[service.line],
        wait_minutes=wait_minutes(waiting[service.line], _per_call(hall, service.line, service.id)),
    )


def menu(hall: Hall, epoch: str) -> Menu:
    """The live part of what the kiosks offer."""
    waiting = hall.waiting()
    return Menu(
        epoch=epoch,
        sequence=hall.sequence,
        day=hall.day,
        stopped=dict(hall.stopped),
        issued_today=dict(hall.issued_for),
        lines={
            line: MenuLine(
                waiting=people,
                open_counters=hall.open_counters(line),
                minutes_per_call=learned_minutes(hall.line_calls[line]),
            )
            for line, people in waiting.items()
        },
        used_numbers={issuer: dict(lines) for issuer, lines in hall.issued.items()},
    )


def closed_menu(centre: Centre) -> Menu:
    """What a kiosk goes by before it has ever heard from a server."""
    return menu(Hall(centre), epoch="")


def _per_call(hall: Hall, line: str, service: str) -> float:
    return minutes_per_call(
        learned_minutes(hall.line_calls[line]), hall.centre.service[service].usual_minutes, hall.open_counters(line)
    )
