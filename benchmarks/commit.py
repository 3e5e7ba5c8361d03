"""Tickets a second with 1, 8 and 64 commands waiting, with and without group commit, and the bare cost of a COMMIT;
and what it costs to store who sent each command.

    python benchmarks/commit.py [--folder DIR] [--slow-disk-ms 15]

Group commit shows its worth on a slow disk: --slow-disk-ms adds so much to each COMMIT, as an SD card does.
"""

import argparse
import itertools
import sqlite3
import statistics
import tempfile
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dawr.ids import new_id
from dawr.messages import IssueTicket
from server.access.who import ANYBODY, Role, Who
from server.keeping.log import FILE, Log
from server.keeping.writer import MOST_AT_ONCE, Writer
from tests.server.running import always_open

ROUNDS = 3
CLERKS = 20


def bare_commit_ms(folder: Path, slow_ms: float) -> float:
    """Median of a COMMIT of one small row, flushed to the same disk."""
    connection = sqlite3.connect(folder / "bare.sqlite", isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE row (body TEXT)")
    took = []
    for _ in range(200):
        began = time.perf_counter()
        connection.execute("INSERT INTO row VALUES (?)", ("x" * 300,))
        time.sleep(slow_ms / 1000)
        took.append(time.perf_counter() - began)
    connection.close()
    return statistics.median(took) * 1000


def tickets_a_second(
    folder: Path, waiting: int, most_at_once: int, slow_ms: float, seconds: float, whos: Sequence[Who] = (ANYBODY,)
) -> float:
    """Tickets stored a second while so many commands always wait, which these people send in turn."""

    def off_loop(work: Any) -> Any:
        done = work()
        time.sleep(slow_ms / 1000)
        return done

    log = Log(folder)
    writer = Writer(always_open(), log, lambda: datetime.now(UTC), off_loop, most_at_once=most_at_once)
    ends, done, in_turn = time.perf_counter() + seconds, 0, itertools.cycle(whos)

    def again(_answer: "Future[Any] | None" = None) -> None:
        nonlocal done
        if time.perf_counter() < ends:
            done += _answer is not None
            writer.submit(IssueTicket(service="birth"), who=next(in_turn)).add_done_callback(again)

    for _ in range(waiting):
        again()
    thread = threading.Thread(target=writer.run)
    thread.start()
    time.sleep(seconds)
    writer.stop()
    thread.join()
    log.close()
    return done / seconds


def bytes_an_event(folder: Path) -> float:
    """What an event of a log takes, as SQLite stores it."""
    with closing(sqlite3.connect(folder / FILE)) as log:
        [payload] = log.execute("SELECT sum(payload) FROM dbstat WHERE name = 'event'").fetchone()
        [count] = log.execute("SELECT count(*) FROM event").fetchone()
    return float(payload / count)


def cost_of_senders(folder: Path, slow_ms: float, seconds: float) -> None:
    """Print it, turn about, so that whatever else the machine does is the same for both."""
    clerks = [Who(Role.CLERK, f"Clerk {place}", id=new_id()) for place in range(CLERKS)]
    rates: dict[str, list[float]] = {"nobody known": [], f"{CLERKS} clerks": []}
    sizes: dict[str, list[float]] = {name: [] for name in rates}
    work: dict[str, list[float]] = {name: [] for name in rates}
    for place in range(2 * ROUNDS):
        for name, whos in zip(rates, ([ANYBODY], clerks), strict=True):
            data = folder / f"{name}-{place}"
            cpu_began_s = time.process_time()
            rates[name].append(tickets_a_second(data, MOST_AT_ONCE, MOST_AT_ONCE, slow_ms, seconds, whos))
            work[name].append((time.process_time() - cpu_began_s) / (rates[name][-1] * seconds) * 1000)
            sizes[name].append(bytes_an_event(data))
    for name, those in rates.items():
        figures = [statistics.median(figure) for figure in (those, work[name], sizes[name])]
        print("{:14} {:6.0f} /s, {:6.3f} ms CPU a ticket, {:6.1f} bytes an event".format(name, *figures))


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--folder", type=Path, help="Where to store; a temporary folder if left out.")
    options.add_argument("--slow-disk-ms", type=float, default=0, help="Milliseconds to add to each COMMIT.")
    options.add_argument("--seconds", type=float, default=2)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(dir=chosen.folder) as name:
        folder = Path(name)
        bare = bare_commit_ms(folder, chosen.slow_disk_ms)
        print(f"bare COMMIT (WAL, FULL): {bare:.2f} ms, so {1000 / bare:.0f} a second one after the other")
        print("waiting  group commit /s   one by one /s   ratio   of bare")
        for waiting in (1, 8, 64):
            rates = {}
            for most in (MOST_AT_ONCE, 1):
                runs = [
                    tickets_a_second(
                        folder / f"{waiting}-{most}-{n}", waiting, most, chosen.slow_disk_ms, chosen.seconds
                    )
                    for n in range(ROUNDS)
                ]
                rates[most] = statistics.median(runs)
            group, single = rates[MOST_AT_ONCE], rates[1]
            ratio = f"{group / single:7.2f} {group * bare / 1000:8.2f}"
            print(f"{waiting:7d} {group:16.0f} {single:15.0f} {ratio}", flush=True)
        cost_of_senders(folder, chosen.slow_disk_ms, chosen.seconds)


if __name__ == "__main__":
    main()
