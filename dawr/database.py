"""What our SQLite files share, be it a kiosk's journal or a centre's log: a look at whether one is damaged."""

import sqlite3
import time

_STEPS = 10_000
"""How many of SQLite's virtual machine steps pass between two looks at the clock: under a millisecond."""


def first_damage(connection: sqlite3.Connection, within_s: float) -> str | None:
    """What is wrong with the file, as far as it can be read in that time; None if nothing was found.

    `PRAGMA quick_check`, which reads every page, but does not hold indexes against their tables. `sqlite3.Error` when
    it cannot even be asked.
    """
    deadline_s = time.monotonic() + within_s
    connection.set_progress_handler(lambda: time.monotonic() > deadline_s, _STEPS)
    try:
        [found] = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.OperationalError as problem:
        if problem.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT:
            raise
        return None
    finally:
        connection.set_progress_handler(None, 0)
    return None if found == "ok" else " ".join(str(found).split())
