"""Makes the days of a log ready for reports: a process of its own that gives way to everything else.

    python -m server.reports.prepare CENTRE.toml DATA

A log of years takes minutes once, and reckoning them in the server would hold up the hall.
"""

import logging
import os
import sqlite3
import sys
import time
from collections.abc import Callable
from contextlib import closing
from datetime import date
from pathlib import Path

from dawr.settings.centre import Centre, read_centre
from server.keeping.log import FILE
from server.reports.history import keep, not_ready

REFUSALS = 5
"""So often a day may be refused in a row, for a report has the file, or the disk is full."""

_log = logging.getLogger(__name__)


def prepare(
    log: sqlite3.Connection, centre: Centre, folder: Path, rest: Callable[[float], bool] = lambda _worked_s: True
) -> int:
    """Keep every day that is not ready, the newest first; how many are left.

    After each day `rest` hears how long it took, and says whether to go on.
    """
    missing, _ = not_ready(log, centre, date.min, date.max, folder)
    refused = 0
    while missing and refused < REFUSALS:
        began_s = time.monotonic()
        try:
            keep(log, centre, missing[-1], folder)
            missing.pop()
            refused = 0
        except sqlite3.Error as problem:
            refused += 1
            _log.warning("%s cannot be made ready: %s", missing[-1], problem)
        if not rest(time.monotonic() - began_s):
            break
    return len(missing)


def main() -> None:
    """Prepare until all is ready, or whoever started this is gone."""
    os.nice(19)
    centre, folder, parent = read_centre(Path(sys.argv[1])), Path(sys.argv[2]), os.getppid()

    def rest(worked_s: float) -> bool:
        # As long as it worked, so that a report gets at the file and a small computer stays cool.
        time.sleep(worked_s)
        return os.getppid() == parent

    with closing(sqlite3.connect(folder / FILE)) as log:
        log.execute("PRAGMA query_only = ON")
        sys.exit(1 if prepare(log, centre, folder, rest) else 0)


if __name__ == "__main__":
    main()
