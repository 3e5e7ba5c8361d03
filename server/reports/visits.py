"""The visits of some days as columns of numbers, read from the tickets of the log.

One record a ticket taken, in `RECORD`; ids of services, lines and counters are places in `Names`. Waiting time is issue
to first call. Service time is arrival at the counter (or the call, where nobody pressed "serve") to completion, of the
visits that a counter completed. What did not happen is NaN.
"""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import numpy as np
import numpy.typing as npt

from dawr.settings.centre import Centre
from dawr.tickets import EndedBy, State
from server.reports.counter_times import CounterTime

Records = npt.NDArray[np.void]
Column = npt.NDArray[Any]

RECORD = np.dtype(
    [
        ("day", "<i4"),
        ("number", "S8"),
        ("service", "<u2"),
        ("line", "<u2"),
        ("counter", "<u2"),
        ("half_hour", "u1"),
        ("state", "u1"),
        ("out_of_order", "u1"),
        ("transfers", "<u2"),
        ("overtaken", "<u2"),
        ("wait_s", "<f8"),
        ("service_s", "<f8"),
        ("parked_s", "<f8"),
    ]
)
"""`day` is the business day's ordinal, `number` the ticket's (a letter and up to seven digits), `half_hour` 0..47 of
the centre's clock when it was taken, `counter` the first that called it, `state` a place in `STATES`; `parked_s` is all
the time that it was set aside."""

STATES = tuple(State)
"""The states of a ticket in the order of their numbers."""

_SELECT = """
    SELECT day, service, line, first_counter, state, ended_by, joined_at, first_called_at, called_at, served_at,
        ended_at, parked_s, transfers, overtaken, out_of_order, number FROM ticket WHERE day BETWEEN ? AND ?
    ORDER BY day, number
    """


@dataclass
class Names:
    """Numbers for ids, the same as long as this lives; 0 is nobody."""

    ids: list[str] = field(default_factory=lambda: [""])

    def __post_init__(self) -> None:
        self._numbers = {id: number for number, id in enumerate(self.ids)}

    def number(self, id: str | None) -> int:
        """The number of an id, a new one if it is new."""
        if id is None:
            return 0
        if id not in self._numbers:
            self._numbers[id] = len(self.ids)
            self.ids.append(id)
        return self._numbers[id]


@dataclass(frozen=True)
class Visits:
    """What happened on some days."""

    records: Records
    names: Names
    counter_times: list[CounterTime]
    """How the counters spent each of the days."""


def read_visits(log: sqlite3.Connection, centre: Centre, first: date, last: date, names: Names) -> Records:
    """The visits of the business days `first` to `last` from the tickets themselves: some 200,000 a second."""
    rows = log.execute(_SELECT, (first.isoformat(), last.isoformat()))
    return np.array([_record(row, centre, names) for row in rows], RECORD)


def joined(parts: Iterable[bytes]) -> Records:
    """Records that were kept as bytes."""
    return np.frombuffer(b"".join(parts), RECORD)


def _record(row: tuple[Any, ...], centre: Centre, names: Names) -> tuple[Any, ...]:
    (day, service, line, counter, state, ended_by, joined_at, first_called_at) = row[:8]
    (called_at, served_at, ended_at, parked_s, transfers, overtaken, out_of_order, number) = row[8:]
    at = datetime.fromtimestamp(joined_at, centre.zone)
    was_served = state == State.COMPLETED and ended_by == EndedBy.COUNTER
    return (
        date.fromisoformat(day).toordinal(),
        number,
        names.number(service),
        names.number(line),
        names.number(counter),
        at.hour * 2 + at.minute // 30,
        STATES.index(State(state)),
        out_of_order,
        transfers,
        overtaken,
        _between(joined_at, first_called_at),
        _between(called_at if served_at is None else served_at, ended_at) if was_served else float("nan"),
        parked_s,
    )


def _between(start: float | None, end: float | None) -> float:
    return float("nan") if start is None or end is None else end - start
