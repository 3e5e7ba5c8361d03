"""Makes a log with very many old tickets: one busy day, played once and then copied back through the years.

    python benchmarks/old_tickets.py --data DIR [--tickets 1000000]

Copying is done by SQLite alone, some 100,000 events a second; ids, days and times are those of each copy's own day.
"""

import argparse
import sqlite3
import sys
import time
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

from server.access.who import ANYBODY, Role, Who
from server.keeping.log import FILE, Log
from server.keeping.writer import ANSWERS_KEPT
from server.practice.busy_day import Move, busy_day
from server.practice.play_day import play
from tests.halls import small_centre

A_DAY = 1000
PLAYED = date(2026, 11, 15)
"""A Sunday: a working day of the small centre."""

# An id begins with 48 bits of time, of which a day's copy gets its own: 12 characters with the hyphen after 8.
_EVENTS = """
    INSERT INTO event SELECT sequence + :events, replace(at, :played, :day), name, replace(day, :played, :day),
        :prefix || substr(ticket, 14), counter, :prefix || substr(command, 14),
        replace(replace(body, coalesce(substr(ticket, 1, 13), :prefix), :prefix), :played, :day), sender
        FROM played.event
    """
_ANSWERS = """
    INSERT INTO command SELECT :prefix || substr(id, 14), name, fingerprint, replace(at, :played, :day), result
        FROM played.command
    """
_TICKETS = """
    INSERT INTO ticket SELECT :prefix || substr(id, 14), :day, number, service, line, class, language, reference,
        issuer, joined_at - :back_s, counted_from - :back_s, state, counter, first_counter, first_called_at - :back_s,
        called_at - :back_s, served_at - :back_s, parked_s, ended_at - :back_s, ended_by, recalls, transfers, overtaken,
        out_of_order, in_doubt FROM played.ticket
    """


def make(data: Path, tickets: int, newest: date) -> int:
    """Fill a new log with about so many tickets of the days up to `newest`. Gives the number of its events."""
    played = data / "played"
    _play(played)
    log = Log(data)
    log.close()
    days = -(-tickets // A_DAY)
    with closing(sqlite3.connect(data / FILE, isolation_level=None)) as database:
        # Nobody minds if the making of it is lost.
        database.execute("PRAGMA synchronous = OFF")
        database.execute("ATTACH ? AS played", (str(played / FILE),))
        [[events]] = database.execute("SELECT count(*) FROM played.event").fetchall()
        for place in range(days):
            day = newest - timedelta(days=days - 1 - place)
            values = {
                "events": place * events,
                "played": PLAYED.isoformat(),
                "day": day.isoformat(),
                "prefix": f"{place:08x}-0000",
                "back_s": (PLAYED - day).total_seconds(),
            }
            database.execute("BEGIN")
            for statement in (_EVENTS, _TICKETS, *((_ANSWERS,) if newest - day < ANSWERS_KEPT else ())):
                database.execute(statement, values)
            database.execute("COMMIT")
        database.execute("INSERT INTO sender SELECT number, id, role, name, ? FROM played.sender", (str(newest),))
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return events * days


def _clerk(move: Move) -> Who:
    """One at each counter."""
    counter = getattr(move.command, "counter", "")
    return Who(Role.CLERK, f"Clerk {counter}", id=f"clerk-{counter}") if counter else ANYBODY


def _play(folder: Path) -> None:
    centre = small_centre()
    log = Log(folder)
    try:
        play(centre, log, busy_day(centre, PLAYED, A_DAY, seed=1), who_of=_clerk)
    finally:
        log.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--tickets", type=int, default=1_000_000)
    arguments = parser.parse_args()
    if (arguments.data / FILE).exists():
        sys.exit(f"There is a log in {arguments.data} already.")
    began_s = time.monotonic()
    events = make(arguments.data, arguments.tickets, date.today() - timedelta(days=1))
    size = (arguments.data / FILE).stat().st_size
    print(f"{events} events, {size / 1e9:.2f} GB, made in {time.monotonic() - began_s:.0f} s")


if __name__ == "__main__":
    main()
