"""Which number comes next, and of which day it is: what the journal knows of runs, days and boots.

A run is a line's numbers from the first on; a new one begins when every number of the last is surely of an old day.
Each function works inside a transaction of the journal's.
"""

import sqlite3
from datetime import UTC, date, datetime, timedelta

from dawr.clock import Moment, Trust
from dawr.hours import business_day
from dawr.settings.centre import Centre
from kiosk.reserve import Reserved


def day_of(change: sqlite3.Connection, centre: Centre, now: Moment) -> date:
    """The business day to write down: by the clock if it can be trusted, else the last day that was known."""
    known = about(change, "day")
    if now.trust is Trust.NONE and known:
        return date.fromisoformat(known)
    day = business_day(centre, now.wall)
    if now.trust is not Trust.NONE:
        note(change, "day", day.isoformat())
    return day


def place_in_line(change: sqlite3.Connection, key: str, line: str, centre: Centre, now: Moment) -> tuple[int, int]:
    """The part's run of numbers and how many of it are used: a new run when all of the line are surely of old days."""
    row = change.execute("SELECT run, used FROM line WHERE line = ?", (key,)).fetchone()
    if row is None:
        return 1, 0
    run, used = int(row[0]), int(row[1])
    return (run + 1, 0) if _all_of_old_days(change, key, line, centre, now) else (run, used)


def raise_to(change: sqlite3.Connection, line: str, left: Reserved, centre: Centre, now: Moment) -> range:
    """Count as used what an earlier run had reserved: this file may be an old copy, or know nothing.

    Which numbers of the run this file does not know; none if all of them are of old days.
    """
    row = change.execute("SELECT run, used FROM line WHERE line = ?", (line,)).fetchone()
    run, used = (int(row[0]), int(row[1])) if row else (0, 0)
    if (run, used) >= (left.run, left.used):
        return range(0)
    change.execute("INSERT OR REPLACE INTO line VALUES (?, ?, ?)", (line, left.run, left.used))
    if left.day and now.trust is not Trust.NONE and left.day < business_day(centre, now.wall):
        return range(0)
    moment = (now.boot, now.boottime_s, now.wall.astimezone(UTC).isoformat(), now.trust)
    change.execute("INSERT OR REPLACE INTO raised VALUES (?, ?, ?, ?, ?)", (line, *moment))
    return range(used if run == left.run else 0, left.used)


def remember_start(change: sqlite3.Connection, now: Moment) -> None:
    """When this boot began, if somebody vouches for the clock: it dates the numbers of this boot."""
    if now.trust is not Trust.NONE:
        started = now.wall - timedelta(seconds=now.boottime_s)
        change.execute("INSERT INTO boot VALUES (?, ?) ON CONFLICT DO NOTHING", (now.boot, started.isoformat()))


def about(change: sqlite3.Connection, key: str) -> str | None:
    """What was noted under a key; None if nothing was."""
    row = change.execute("SELECT value FROM about WHERE key = ?", (key,)).fetchone()
    return row and str(row[0])


def note(change: sqlite3.Connection, key: str, value: str) -> str:
    """Note a value under a key in the place of the one before; the value."""
    change.execute(
        "INSERT INTO about VALUES (?, ?) ON CONFLICT(key) DO UPDATE SET value = excluded.value", (key, value)
    )
    return value


def moment_of(boot: str, boottime_s: float, wall: str, trust: str) -> Moment:
    """A moment as the tables keep it: `wall` in ISO 8601 with its zone, `boottime_s` in seconds of that boot."""
    return Moment(boot, boottime_s, datetime.fromisoformat(wall), Trust(trust))


def _all_of_old_days(change: sqlite3.Connection, key: str, line: str, centre: Centre, now: Moment) -> bool:
    """Whether the line's newest number, and so each of them, was provably given before today began."""
    if now.trust is Trust.NONE:
        return False
    moments = "SELECT boot, boottime_s, wall, trust FROM"
    newest = change.execute(f"{moments} ticket WHERE line = ? ORDER BY place DESC LIMIT 1", (line,)).fetchall()
    newest += change.execute(f"{moments} raised WHERE line = ?", (key,)).fetchall()
    today = business_day(centre, now.wall)
    return all(business_day(centre, _latest_possible(change, moment_of(*one), now)) < today for one in newest)


def _latest_possible(change: sqlite3.Connection, then: Moment, now: Moment) -> datetime:
    """The latest instant at which `then` can have been, when `now` is to be trusted."""
    if then.boot == now.boot:
        return now.wall - timedelta(seconds=now.boottime_s - then.boottime_s)
    started = change.execute("SELECT started FROM boot WHERE boot = ?", (then.boot,)).fetchone()
    if started:
        return datetime.fromisoformat(started[0]) + timedelta(seconds=then.boottime_s)
    # Nobody knew the time in that boot; it was over when this one began.
    return now.wall - timedelta(seconds=now.boottime_s)
