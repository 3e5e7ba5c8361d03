"""When a kiosk may begin its spare numbers: its journal is lost, and so is the server; but only once a day.

A file notes the day of their last use. If the journal is lost again on that day, nobody knows which of them are on
paper, so the kiosk waits for the server after all.
"""

import os
from datetime import date
from pathlib import Path

from dawr.durable import settle
from dawr.errors import StorageFailed

SPARE_FILE = "spare-used"
SILENT_S = 20.0
"""The server is gone when it was not heard for so long: a kiosk that is switched on has found it by then."""


class Spare:
    """The note of one kiosk. `StorageFailed` when the disk fails."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def may_begin(self, today: date | None) -> bool:
        """Whether spare numbers given before are all provably of old days; `today` is None while nobody knows it."""
        if not self._file.exists():
            return True
        last = self._last()
        return bool(today and last and last < today)

    def note(self, today: date | None) -> None:
        """They are in use today; on the disk before the first of them is given."""
        if self._file.exists() and self._last() == today:
            return
        fresh = self._file.with_name(self._file.name + ".new")
        try:
            with fresh.open("w", encoding="ascii") as out:
                out.write(today.isoformat() if today else "")
                out.flush()
                os.fsync(out.fileno())
            fresh.replace(self._file)
            settle(self._file.parent)
        except OSError as problem:
            raise StorageFailed(f"{self._file}: {problem}") from problem

    def heard(self, today: date) -> None:
        """The day is known now: what was noted without one is not of a later day."""
        if self._file.exists() and self._last() is None:
            self.note(today)

    def _last(self) -> date | None:
        """The day that was noted; None if nobody knew it, or what is there cannot be read."""
        try:
            return date.fromisoformat(self._file.read_text("ascii").strip())
        except ValueError:
            return None
        except OSError as problem:
            raise StorageFailed(f"{self._file}: {problem}") from problem
