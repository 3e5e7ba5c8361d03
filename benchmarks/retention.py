"""What forgetting costs: a day's personal details, a day's steps, the file's size, and NEXT's transactions meanwhile.

    python -m benchmarks.retention [--tickets 200000]

A log of about a thousand tickets a day, sealed, then all of it forgotten; with and without overwriting what is freed.
"""

import argparse
import sqlite3
import statistics
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from benchmarks.old_tickets import make
from dawr.clock import Trust
from dawr.messages import IssueTicket
from dawr.settings.centre import Privacy
from server.audit.seals import Sealing
from server.audit.trail import Audit
from server.keeping.log import Log
from server.keeping.writer import Writer
from server.privacy.retention import Retention
from tests.server.running import always_open


def here(work):  # type: ignore[no-untyped-def]
    return work()


def forget_ms(log: Log, privacy: Privacy) -> list[float]:
    """Milliseconds for each day."""
    audit = Audit(log.file, lambda: datetime.now(UTC), lambda: Trust.NTP)
    retention = Retention(log, audit, privacy, lambda: Trust.NTP, date.today, here)
    took = []
    while took_s := retention._remove_next(date.today()):
        took.append(took_s * 1000)
    return took


def ticket_ms(log: Log) -> list[float]:
    """Medians of a ticket stored by the writer, its COMMIT included, with and without; they take turns."""
    writer = Writer(always_open(), log, lambda: datetime.now(UTC))
    took: dict[bool, list[float]] = {True: [], False: []}
    for turn in range(1000):
        secure = turn % 2 == 0
        log._db.execute(f"PRAGMA secure_delete = {int(secure)}")
        began_s = time.perf_counter()
        answer = writer.submit(IssueTicket(service="birth"))
        writer.run_until_idle()
        answer.result()
        took[secure].append((time.perf_counter() - began_s) * 1000)
    return [statistics.median(took[secure]) for secure in (True, False)]


def said(took: list[float]) -> str:
    return f"{len(took)} days, median {statistics.median(took):.0f} ms, longest {max(took):.0f} ms"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tickets", type=int, default=200_000)
    tickets: int = parser.parse_args().tickets
    with tempfile.TemporaryDirectory() as folder:
        events = make(Path(folder), tickets, date.today() - timedelta(days=1))
        log = Log(Path(folder))
        on, off = ticket_ms(log)
        print(f"a ticket: {on:.2f} ms with secure_delete, {off:.2f} ms without")
        Sealing(log, Audit(log.file, lambda: datetime.now(UTC), lambda: Trust.NTP), date.today, here).seal_if_due()
        print(f"{events} events, {log.file.stat().st_size / 1e6:.0f} MB")
        print("personal details:", said(forget_ms(log, Privacy.model_construct(personal_days=0, steps_years=50))))
        print("steps:", said(forget_ms(log, Privacy.model_construct(personal_days=0, steps_years=0))))
        log.close()
        free = sqlite3.connect(log.file).execute("PRAGMA freelist_count").fetchone()[0] * 4096
        print(f"{log.file.stat().st_size / 1e6:.0f} MB afterwards, {free / 1e6:.0f} MB of it free for new events")
        began_s = time.monotonic()
        with sqlite3.connect(log.file) as db:
            db.execute("VACUUM")
        print(f"VACUUM would take {time.monotonic() - began_s:.1f} s: {log.file.stat().st_size / 1e6:.0f} MB")


if __name__ == "__main__":
    main()
