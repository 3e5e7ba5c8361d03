"""The tickets behind a figure, and what happened to one of them."""

import json
import sqlite3
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from dawr.errors import BadMessage, UnknownTicket
from dawr.messages import Instant, Message
from dawr.settings.centre import Centre
from dawr.tickets import State
from server.access.who import Who
from server.keeping.log import refuse_removed, senders, stretch_of, without_reference
from server.reports.clerks import BY, by_clerk
from server.reports.groups import group
from server.reports.history import visits
from server.reports.visits import STATES, Column, Records
from server.reports.waiting import check_by, check_period

A_PAGE = 50


class PastTicket(Message):
    """A ticket of any day, as a report shows it; times in seconds, None for what did not happen."""

    id: str
    """Id of the ticket."""
    number: str
    """Its number."""
    day: date
    """Its business day."""
    service: str
    """Id of its service."""
    line: str
    """Id of its line."""
    counter: str | None
    """Id of the counter that called it first."""
    state: State
    """What became of it."""
    joined_at: Instant
    """When it was taken."""
    wait_s: float | None
    """Waiting time: issue to first call."""
    service_s: float | None
    """Service time; None unless a counter completed the visit."""
    parked_s: float
    """All the time that it was set aside."""
    transfers: int
    """How often it was transferred."""
    overtaken: int
    """How often it was overtaken."""
    out_of_order: bool
    """Whether a clerk chose it instead of the calling rule."""


class PastTickets(Message):
    """A page of the tickets behind a figure, the longest wait first."""

    total: int
    """How many there are on all pages."""
    page: int
    """Which page this is, from 1."""
    pages: int
    """How many pages there are, at least one."""
    tickets: list[PastTicket]
    """The tickets of this page."""


class Happening(Message):
    """Something that happened to a ticket."""

    at: Instant
    """When."""
    name: str
    """Name of the event."""
    event: dict[str, Any]
    """The event as it is in the log; what is at its default is left out."""
    who: str | None
    """Who did it, where a person or a device is known, and whoever asks may be told."""


class Timeline(Message):
    """Everything that happened to a ticket, oldest first."""

    ticket: PastTicket
    """The ticket."""
    happenings: list[Happening]
    """What happened; an action that was taken back is followed by `ActionUndone`."""


_COLUMNS = """
    id, number, day, service, line, first_counter, state, joined_at, first_called_at - joined_at,
    CASE WHEN state = 'completed' AND ended_by = 'counter' THEN ended_at - coalesce(served_at, called_at) END,
    parked_s, transfers, overtaken, out_of_order
    """


@dataclass(frozen=True, slots=True)
class Which:
    """Which tickets: those of a period, of a group (`by` and its `key`, or of any) and of a figure (`show`)."""

    first: date
    last: date
    by: str = ""
    key: str = ""
    show: str = "visits"


SHOWN: Mapping[str, Callable[[Records, float], Column]] = {
    "visits": lambda records, _target_s: np.full(len(records), True),
    "called": lambda records, _target_s: ~np.isnan(records["wait_s"]),
    "over_target": lambda records, target_s: records["wait_s"] > target_s,
    "completed": lambda records, _target_s: _are(records, State.COMPLETED),
    "no_shows": lambda records, _target_s: _are(records, State.NO_SHOW),
    "left": lambda records, _target_s: _are(records, State.CANCELLED),
    "transferred": lambda records, _target_s: records["transfers"] > 0,
    "parked": lambda records, _target_s: records["parked_s"] > 0,
    "overtaken": lambda records, _target_s: records["overtaken"] > 0,
    "out_of_order": lambda records, _target_s: records["out_of_order"] > 0,
}
"""Which visits a figure counts; `over_target` are those that are not within it."""


