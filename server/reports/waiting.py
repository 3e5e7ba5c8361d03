"""The report of a period: how long people waited and what became of their visits, in groups, beside another period."""

import calendar
import sqlite3
from collections.abc import Set as AbstractSet
from datetime import date, timedelta
from pathlib import Path
from typing import Literal

from pydantic import Field

from dawr.errors import BadMessage
from dawr.messages import Message
from dawr.settings.centre import Centre, Texts
from server.reports import clerks
from server.reports.counter_times import CounterTime
from server.reports.figures import WaitingRow, figures
from server.reports.groups import GROUPS, grouped, order_of, texts_of
from server.reports.history import visits

Compare = Literal["none", "previous", "week", "year"]


class CounterUse(Message):
    """How a counter spent the time that it was open, in seconds; a break is part of it and apart."""

    counter: str
    """Id of the counter."""
    name: Texts | None
    """Its name in each language, where it has one."""
    serving_s: float
    """With a visitor; also from the call on, where nobody pressed "serve"."""
    calling_s: float
    """From a call until the visitor was there, or until nobody came."""
    idle_s: float
    """Open with nobody."""
    break_s: float
    """On a break."""
    occupancy: float | None
    """Share, 0..1, of serving and calling in the time without breaks."""


class Compared(Message):
    """The same figures of another period."""

    first: date = Field(alias="from")
    """First business day."""
    last: date = Field(alias="to")
    """Last business day, included."""
    rows: list[WaitingRow]
    """Each group that had visits."""
    total: WaitingRow
    """All of them together."""


class WaitingReport(Message):
    """The report of a period."""

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
    counters: list[CounterUse]
    """Each counter that was open."""
    compared: Compared | None
    """The period beside which it is held, if that was asked for."""


def waiting(
    log: sqlite3.Connection,
    centre: Centre,
    first: date,
    last: date,
    by: str,
    compare: Compare = "none",
    folder: Path | None = None,
    present: AbstractSet[str] | None = None,
) -> WaitingReport:
    """The report of the business days `first` to `last`. `BadMessage` for an unknown grouping or order.

    With the log's folder, days that are over are kept ready there. By clerk only for those who may be told who pressed:
    `present` are the ids of those who still belong; `NobodySignsIn` and `ClerkFiguresOff` as `clerks.by_clerk`.
    """
    check_by(by)
    check_period(first, last)
    rows, total, times = _figures(log, centre, first, last, by, folder, present)
    other = None if compare == "none" else compared_period(first, last, compare)
    compared = None
    if other:
        other_rows, other_total, _ = _figures(log, centre, *other, by, folder, present)
        compared = Compared(first=other[0], last=other[1], rows=other_rows, total=other_total)
    return WaitingReport(
        first=first,
        last=last,
        by=by,
        target_s=centre.centre.target_minutes * 60.0,
        rows=rows,
        total=total,
        counters=_counter_uses(centre, times),
        compared=compared,
    )


def check_by(by: str) -> None:
    """`BadMessage` for a grouping that there is not."""
    if by not in (*GROUPS, clerks.BY):
        known = ", ".join((*GROUPS, clerks.BY))
        raise BadMessage(f"by={by} is unknown", mistakes=[{"field": "by", "message": f"one of {known}"}])


def check_period(first: date, last: date) -> None:
    """`BadMessage` unless the period has a day."""
    if first > last:
        raise BadMessage("from is after to", mistakes=[{"field": "from", "message": "not after `to`"}])


def compared_period(first: date, last: date, compare: Compare) -> tuple[date, date]:
    """The period before, as long as this one, or whole months before whole months; or the same days of the week
    before, or a year ago. `BadMessage` when the calendar has none."""
    try:
        return _compared_period(first, last, compare)
    except (ValueError, OverflowError):
        raise BadMessage(
            "no period before", mistakes=[{"field": "from", "message": "there is no period before it"}]
        ) from None


def _compared_period(first: date, last: date, compare: Compare) -> tuple[date, date]:
    if compare == "week":
        return first - timedelta(weeks=1), last - timedelta(weeks=1)
    if compare == "year":
        return _a_year_before(first), _a_year_before(last)
    before = first - timedelta(days=1)
    if first.day == 1 and (last + timedelta(days=1)).day == 1:
        months = (last.year - first.year) * 12 + last.month - first.month + 1
        start = first.year * 12 + first.month - 1 - months
        return date(start // 12, start % 12 + 1, 1), before
    return first - (last - first) - timedelta(days=1), before


def _a_year_before(day: date) -> date:
    """The same date; the last of February for the 29th."""
    return day.replace(year=day.year - 1, day=min(day.day, calendar.monthrange(day.year - 1, day.month)[1]))


def _figures(
    log: sqlite3.Connection,
    centre: Centre,
    first: date,
    last: date,
    by: str,
    folder: Path | None,
    present: AbstractSet[str] | None,
) -> tuple[list[WaitingRow], WaitingRow, list[CounterTime]]:
    found = visits(log, centre, first, last, folder)
    target_s = centre.centre.target_minutes * 60.0
    if by == clerks.BY:
        those = clerks.by_clerk(log, centre, found.records, first, last, present)
        rows = [figures(id, one.name, one.records, target_s) for id, one in those.items()]
    else:
        groups = dict(grouped(found.records, found.names, by))
        rows = [
            figures(key, texts_of(centre, by, key), groups[key], target_s)
            for key in sorted(groups, key=order_of(centre, by))
        ]
    return rows, figures("all", None, found.records, target_s), found.counter_times


def _counter_uses(centre: Centre, times: list[CounterTime]) -> list[CounterUse]:
    spent: dict[str, list[float]] = {}
    for one in times:
        spent[one.counter] = [sum(pair) for pair in zip(spent.get(one.counter, [0.0] * 4), one.seconds, strict=True)]
    return [_counter_use(centre, id, *spent[id]) for id in sorted(spent, key=order_of(centre, "counter"))]


def _counter_use(
    centre: Centre, id: str, serving_s: float, calling_s: float, idle_s: float, break_s: float
) -> CounterUse:
    at_work_s = serving_s + calling_s + idle_s
    return CounterUse(
        counter=id,
        name=texts_of(centre, "counter", id),
        serving_s=serving_s,
        calling_s=calling_s,
        idle_s=idle_s,
        break_s=break_s,
        occupancy=(serving_s + calling_s) / at_work_s if at_work_s else None,
    )
