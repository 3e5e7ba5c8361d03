"""How long people usually wait in each line, by weekday and hour: the quiet hours that a centre tells the public."""

import sqlite3
from datetime import date, timedelta
from pathlib import Path

import numpy as np
from pydantic import Field

from dawr.messages import Message
from dawr.settings.centre import WEEKDAYS, Centre
from server.reports.figures import percentile
from server.reports.groups import grouped, split
from server.reports.history import visits
from server.reports.visits import Records

WEEKS = 6
FEWEST = 5
"""An hour with fewer visits says nothing of what is usual, and might say something of one visitor."""


class UsualWait(Message):
    """The wait of those who came in one hour of a weekday, over the last weeks."""

    weekday: str
    """The weekday, `monday` to `sunday`."""
    hour: int = Field(ge=0, le=23)
    """When the hour begins, by the centre's clock."""
    median_wait_s: float
    """Half waited no longer, from ticket to first call."""


def usual_waits(
    log: sqlite3.Connection, centre: Centre, today: date, folder: Path | None = None
) -> dict[str, list[UsualWait]]:
    """Each line's usual waits from the last 6 weeks that are over, Sunday first; hours with fewer than 5 visits are
    left out.
    """
    made = visits(log, centre, today - timedelta(weeks=WEEKS), today - timedelta(days=1), folder)
    called = made.records[~np.isnan(made.records["wait_s"])]
    return {line: _by_hour(records) for line, records in grouped(called, made.names, "line")}


def _by_hour(records: Records) -> list[UsualWait]:
    weekdays = (records["day"].astype(np.int64) - 1) % 7
    sunday_first = (weekdays + 1) % 7 * 24 + records["half_hour"] // 2
    return [
        UsualWait(weekday=WEEKDAYS[place // 24 - 1], hour=place % 24, median_wait_s=median)
        for place, hour in split(records, sunday_first)
        if len(hour) >= FEWEST and (median := percentile(hour["wait_s"], 0.5)) is not None
    ]