def tickets(
    log: sqlite3.Connection,
    centre: Centre,
    which: Which,
    page: int = 1,
    folder: Path | None = None,
    present: AbstractSet[str] | None = None,
) -> PastTickets:
    """A page of the tickets. `BadMessage` for a period, grouping or figure that there is not; by clerk as `waiting`."""
    check_period(which.first, which.last)
    if which.by:
        check_by(which.by)
    if which.show not in SHOWN:
        raise BadMessage(f"show={which.show} is unknown", mistakes=[{"field": "show", "message": "unknown"}])
    found = visits(log, centre, which.first, which.last, folder)
    records = found.records
    if which.by == BY:
        clerks = by_clerk(log, centre, records, which.first, which.last, present)
        records = clerks[which.key].records if which.key in clerks else records[:0]
    elif which.by:
        records = group(records, found.names, which.by, which.key)
    records = records[SHOWN[which.show](records, centre.centre.target_minutes * 60.0)]
    longest_first = np.argsort(-records["wait_s"], kind="stable")  # what was never called comes last
    pages = max(1, -(-len(records) // A_PAGE))
    shown = records[longest_first[(page - 1) * A_PAGE : page * A_PAGE]]
    return PastTickets(total=len(records), page=page, pages=pages, tickets=[_of_record(log, one) for one in shown])


def _are(records: Records, state: State) -> Column:
    those: Column = records["state"] == STATES.index(state)
    return those


def _of_record(log: sqlite3.Connection, record: Any) -> PastTicket:
    place = date.fromordinal(record["day"]).isoformat(), record["number"].decode()
    return _past_ticket(log.execute(f"SELECT {_COLUMNS} FROM ticket WHERE (day, number) = (?, ?)", place).fetchone())


def timeline(log: sqlite3.Connection, id: str, name_of: Callable[[Who], str | None] = lambda _who: None) -> Timeline:
    """What happened to the ticket of this id. `UnknownTicket` if there is none, `DetailsRemoved` for an old one.

    `name_of` says what whoever did it is called, if that may be told.
    """
    row = log.execute(f"SELECT {_COLUMNS} FROM ticket WHERE id = ?", (id,)).fetchone()
    if row is None:
        raise UnknownTicket(f"there is no ticket {id}", ticket=id)
    ticket = _past_ticket(row)
    refuse_removed(log, ticket.day)
    # It may have been handed in a day late.
    start, _ = stretch_of(log, ticket.day)
    _, end = max(stretch_of(log, ticket.day + timedelta(days=later)) for later in range(3))
    values = {"start": start, "end": end, "ticket": id}
    own = log.execute(
        "SELECT sequence, at, name, body, command FROM event"
        " WHERE sequence BETWEEN :start AND :end AND ticket = :ticket",
        values,
    ).fetchall()
    undone = log.execute(
        "SELECT undoing.sequence, undoing.at, undoing.name, undoing.body, undoing.command FROM event AS undoing"
        " JOIN event AS last ON last.sequence = json_extract(undoing.body, '$.undone')"
        " WHERE undoing.sequence BETWEEN :start AND :end AND undoing.name = 'ActionUndone'"
        " AND last.command IN (SELECT value FROM json_each(:commands))",
        {**values, "commands": json.dumps([command for *_, command in own])},
    ).fetchall()
    happened = sorted(own + undone)
    names = {sequence: name_of(one) for sequence, one in senders(log, [place for place, *_ in happened]).items()}
    return Timeline(
        ticket=ticket,
        happenings=[
            Happening(at=datetime.fromisoformat(at), name=name, event=without_reference(body), who=names.get(sequence))
            for sequence, at, name, body, _command in happened
        ],
    )


def _past_ticket(row: tuple[Any, ...]) -> PastTicket:
    (id, number, day, service, line, counter, state, joined_at, wait_s) = row[:9]
    (service_s, parked_s, transfers, overtaken, out_of_order) = row[9:]
    return PastTicket(
        id=id,
        number=number,
        day=day,
        service=service,
        line=line,
        counter=counter,
        state=state,
        joined_at=datetime.fromtimestamp(joined_at, UTC),
        wait_s=wait_s,
        service_s=service_s,
        parked_s=parked_s,
        transfers=transfers,
        overtaken=overtaken,
        out_of_order=bool(out_of_order),
    )
