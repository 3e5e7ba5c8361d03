"""Sees to it that the days of the log are ready before a manager asks: after a start, and whenever a day is over."""

import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

from dawr.settings.centre import Centre
from server.keeping.log import Log
from server.reports.history import not_ready
from server.rounds import Round

LOOK_EVERY_S = 3.0


def are_all_ready(log: Log, centre: Centre) -> bool:
    """Whether every day of the log that is over is ready for reports."""
    with log.reading() as connection:
        return not not_ready(connection, centre, date.min, date.max, log.file.parent)[0]


class Preparing(Round):
    """Starts `server.reports.prepare` when the hall has begun another day and some are not ready; one at a time."""

    def __init__(
        self, centre_file: Path, data: Path, day: Callable[[], date | None], all_ready: Callable[[], bool]
    ) -> None:
        super().__init__("preparing of reports", LOOK_EVERY_S, self.look)
        self._command = [sys.executable, "-m", "server.reports.prepare", str(centre_file), str(data)]
        self._day, self._all_ready = day, all_ready
        self._done: date | None = None
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def is_at_work(self) -> bool:
        """Whether days are being made ready now, or will be in a moment."""
        return self._done is None or (self._process is not None and self._process.poll() is None)

    def look(self) -> None:
        """Begin if it is time."""
        today = self._day()
        if not today or today == self._done or (self._process and self._process.poll() is None):
            return
        if not self._all_ready():
            # Whoever reads the server's standard output reads its address there, and nothing else.
            self._process = subprocess.Popen(self._command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        self._done = today

    def stop(self) -> None:
        """What is ready stays ready."""
        super().stop()
        if self._process and self._process.poll() is None:
            self._process.terminate()
            self._process.wait()
