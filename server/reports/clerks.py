"""Visits by the clerk who called each one last: the person whose calls, service times and no-shows they are.

It is reckoned from the log each time and kept nowhere else, so that nothing of it outlives what the log still knows of
who pressed. A centre has to switch it on, for how somebody works is about a person.
"""

import sqlite3
from collections.abc import Set as AbstractSet
from datetime import date
from typing import NamedTuple, get_args

import numpy as np

from dawr.errors import ClerkFiguresOff, NobodySignsIn
from dawr.settings.centre import Centre, Language, Texts
from dawr.text import without_isolates
from dawr.words import Words
from server.keeping.log import stretch_between
from server.reports.groups import split
from server.reports.visits import Names, Records

BY = "clerk"
"""How this grouping is called beside `GROUPS`."""

# Of a bare column beside one max(), SQLite gives the value of the row that has it.
_LAST_CALLS = """
    SELECT ticket.day, ticket.number, (SELECT id FROM sender WHERE number = last.sender), last.out_of_order FROM (
        SELECT ticket, sender, json_extract(body, '$.out_of_order') AS out_of_order, max(sequence) FROM event
        WHERE sequence BETWEEN :start AND :end AND name = 'TicketCalled' AND command NOT IN (
            SELECT command FROM event WHERE sequence IN (
                SELECT json_extract(body, '$.undone') FROM event
                WHERE sequence BETWEEN :start AND :end AND name = 'ActionUndone'
            )
        )
        GROUP BY ticket
    ) AS last JOIN ticket ON ticket.id = last.ticket
    """


class Clerk(NamedTuple):
    """What a clerk is called, and the visits that they called last; out of order are those of which that call was."""

    name: Texts
    records: Records


def by_clerk(
    log: sqlite3.Connection,
    centre: Centre,
    records: Records,
    first: date,
    last: date,
    present: AbstractSet[str] | None,
) -> dict[str, Clerk]:
    """The visits of some days by the ids of the clerks, in the order of their names; devices are among them.

    `present` are the ids of those who still belong, None where it is known of nobody: then `NobodySignsIn`.
    `ClerkFiguresOff` where the centre does not want it.
    """
    if present is None:
        raise NobodySignsIn("who pressed is told to nobody, for nobody signs in")
    if not centre.privacy.clerk_figures:
        raise ClerkFiguresOff("the centre's settings do not want figures by clerk")
    ids, calls = Names(), {}
    start, end = stretch_between(log, first, last)
    for day, number, id, out_of_order in log.execute(_LAST_CALLS, {"start": start, "end": end}):
        calls[date.fromisoformat(day).toordinal(), number.encode()] = ids.number(id), bool(out_of_order)
    places = zip(records["day"].tolist(), records["number"].tolist(), strict=True)
    found = np.array([calls.get(place, (0, False)) for place in places], "u2").reshape(-1, 2)
    of_the_last = records.copy()
    of_the_last["out_of_order"] = found[:, 1]
    names = {id: shown_name(name, id in present) for id, name in log.execute("SELECT id, name FROM sender")}
    clerks = {
        ids.ids[number]: Clerk(names[ids.ids[number]], those)
        for number, those in split(of_the_last, found[:, 0])
        if number
    }
    return dict(sorted(clerks.items(), key=lambda one: (one[1].name["en"], one[0])))


def shown_name(name: str, belongs: bool) -> Texts:
    """What somebody is called in each language; of those who belong no longer it says so."""
    return {
        language: name if belongs else without_isolates(Words(language)("report.gone", name=name))
        for language in get_args(Language)
    }
