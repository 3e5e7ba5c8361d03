"""What the sender of a command is told once it is done, as it goes on the wire."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from dawr.hall import Hall
from dawr.messages import (
    AskCopy,
    CancelTicket,
    Command,
    Complete,
    CounterCommand,
    Event,
    HandIn,
    IssueTicket,
    MarkNoShow,
    Message,
    OfferService,
    Park,
    Resume,
    StopService,
    TicketEvent,
    Transfer,
)
from dawr.views import copy_view, counter_view, service_view, ticket_view

# The ticket of these is no longer at the counter, or never was there; of the others it is the one that is.
_MOVES_A_TICKET = (Complete, MarkNoShow, Park, Resume, Transfer)


def answer(hall: Hall, command: Command, events: Sequence[Event], new_id: str, now: datetime) -> dict[str, Any]:
    """The answer to a command that made these events of this hall; `new_id` is that of a ticket or copy it made.

    Its shape is that of the command's answer in `server.interface.routes`.
    """
    match command:
        case IssueTicket():
            said: dict[str, Any] = {"ticket": _ticket(hall, new_id)}
        case HandIn(tickets=tickets):
            said = {"stored": [ticket.id for ticket in tickets]}
        case AskCopy():
            said = {"copy": _wire(copy_view(hall.copies[new_id]))}
        case CancelTicket(ticket=ticket):
            said = {"ticket": _ticket(hall, hall.ticket(ticket).id)}
        case CounterCommand(counter=counter):
            about = _ticket_of(events) if isinstance(command, _MOVES_A_TICKET) else hall.counter(counter).ticket
            said = {"ticket": _ticket(hall, about), "counter": _wire(counter_view(hall, counter, now))}
        case StopService(service=service) | OfferService(service=service):
            view = service_view(hall, hall.centre.service[service], now, hall.waiting())
            said = {"service": _wire(view)}
        case _:
            said = {}
    return {**said, "sequence": hall.sequence}


def _ticket_of(events: Sequence[Event]) -> str | None:
    return next((event.ticket for event in events if isinstance(event, TicketEvent)), None)


def _ticket(hall: Hall, id: str | None) -> dict[str, Any] | None:
    return _wire(ticket_view(hall, hall.tickets[id])) if id else None


def _wire(view: Message) -> dict[str, Any]:
    return view.model_dump(mode="json", by_alias=True)
