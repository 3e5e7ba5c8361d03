"""A writer on a real log for tests, with the clock in the test's hand."""

import sqlite3
import threading
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from dawr.clock import Moment, Trust
from dawr.messages import Command, HandIn, PrintedTicket
from server.access.who import ANYBODY, Who
from server.keeping.log import Log
from server.keeping.writer import Stored, Writer
from tests.halls import SUNDAY_MORNING, small_centre


class LiveWriter:
    """`do` waits for the answer. `stored` lists what each COMMIT stored."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.now = SUNDAY_MORNING
        self.stored: list[Stored] = []
        self.start()

    def start(self, *, running: bool = True) -> None:
        self.log = Log(self.folder)
        self.writer = Writer(small_centre(), self.log, lambda: self.now, on_stored=self.stored.append)
        self.thread = threading.Thread(target=self.writer.run, daemon=True)
        if running:
            self.thread.start()

    def stop(self) -> None:
        self.writer.stop()
        if self.thread.is_alive():
            self.thread.join(10)
        self.log.close()

    def restart(self) -> None:
        self.stop()
        self.start()

    def do(self, command: Command, id: str | None = None, after_s: float = 0, who: Who = ANYBODY) -> dict[str, Any]:
        self.now += timedelta(seconds=after_s)
        return self.writer.submit(command, id, who).result(10)

    def rows(self, sql: str) -> list[Any]:
        with self.log.reading() as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(sql)]


def moment(at: datetime, trust: Trust = Trust.NTP, boot: str = "boot-1") -> Moment:
    return Moment(boot, at.timestamp() - SUNDAY_MORNING.timestamp() + 1000 * 86_400, at, trust)


def hand_in(issuer: str, sent: datetime, *tickets: tuple[str, str, datetime]) -> HandIn:
    """Tickets of the birth service by id, number and time of issue."""
    return HandIn(
        issuer=issuer,
        sent=moment(sent),
        tickets=tuple(
            PrintedTicket(id=id, number=number, service="birth", language="ar", issued=moment(at))
            for id, number, at in tickets
        ),
    )
