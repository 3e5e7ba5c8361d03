"""Every night the whole log is read, so that damage is found while the copies of it are still young."""

import logging
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from dawr.database import first_damage
from dawr.errors import LogDamaged
from server.keeping.log import Log, read
from server.keeping.writer import OffLoop

AT_START_S = 0.5
AT_NIGHT = time(3, 0)
LOOK_EVERY_S = 60.0

_log = logging.getLogger(__name__)


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


class NightlyCheck:
    """Reads the log at three in the morning of the centre, where it stops nobody; `log.damage` tells what was found."""

    def __init__(
        self, log: Log, zone: ZoneInfo, now: Callable[[], datetime], off_loop: OffLoop = lambda work: work()
    ) -> None:
        self._log, self._zone, self._now, self._off_loop = log, zone, now, off_loop
        self._due = self._next_night()

    def check_if_due(self) -> bool:
        """Check if the night has come. Whether it had."""
        if self._now() < self._due:
            return False
        self._due = self._next_night()
        self._log.damage = self._off_loop(lambda: damage_of(self._log.file))
        if self._log.damage:
            _log.error("the log is damaged: %s", self._log.damage)
        else:
            _log.info("the log was read from end to end and is sound")
        return True

    def _next_night(self) -> datetime:
        here = self._now().astimezone(self._zone)
        night = datetime.combine(here.date(), AT_NIGHT, self._zone)
        return night if night > here else datetime.combine(here.date() + timedelta(days=1), AT_NIGHT, self._zone)
