"""What could belong to a person is taken out of the log after a time, and after years the steps of every visit.

First go a visitor's class, what the calling rule made of it, the reasons that clerks typed, and who pressed; what is
left of a visit is a number, a service and its times. Years later its events go; its row stays, from which the figures
of the day are reckoned, and so does what of them came from events (`past_day`). Each day is one transaction with its
entry in the audit log: a kill between two of them costs nothing.

Age is counted in business days of the log, for clocks jump: from one day to the next it grows by what the calendar
says, but by one day where that is more than a week. A clock that is years ahead makes nothing old; a centre that is
closed for longer keeps everything for as much longer.
"""

import json
import os
import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import date, timedelta
from itertools import pairwise
from typing import NamedTuple

from dawr.clock import Trust
from dawr.settings.centre import Privacy
from server.audit.seals import Seal, digest, seals
from server.audit.trail import THE_SERVER, Audit, append
from server.keeping.log import BALLAST_BYTES, Log, connect, forget_senders, remove_until, writing
from server.keeping.writer import OffLoop
from server.reports.counter_times import counter_times
from server.reports.feedback import answers

LONGEST_GAP = timedelta(days=7)
LATE = timedelta(days=31)
"""A kiosk may hand in tickets of days so long before."""
A_YEAR_DAYS = 365

# Without its credit a visit would still tell that its visitor had one.
_BARE = (
    """
    UPDATE event SET body = json_set(json_remove(body, '$.class', '$.reference', '$.hidden_reference'),
        '$.counted_from', json_extract(body, '$.joined_at'))
    WHERE sequence BETWEEN :first AND :last AND name IN ('TicketIssued', 'TicketCarried')
    """,
    """
    UPDATE event SET body = json_set(body, '$.counted_from', json_extract(body, '$.at'))
    WHERE sequence BETWEEN :first AND :last AND name = 'TicketTransferred'
    """,
    """
    UPDATE event SET body = json_remove(body, '$.reason')
    WHERE sequence BETWEEN :first AND :last AND name IN ('TicketParked', 'CounterPaused')
    """,
    """
    UPDATE ticket SET class = NULL, reference = NULL, counted_from = joined_at
    WHERE day BETWEEN :late AND :day
        AND (class IS NOT NULL OR reference IS NOT NULL OR counted_from IS NOT joined_at)
    """,
)


class Due(NamedTuple):
    """Days whose time is over: those of which the personal part goes, and those of which all events go."""

    personal: list[Seal]
    steps: list[Seal]


def due(found: Sequence[Seal], today: date, privacy: Privacy) -> Due:
    """What has to be removed of sealed days, the oldest first."""
    days = [*(date.fromisoformat(seal.day) for seal in found), today]
    ages, age = [], 0
    for earlier, later in reversed([*pairwise(days)]):
        age += _grown(later - earlier)
        ages.append(age)
    aged = [*zip(found, reversed(ages), strict=True)]
    steps = [seal for seal, age in aged if not seal.is_past and age > privacy.steps_years * A_YEAR_DAYS]
    return Due([seal for seal, age in aged if not seal.is_bare and age > privacy.personal_days], steps)


def _grown(gap: timedelta) -> int:
    return gap.days if timedelta() <= gap <= LONGEST_GAP else 1


class Retention:
    """Removes what is due of one day after the other, once a business day; `day` is the one that runs."""

    def __init__(
        self,
        log: Log,
        audit: Audit,
        privacy: Privacy,
        trust: Callable[[], Trust],
        day: Callable[[], date | None],
        off_loop: OffLoop,
    ) -> None:
        self._log, self._audit, self._privacy = log, audit, privacy
        self._trust, self._day, self._off_loop = trust, day, off_loop
        # A change of the times holds from the next day on: until then whoever made it by mistake can undo it.
        self._done = day()

    def remove_if_due(self) -> None:
        """Remove everything that is due; it rests as long as it works. Nothing while nobody vouches for the clock."""
        today = self._day()
        if today is None or today == self._done or self._trust() is Trust.NONE:
            return
        removed = False
        while took_s := self._off_loop(lambda: self._remove_next(today)):
            removed = True
            time.sleep(took_s)
        if removed:
            self._off_loop(self._empty_wal)
        self._done = today

    def _remove_next(self, today: date) -> float:
        """Remove what is due of a day; how long it took, 0 if nothing is due or the disk is nearly full."""
        began_s = time.monotonic()
        with self._log.reading() as db:
            personal, steps = due(seals(db), today, self._privacy)
            if not (personal or steps) or not self._has_room():
                return 0.0
            seal = personal[0] if personal else steps[0]
            facts: dict[str, str | int] = {"day": seal.day, "first": seal.first, "last": seal.last}
            facts["before"] = digest(db, seal.first, seal.last)
        # The hall's writer waits for what is inside: nobody writes to a day that is over, so the rest is outside.
        with writing(self._log.file) as db:
            (_remove_personal if personal else _remove_steps)(db, seal)
            facts["after"] = digest(db, seal.first, seal.last)
            append(db, self._audit.entry("", THE_SERVER, "personal_removed" if personal else "day_removed", facts))
        return time.monotonic() - began_s

    def _empty_wal(self) -> None:
        """What was removed still stands in the WAL until it is written over."""
        with closing(connect(self._log.file)) as db:
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def _has_room(self) -> bool:
        """What is changed stands in the WAL beside the file first."""
        room = os.statvfs(self._log.file.parent)
        return room.f_bavail * room.f_frsize > 4 * BALLAST_BYTES


def _remove_personal(db: sqlite3.Connection, seal: Seal) -> None:
    late = date.fromisoformat(seal.day) - LATE
    for statement in _BARE:
        db.execute(statement, {"first": seal.first, "last": seal.last, "day": seal.day, "late": str(late)})
    forget_senders(db, seal.first, seal.last, seal.day)


def _remove_steps(db: sqlite3.Connection, seal: Seal) -> None:
    day = date.fromisoformat(seal.day)
    counters = [[one.counter, one.seconds] for one in counter_times(db, day)]
    db.execute(
        "INSERT OR REPLACE INTO past_day VALUES (?, ?, ?)",
        (seal.day, json.dumps(counters), json.dumps([*answers(db, day, day)])),
    )
    forget_senders(db, seal.first, seal.last, seal.day)
    remove_until(db, seal.last)
