"""The waiting report: how long people waited, from the visits of a period.

Waiting time is issue to first call and counts the visits that were called; the target's share is of those too.
Service time is arrival at the counter (or the call, where nobody pressed "serve") to completion and counts the
visits that a counter completed. A new way to group has one entry in `GROUPS`.
"""

import csv
import io
import math
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from statistics import fmean
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import Field

from dawr.errors import BadMessage
from dawr.messages import Message
from dawr.settings.centre import WEEKDAYS, Centre, Counter, Line, Service, Texts
from dawr.words import Words


@dataclass(frozen=True, slots=True)
class Visit:
    """What a report needs of a ticket; times are Unix seconds."""

    service: str
    line: str
    counter: str | None
    state: str
    ended_by: str | None
    joined_at: float
    first_called_at: float | None
    called_at: float | None
    served_at: float | None
    ended_at: float | None

    @property
    def wait_s(self) -> float | None:
        """Seconds from issue to first call; None when it was never called."""
        return None if self.first_called_at is None else self.first_called_at - self.joined_at

    @property
    def service_s(self) -> float | None:
        """Seconds at the counter; None unless a counter completed the visit."""
        if self.state != "completed" or self.ended_by != "counter" or self.ended_at is None or self.called_at is None:
            return None
        return self.ended_at - (self.called_at if self.served_at is None else self.served_at)


class WaitingRow(Message):
    """One group of visits; times in seconds, None where nothing counts."""

    key: str
    """What the group is: an id, an hour 0–23, a weekday, a day; `all` for the whole period."""
    name: Texts | None = None
    """The group's name in each language, where it has one."""
    visits: int
    """Tickets taken."""
    called: int
    """Visits called at least once: those that the waiting times count."""
    completed: int
    """Visits that ended at a counter."""
    no_shows: int
    """Visits to which nobody came."""
    left: int
    """Visits that were cancelled, or not called by the end of the day."""
    mean_wait_s: float | None
    """Mean waiting time."""
    median_wait_s: float | None
    """Half waited no longer."""
    p90_wait_s: float | None
    """Nine in ten waited no longer (nearest rank)."""
    longest_wait_s: float | None
    """Longest waiting time."""
    within_target: float | None
    """Share, 0..1, of the called who waited no longer than the target."""
    mean_service_s: float | None
    """Mean service time."""


class WaitingReport(Message):
    """The waiting report of a period."""

    first: date = Field(alias="from")
    """First business day."""
    last: date = Field(alias="to")
    """Last business day, included."""
    by: str
    """How it is grouped."""
    target_s: float
    """The waiting time that the centre aims at, in seconds."""
    rows: list[WaitingRow]
    """Each group that had visits."""
    total: WaitingRow
    """All of them together."""

    def to_csv(self, words: Words) -> str:
        """The rows and the total as CSV with a heading in the language of the words; times in seconds."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\r\n")
        writer.writerow([words("report.group"), *(words(f"report.{column}") for column in COLUMNS)])
        for row in [*self.rows, self.total]:
            writer.writerow([row_name(row, self.by, words), *(_cell(getattr(row, column)) for column in COLUMNS)])
        return out.getvalue()


COLUMNS = (
    "visits",
    "called",
    "completed",
    "no_shows",
    "left",
    "mean_wait_s",
    "median_wait_s",
    "p90_wait_s",
    "longest_wait_s",
    "within_target",
    "mean_service_s",
)
"""The figures of a row, in the order in which people read them."""


_Key = Callable[[Visit, ZoneInfo], str | None]


def _joined(visit: Visit, zone: ZoneInfo) -> datetime:
    return datetime.fromtimestamp(visit.joined_at, zone)


GROUPS: dict[str, _Key] = {
    "service": lambda visit, _zone: visit.service,
    "line": lambda visit, _zone: visit.line,
    "hour": lambda visit, zone: str(_joined(visit, zone).hour),
    "weekday": lambda visit, zone: WEEKDAYS[_joined(visit, zone).weekday()],
    "counter": lambda visit, _zone: visit.counter,
    "day": lambda visit, zone: _joined(visit, zone).date().isoformat(),
}
"""How visits can be grouped: a function from a visit to its group, None for a visit that belongs to none."""


def waiting(database: sqlite3.Connection, centre: Centre, first: date, last: date, by: str) -> WaitingReport:
    """The waiting report of the business days `first` to `last`. `BadMessage` for an unknown grouping or order."""
    if by not in GROUPS:
        raise BadMessage(f"by={by} is unknown", mistakes=[{"field": "by", "message": f"one of {', '.join(GROUPS)}"}])
    if first > last:
        raise BadMessage("from is after to", mistakes=[{"field": "from", "message": "not after `to`"}])
    visits = _visits(database, first, last)
    groups: dict[str, list[Visit]] = {}
    for visit in visits:
        key = GROUPS[by](visit, centre.zone)
        if key is not None:
            groups.setdefault(key, []).append(visit)
    target_s = centre.centre.target_minutes * 60.0
    return WaitingReport(
        first=first,
        last=last,
        by=by,
        target_s=target_s,
        rows=[
            _row(key, _name(centre, by, key), groups[key], target_s) for key in sorted(groups, key=_order(centre, by))
        ],
        total=_row("all", None, visits, target_s),
    )


def percentile(values: Sequence[float], share: float) -> float | None:
    """The nearest-rank percentile: the smallest value that `share` of them do not exceed; None for no values."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else None


