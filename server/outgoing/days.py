"""The days of the log for what is sent of them, reckoned where it stops nobody."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from dawr.settings.centre import Centre
from server.audit.trail import CHAIN
from server.keeping.log import Log
from server.keeping.writer import OffLoop
from server.reports.waiting import WaitingReport, waiting

T = TypeVar("T")

Record = Callable[[str, str], None]
"""Puts on record what was sent, and to whom."""


def name_of(day: date) -> str:
    """The name of a day that is sent, as the record calls it."""
    return f"day-{day}"


@dataclass(frozen=True, slots=True)
class Days:
    """Asks the log of a centre."""

    log: Log
    centre: Centre
    off_loop: OffLoop

    def had_visits(self, day: date) -> bool:
        """Whether any ticket was taken on a day."""
        return self._read(
            lambda log: log.execute("SELECT 1 FROM ticket WHERE day = ? LIMIT 1", (str(day),)).fetchone() is not None
        )

    def report(self, day: date) -> WaitingReport:
        """A day by service, beside the same weekday before."""
        folder = self.log.file.parent
        return self._read(lambda log: waiting(log, self.centre, day, day, "service", "week", folder))

    def head(self) -> str:
        """The mark of the audit log's newest entry: outside the server it proves later what had been recorded."""
        return self._read(lambda log: CHAIN.end(log).short)

    def _read(self, make: Callable[[sqlite3.Connection], T]) -> T:
        def read() -> T:
            with self.log.reading() as connection:
                return make(connection)

        found: T = self.off_loop(read)
        return found
