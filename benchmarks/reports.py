"""How long reports take over years of tickets.

    python -m benchmarks.old_tickets --data DIR --tickets 2500000
    python -m benchmarks.reports --data DIR

The log is that of `benchmarks/old_tickets.py`: 1,000 tickets a day. "first" makes and keeps every day that is over,
once in the life of a log, as the server does beside the hall (there it rests as long again); "again" is what everybody
waits for afterwards, with the file's pages in memory; "rows" reads the tickets themselves.
"""

import argparse
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

from dawr.settings.centre import Privacy
from server.keeping.log import FILE
from server.reports import history
from server.reports.charts import charts
from server.reports.clerks import BY
from server.reports.prepare import prepare
from server.reports.tickets import Which, tickets
from server.reports.visits import Names, read_visits
from server.reports.waiting import waiting
from tests.halls import small_centre

YEAR = 500
"""Days of 1,000 tickets that make 500,000."""


def timed(name: str, work: Callable[[], object]) -> None:
    """Print how long it takes, and how much of that it reckons: the best of three. On a busy machine they differ."""
    seconds = []
    for _ in range(3):
        began_s, cpu_began_s = time.monotonic(), time.process_time()
        work()
        seconds.append((time.monotonic() - began_s, time.process_time() - cpu_began_s))
    print(f"{name:54} {min(wall for wall, _ in seconds):6.2f} s {min(cpu for _, cpu in seconds):6.2f} s CPU")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    data = parser.parse_args().data
    centre = small_centre()
    with closing(sqlite3.connect(data / FILE)) as log:
        [newest] = log.execute("SELECT max(day) FROM ticket").fetchone()
        last = date.fromisoformat(newest)
        periods = {"500,000 tickets": last - timedelta(YEAR - 1), "2,500,000 tickets": last - timedelta(5 * YEAR - 1)}
        if not (data / history.FILE).exists():
            began_s = time.monotonic()
            prepare(log, centre, data)
            print(f"{'first: every day is made and kept':54} {time.monotonic() - began_s:6.2f} s")
        print(f"{(data / history.FILE).stat().st_size / 1e6:.0f} MB are kept")
        for name, first in periods.items():
            for by in ("service", "half-hour", "counter", "day"):
                timed(
                    f"again: {name} by {by}",
                    lambda first=first, by=by: waiting(log, centre, first, last, by, folder=data),
                )  # type: ignore[misc]
            timed(
                f"again: {name}, longest waits of a service",
                lambda first=first: tickets(log, centre, Which(first, last, "service", "birth"), folder=data),
            )  # type: ignore[misc]
            timed(f"again: {name}, charts", lambda first=first: charts(log, centre, first, last, data))  # type: ignore[misc]
        # Reckoned from the events of so many days each time, and by default there are thirty.
        clerks = centre.model_copy(update={"privacy": Privacy(clerk_figures=True)})
        for days in (30, YEAR, 5 * YEAR):
            first = last - timedelta(days - 1)
            timed(
                f"again: {days * 1000:,} tickets by clerk",
                lambda first=first: waiting(log, clerks, first, last, BY, folder=data, present=frozenset()),
            )  # type: ignore[misc]
        first = periods["500,000 tickets"]
        timed(
            "again: 500,000 beside the 500,000 before",
            lambda: waiting(log, centre, first, last, "service", "previous", data),
        )
        timed("rows: 500,000 tickets", lambda: read_visits(log, centre, first, last, Names()))


if __name__ == "__main__":
    main()