def row_name(row: WaitingRow, by: str, words: Words) -> str:
    """What a person calls the group."""
    if row.key == "all":
        return words("report.total")
    if row.name:
        return words.of(row.name)
    if by == "weekday":
        return words(f"report.{row.key}")
    return words.number(f"{int(row.key):02d}:00") if by == "hour" else words.number(row.key)


def _visits(database: sqlite3.Connection, first: date, last: date) -> list[Visit]:
    found = database.execute(
        "select service, line, first_counter, state, ended_by,"
        " joined_at, first_called_at, called_at, served_at, ended_at from ticket where day between ? and ?",
        (first.isoformat(), last.isoformat()),
    )
    return [Visit(*row) for row in found]


def _row(key: str, name: Texts | None, visits: Sequence[Visit], target_s: float) -> WaitingRow:
    waits = [visit.wait_s for visit in visits if visit.wait_s is not None]
    services = [visit.service_s for visit in visits if visit.service_s is not None]
    return WaitingRow(
        key=key,
        name=name,
        visits=len(visits),
        called=len(waits),
        completed=sum(visit.state == "completed" for visit in visits),
        no_shows=sum(visit.state == "no_show" for visit in visits),
        left=sum(visit.state == "cancelled" for visit in visits),
        mean_wait_s=_mean(waits),
        median_wait_s=percentile(waits, 0.5),
        p90_wait_s=percentile(waits, 0.9),
        longest_wait_s=max(waits, default=None),
        within_target=_mean(wait <= target_s for wait in waits),
        mean_service_s=_mean(services),
    )


def _mean(values: Iterable[float]) -> float | None:
    known = list(values)
    return fmean(known) if known else None


def _name(centre: Centre, by: str, key: str) -> Texts | None:
    named: dict[str, Mapping[str, Service | Line | Counter]]
    named = {"service": centre.service, "line": centre.line, "counter": centre.counter}
    found = named.get(by, {}).get(key)
    return found.name if found else None


def _order(centre: Centre, by: str) -> Callable[[str], Any]:
    """As in the settings, then what the settings no longer know; hours and days by time."""
    fixed: dict[str, list[str]] = {
        "service": list(centre.service),
        "line": list(centre.line),
        "counter": list(centre.counter),
        "weekday": list(WEEKDAYS),
        "hour": [str(hour) for hour in range(24)],
    }
    places = {key: place for place, key in enumerate(fixed.get(by, []))}
    return lambda key: (places.get(key, len(places)), key)


def _cell(value: float | None) -> str:
    if value is None:
        return ""
    return str(value) if isinstance(value, int) else f"{value:.3f}"
