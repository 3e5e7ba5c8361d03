"""What our SQLite files share, be it a kiosk's journal or a centre's log: a look at whether one is damaged."""

import sqlite3
import time

_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_CAUSE = 0xFF  # of an extended result code (sqlite.org/rescode.html)


def first_damage(connection: sqlite3.Connection) -> str | None:
    """What is wrong with the file; None if nothing was found. Reads all of it: a second or two a gigabyte from memory.

    `PRAGMA quick_check`, which does not hold indexes against their tables. `sqlite3.Error` when it cannot be asked.
    """
    [found] = connection.execute("PRAGMA quick_check(1)").fetchone()
    return None if found == "ok" else " ".join(str(found).split())


def first_unreadable(connection: sqlite3.Connection, within_s: float) -> str | None:
    """The same for as much as can be read in that time, from the newest rows of each table back.

    (A check of the whole file cannot be ended early: SQLite 3.40 asks no progress handler before it is through.)
    """
    try:
        tables = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
        ends_s = time.monotonic() + within_s
        for left, (table,) in zip(range(len(tables), 0, -1), tables, strict=True):
            table_ends_s = time.monotonic() + (ends_s - time.monotonic()) / left
            # The first column of each of our tables is its key.
            for _row in connection.execute(f'SELECT * FROM "{table}" ORDER BY 1 DESC'):
                if time.monotonic() > table_ends_s:
                    break
    except sqlite3.DatabaseError as problem:
        if problem.sqlite_errorcode & _CAUSE not in _DAMAGED:
            raise
        return str(problem)
    return None
