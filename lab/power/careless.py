"""Mutants: SQLite connections that are less careful than they say. A lab that does not catch them proves nothing.

`python -m lab.power.careless CHANGE MODULE [ARGUMENT…]` runs a module as a process in which every connection is so.
"""

import functools
import re
import runpy
import sqlite3
import sys
from collections.abc import Iterable
from typing import Any

MUTANTS: dict[str, list[tuple[str, list[str]]]] = {
    "synchronous-normal": [
        (r"PRAGMA synchronous = (FULL|2)", ["PRAGMA synchronous = NORMAL"]),
        (r"PRAGMA synchronous", ["SELECT 2"]),
    ],
    "journal-delete": [(r"PRAGMA journal_mode = WAL", ["PRAGMA journal_mode = DELETE", "SELECT 'wal'"])],
}
"""What a mutant does instead of a statement. `journal-delete` is what Python's sqlite3 does when nobody asks for more;
`synchronous-normal` is what many recommend together with WAL."""

HARMLESS: dict[str, list[tuple[str, list[str]]]] = {
    "checkpoints-often": [
        (r"PRAGMA synchronous = (FULL|2)", ["PRAGMA wal_autocheckpoint = 20", "PRAGMA synchronous = FULL"])
    ],
}
"""What must not matter. A short recording would else hardly ever be cut while the WAL goes into the database."""


def change_sqlite(change: str) -> None:
    """From now on every connection of this process says that it is set as it was asked to be, and is not."""
    replaced = {**MUTANTS, **HARMLESS}[change]
    setattr(sqlite3, "connect", functools.partial(sqlite3.connect, factory=_connection(replaced)))  # noqa: B010


def _connection(replaced: list[tuple[str, list[str]]]) -> type[sqlite3.Connection]:
    class Careless(sqlite3.Connection):
        def execute(self, sql: str, parameters: Any = ()) -> sqlite3.Cursor:
            *first, last = _instead_of(sql, replaced)
            for statement in first:
                super().execute(statement)
            return super().execute(last, parameters)

    return Careless


def _instead_of(sql: str, replaced: Iterable[tuple[str, list[str]]]) -> list[str]:
    return next((instead for pattern, instead in replaced if re.fullmatch(pattern, sql.strip())), [sql])


if __name__ == "__main__":
    _, chosen, module, *arguments = sys.argv
    change_sqlite(chosen)
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
