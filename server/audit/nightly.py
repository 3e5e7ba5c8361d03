"""Every night the whole log is read and what is on record verified: what is found late is in every copy."""

import logging
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from dawr.overview import Trouble
from server.audit.verified import NotWhole, verified
from server.keeping.damage import damage_of
from server.keeping.log import Log
from server.keeping.writer import OffLoop
from server.telling.needs import Need

AT_NIGHT = time(3, 0)
LOOK_EVERY_S = 60.0

_log = logging.getLogger(__name__)


def broken_record(file: Path) -> NotWhole | None:
    """What of the record is not as it was written; None when it is whole. `sqlite3.Error` when it cannot be read."""
    with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as connection:
        connection.execute("BEGIN")
        try:
            verified(connection)
        except NotWhole as found:
            return found
    return None


class NightlyCheck:
    """Reads the log at three in the morning of the centre, where it stops nobody; `log.damage` tells of damage.

    All of it each night: reading every event costs more than the hashes do (docs/privacy.md, Measured).
    """

    def __init__(
        self, log: Log, zone: ZoneInfo, now: Callable[[], datetime], off_loop: OffLoop = lambda work: work()
    ) -> None:
        self._log, self._zone, self._now, self._off_loop = log, zone, now, off_loop
        self._due = self._next_night()
        self._broken: NotWhole | None = None

    def needs(self) -> list[Need]:
        """What managers should know since the last night."""
        if self._log.damage:
            return [Need("log", "problem.log_damaged", trouble=Trouble.RECORD)]
        if self._broken:
            return [
                Need("log", "alert.record", why=self._broken.key, why_facts=self._broken.facts, trouble=Trouble.RECORD)
            ]
        return []

    def check_if_due(self) -> bool:
        """Check if the night has come. Whether it had."""
        if self._now() < self._due:
            return False
        self._due = self._next_night()
        self._log.damage = self._off_loop(lambda: damage_of(self._log.file))
        if self._log.damage:
            _log.error("the log is damaged: %s", self._log.damage)
            return True
        self._broken = self._off_loop(lambda: broken_record(self._log.file))
        if self._broken:
            _log.error("the record is not as it was written: %s", self._broken)
        else:
            _log.info("the log was read from end to end: it is sound, and as it was written")
        return True

    def _next_night(self) -> datetime:
        here = self._now().astimezone(self._zone)
        night = datetime.combine(here.date(), AT_NIGHT, self._zone)
        return night if night > here else datetime.combine(here.date() + timedelta(days=1), AT_NIGHT, self._zone)
