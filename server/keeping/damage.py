"""Looking for damage in a log: for as long as a start may take, or every page and every event of it."""

import sqlite3
from contextlib import closing
from pathlib import Path

from dawr.database import first_damage
from dawr.errors import LogDamaged
from server.keeping.log import read

AT_START_S = 0.5


def refuse_damaged(file: Path) -> None:
    """Look at a log before it is used, for as long as a start may take. `LogDamaged` when something is found."""
    if file.exists():
        with closing(sqlite3.connect(file)) as connection:
            damage = first_damage(connection, AT_START_S)
        if damage:
            raise LogDamaged(damage)


def damage_of(file: Path) -> str | None:
    """What is wrong with a log, read wholly: every page, every event, none missing. None when it is sound."""
    try:
        with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            damage = first_damage(connection)
            for _ in read(connection, 0, -1) if damage is None else ():
                pass
    except (sqlite3.Error, LogDamaged) as problem:
        return str(problem)
    return damage
