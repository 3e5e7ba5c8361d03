"""The visits of days that are over, kept ready in a file of their own beside the log.

A report over years would read millions of tickets; here a day is one piece of bytes. Everything in it is made from the
log and can be thrown away at any time: the hall never waits for it. A day that got news (a ticket that was handed in
late) is made anew. The day that runs is always read from the tickets.
"""

import contextlib
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from dawr.settings.centre import Centre
from server.reports.counter_times import CounterTime, counter_times
from server.reports.visits import RECORD, Names, Visits, joined, read_visits

FILE = "reports.sqlite"
BUSY_S = 5.0

_TABLES = """
    CREATE TABLE IF NOT EXISTS about (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS name (number INTEGER PRIMARY KEY, id TEXT NOT NULL) STRICT;
    CREATE TABLE IF NOT EXISTS day (day TEXT PRIMARY KEY, visits BLOB NOT NULL, counters TEXT NOT NULL) STRICT;
    """
_NEWS = """
    SELECT DISTINCT day FROM event WHERE sequence > :seen
    UNION SELECT DISTINCT ticket.day FROM event JOIN ticket ON ticket.id = event.ticket WHERE event.sequence > :seen
    """


def visits(log: sqlite3.Connection, centre: Centre, first: date, last: date, folder: Path | None = None) -> Visits:
    """The visits of the business days `first` to `last`; with a folder, days that are over are kept there."""
    try:
        with _kept(folder) as kept:
            return _visits(log, kept, centre, first, last)
    except sqlite3.Error:
        if folder is None:
            raise
        return visits(log, centre, first, last)  # slower, and nothing else


def keep(log: sqlite3.Connection, centre: Centre, day: date, folder: Path) -> None:
    """Make a day that is over ready for reports. `sqlite3.Error` when it cannot be kept."""
    with _kept(folder) as kept:
        _visits(log, kept, centre, day, day)


def not_ready(log: sqlite3.Connection, centre: Centre, first: date, last: date, folder: Path) -> tuple[list[date], int]:
    """Which days of a period that are over are not kept, and how many there are; news of a kept day are not seen."""
    days = _days_of_log(log)
    if days is None:
        return [], 0
    first, last = max(first, days[0]), min(last, days[1] - timedelta(days=1))
    try:
        with closing(sqlite3.connect(f"{(folder / FILE).resolve().as_uri()}?mode=ro", uri=True)) as kept:
            [basis] = kept.execute("SELECT value FROM about WHERE key = 'basis'").fetchone() or [None]
            missing = _missing(kept, first, last) if basis == _basis(log, centre) else None
    except sqlite3.Error:  # there is none yet
        missing = None
    count = max(0, (last - first).days + 1)
    return missing if missing is not None else [first + timedelta(days=place) for place in range(count)], count


@contextlib.contextmanager
def _kept(folder: Path | None) -> Iterator[sqlite3.Connection]:
    """What is kept, for one report; a file that is damaged is begun anew the next time."""
    file = folder / FILE if folder else None
    with closing(sqlite3.connect(file or ":memory:", isolation_level=None, timeout=BUSY_S)) as kept:
        try:
            # A loss in a power cut costs a second look at some days.
            kept.executescript(f"PRAGMA synchronous = OFF; BEGIN IMMEDIATE; {_TABLES}")
            yield kept
            kept.execute("COMMIT")
        except sqlite3.DatabaseError as problem:
            if file and problem.sqlite_errorname in ("SQLITE_CORRUPT", "SQLITE_NOTADB"):
                file.unlink(missing_ok=True)
            raise


def _visits(log: sqlite3.Connection, kept: sqlite3.Connection, centre: Centre, first: date, last: date) -> Visits:
    log.execute("BEGIN")  # all that follows is of one moment
    try:
        days = _days_of_log(log)
        if days is None:
            return Visits(np.array([], RECORD), Names(), [])
        _forget_what_changed(log, kept, _basis(log, centre))
        names = Names([id for (id,) in kept.execute("SELECT id FROM name ORDER BY number")] or [""])
        oldest, today = days
        for day in _missing(kept, max(first, oldest), min(last, today - timedelta(days=1))):
            _keep(kept, day, read_visits(log, centre, day, day, names).tobytes(), counter_times(log, day))
        kept.executemany("INSERT OR IGNORE INTO name VALUES (?, ?)", enumerate(names.ids))
        found = kept.execute(
            "SELECT day, visits, counters FROM day WHERE day BETWEEN ? AND ? ORDER BY day", (str(first), str(last))
        )
        parts, counters = [], []
        for day, part, spent in found:
            parts.append(part)
            counters += [CounterTime(date.fromisoformat(day), id, tuple(seconds)) for id, seconds in json.loads(spent)]
        if last >= today:
            parts.append(read_visits(log, centre, max(first, today), last, names).tobytes())
            counters += counter_times(log, today) if first <= today else []
        return Visits(joined(parts), names, counters)
    finally:
        log.execute("ROLLBACK")


def _days_of_log(log: sqlite3.Connection) -> tuple[date, date] | None:
    """The oldest day of a ticket, and the day that runs; None while there is neither."""
    [oldest] = log.execute("SELECT min(day) FROM ticket").fetchone()
    newest = log.execute("SELECT day FROM event WHERE name = 'DayStarted' ORDER BY sequence DESC LIMIT 1").fetchone()
    return (date.fromisoformat(oldest), date.fromisoformat(newest[0])) if oldest and newest else None


def _basis(log: sqlite3.Connection, centre: Centre) -> str:
    """What is kept holds for this log, this zone and this shape of records only."""
    [epoch] = log.execute("SELECT value FROM about WHERE key = 'epoch'").fetchone()
    return f"{epoch} {centre.zone.key} {RECORD}"


def _forget_what_changed(log: sqlite3.Connection, kept: sqlite3.Connection, basis: str) -> None:
    [newest] = log.execute("SELECT max(sequence) FROM event").fetchone()
    about = dict(kept.execute("SELECT key, value FROM about"))
    if about.get("basis") != basis or int(about["seen"]) > newest:
        kept.execute("DELETE FROM day")
        kept.execute("DELETE FROM name")
    else:
        kept.executemany("DELETE FROM day WHERE day = ?", log.execute(_NEWS, {"seen": int(about["seen"])}).fetchall())
    kept.executemany("INSERT OR REPLACE INTO about VALUES (?, ?)", [("basis", basis), ("seen", str(newest))])


def _missing(kept: sqlite3.Connection, first: date, last: date) -> list[date]:
    there = {day for (day,) in kept.execute("SELECT day FROM day WHERE day BETWEEN ? AND ?", (str(first), str(last)))}
    days = (first + timedelta(days=place) for place in range((last - first).days + 1))
    return [day for day in days if str(day) not in there]


def _keep(kept: sqlite3.Connection, day: date, records: bytes, counters: list[CounterTime]) -> None:
    spent = json.dumps([[one.counter, one.seconds] for one in counters])
    kept.execute("INSERT INTO day VALUES (?, ?, ?)", (str(day), records, spent))
