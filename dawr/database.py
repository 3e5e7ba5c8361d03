"""What our SQLite files share, be it a kiosk's journal or a centre's log: a look at whether one is damaged."""

import sqlite3
import time
from math import inf

SLOW_DISK_BYTES_S = 40e6
"""What an old memory card gives when it is read from end to end."""

_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_CAUSE = 0xFF  # of an extended result code (sqlite.org/rescode.html)


def first_damage(connection: sqlite3.Connection, within_s: float = inf) -> str | None:
    """What is wrong with the file; None if nothing was found. `sqlite3.Error` when it cannot be asked.

    All of it is checked if even a slow disk reads that much in the time given, else the newest rows of each table. (A
    check of the whole cannot be ended early: SQLite 3.40 asks no progress handler before it is through.)
    """
    try:
        if _size(connection) <= SLOW_DISK_BYTES_S * within_s:
            return _of_all(connection)
        _read_the_newest(connection, within_s)
    except sqlite3.DatabaseError as problem:
        if problem.sqlite_errorcode & _CAUSE not in _DAMAGED:
            raise
        return str(problem)
    return None


def _size(connection: sqlite3.Connection) -> int:
    """Bytes of the file."""
    [pages], [page_size] = (connection.execute(f"PRAGMA {what}").fetchone() for what in ("page_count", "page_size"))
    return int(pages * page_size)


def _of_all(connection: sqlite3.Connection) -> str | None:
    """`PRAGMA quick_check` reads every page, but does not hold indexes against their tables."""
    [found] = connection.execute("PRAGMA quick_check(1)").fetchone()
    return None if found == "ok" else " ".join(str(found).split())


def _read_the_newest(connection: sqlite3.Connection, within_s: float) -> None:
    """Read each table from its newest row back, for its share of the time."""
    tables = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
    ends_s = time.monotonic() + within_s
    for left, (table,) in zip(range(len(tables), 0, -1), tables, strict=True):
        table_ends_s = time.monotonic() + (ends_s - time.monotonic()) / left
        # The first column of each of our tables is its key.
        for _row in connection.execute(f'SELECT * FROM "{table}" ORDER BY 1 DESC'):
            if time.monotonic() > table_ends_s:
                break
