"""The calling rule: who is next at a counter.

Order of arrival; a class with a credit counts as if it had come that much earlier; nobody is overtaken more than
five times. A ticket is overtaken when someone who came later is called at a counter that could have called it.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from dawr.tickets import State, Ticket

MOST_OVERTAKEN = 5


def counted_from(joined_at: datetime, credit: timedelta) -> datetime:
    """The time from which a ticket counts: when it joined, less the credit of its class."""
    return joined_at - credit


def eligible(tickets: Iterable[Ticket], counter: str, lines: Iterable[str]) -> list[Ticket]:
    """The waiting tickets that a counter with these lines may call: its lines' own and those sent to it."""
    served = frozenset(lines)
    return [
        ticket
        for ticket in tickets
        if ticket.state is State.WAITING
        and (ticket.for_counter == counter if ticket.for_counter else ticket.line in served)
    ]


def pick(waiting: Iterable[Ticket]) -> Ticket | None:
    """Who is next among eligible tickets; None when there is none."""
    waiting = list(waiting)
    if not waiting:
        return None
    first = min(waiting, key=_order)
    protected = [one for one in waiting if one.overtaken >= MOST_OVERTAKEN and came_before(one, first)]
    return _ahead_in_its_line(min(protected, key=_arrival), waiting) if protected else first


def _ahead_in_its_line(protected: Ticket, waiting: Iterable[Ticket]) -> Ticket:
    """Who came before it in the same line and class goes first even now: it may have been handed in later, and so have
    been overtaken less often.
    """
    kind = protected.line, protected.visitor_class
    before = (one for one in waiting if (one.line, one.visitor_class) == kind and came_before(one, protected))
    return min(before, key=_order, default=protected)


def overtaken_by(called: Ticket, waiting: Iterable[Ticket]) -> list[Ticket]:
    """Those among the eligible tickets whom this call overtakes: they came before and still wait."""
    return [one for one in waiting if one.id != called.id and came_before(one, called)]


def came_before(one: Ticket, other: Ticket) -> bool:
    """Whether one joined earlier; the id decides between equal times."""
    return _arrival(one) < _arrival(other)


def ahead(ticket: Ticket, waiting: Iterable[Ticket]) -> int:
    """How many of the waiting tickets count from earlier than this one."""
    return sum(_order(one) < _order(ticket) for one in waiting)


def _order(ticket: Ticket) -> tuple[datetime, str]:
    return ticket.counted_from, ticket.id


def _arrival(ticket: Ticket) -> tuple[datetime, str]:
    return ticket.joined_at, ticket.id
