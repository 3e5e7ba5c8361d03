"""How usual the day is: what the same weekday of the last weeks had come to by this time of day."""

import sqlite3
import time
from datetime import date, datetime, timedelta
from statistics import fmean
from zoneinfo import ZoneInfo

from server.keeping.log import Log

WEEKS = 4
KEPT_S = 60.0


class UsualDay:
    """Keeps an answer for a minute, for every manager's page asks."""

    def __init__(self, log: Log, zone: ZoneInfo) -> None:
        self._log, self._zone = log, zone
        self._known: tuple[float, float | None] | None = None

    def tickets_by(self, now: datetime) -> float | None:
        """Tickets by this time on such a weekday: the mean of the last four that had any; None if none had."""
        if self._known is None or time.monotonic() - self._known[0] > KEPT_S:
            with self._log.reading() as connection:
                self._known = time.monotonic(), usual_tickets(connection, now.astimezone(self._zone))
        return self._known[1]


def usual_tickets(database: sqlite3.Connection, now: datetime) -> float | None:
    """The same, from the database; `now` in the centre's zone."""
    days = [now - timedelta(weeks=weeks) for weeks in range(1, WEEKS + 1)]
    counts = [_tickets(database, then.date(), then) for then in days]
    known = [by_now for by_now, in_all in counts if in_all]
    return fmean(known) if known else None


def _tickets(database: sqlite3.Connection, day: date, until: datetime) -> tuple[int, int]:
    """How many of a day's tickets had been taken by then, and how many it had in all."""
    [by_then, in_all] = database.execute(
        "select coalesce(sum(joined_at <= ?), 0), count(*) from ticket where day = ?",
        (until.timestamp(), day.isoformat()),
    ).fetchone()
    return by_then, in_all
