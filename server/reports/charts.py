"""What the charts of a period show: the week as a heat map, the wait over a day, how waits are spread."""

import sqlite3
from datetime import date
from pathlib import Path

import numpy as np
from pydantic import Field

from dawr.messages import Message
from dawr.settings.centre import WEEKDAYS, Centre
from server.reports.figures import known, mean, percentile
from server.reports.groups import split
from server.reports.history import visits
from server.reports.visits import Column
from server.reports.waiting import check_period

BIN_S = 300
BINS = 24
"""Waits are shown in steps of five minutes, the last of which is open: two hours and more."""


class HalfHour(Message):
    """The visits that began in a half-hour of a weekday, or of any day."""

    weekday: str | None
    """The weekday; None for all of them together."""
    half_hour: str
    """When it begins, `08:30`."""
    visits: int
    """Tickets taken."""
    called: int
    """Visits called at least once: those that the waiting times count."""
    mean_wait_s: float | None
    """Mean waiting time in seconds."""
    median_wait_s: float | None
    """Half waited no longer."""
    p90_wait_s: float | None
    """Nine in ten waited no longer."""


class Charts(Message):
    """What the charts of a period show."""

    first: date = Field(alias="from")
    """First business day."""
    last: date = Field(alias="to")
    """Last business day, included."""
    target_s: float
    """The waiting time that the centre aims at, in seconds."""
    week: list[HalfHour]
    """Every weekday and half-hour in which tickets were taken."""
    over_the_day: list[HalfHour]
    """Every half-hour in which tickets were taken, of all days."""
    bin_s: float = BIN_S
    """Width of a step of `spread`, in seconds."""
    spread: list[int]
    """How many waited so long: in each step the waits from its start on and shorter than the next; the last is open."""


def charts(log: sqlite3.Connection, centre: Centre, first: date, last: date, folder: Path | None = None) -> Charts:
    """The charts of the business days `first` to `last`. `BadMessage` when that is no period."""
    check_period(first, last)
    records = visits(log, centre, first, last, folder).records
    waits, half_hours = records["wait_s"], records["half_hour"]
    weekdays = ((records["day"] - 1) % 7).astype("u2")
    steps = (known(waits) // BIN_S).astype(np.int64).clip(0, BINS - 1)
    return Charts(
        first=first,
        last=last,
        target_s=centre.centre.target_minutes * 60.0,
        week=[
            _half_hour(WEEKDAYS[number // 48], number % 48, part)
            for number, part in split(waits, weekdays * 48 + half_hours)
        ],
        over_the_day=[_half_hour(None, number, part) for number, part in split(waits, half_hours)],
        spread=np.bincount(steps, minlength=BINS).tolist(),
    )


def _half_hour(weekday: str | None, number: int, waits: Column) -> HalfHour:
    of_called = known(waits)
    return HalfHour(
        weekday=weekday,
        half_hour=f"{number // 2:02d}:{number % 2 * 30:02d}",
        visits=len(waits),
        called=len(of_called),
        mean_wait_s=mean(of_called),
        median_wait_s=percentile(of_called, 0.5),
        p90_wait_s=percentile(of_called, 0.9),
    )
