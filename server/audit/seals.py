"""The days of the hall sealed: the digest of a day's events in the audit log, as soon as another day has begun.

A hash for every event would have to be reckoned between a clerk's press and its answer; this is done once a day, in
less than a second, where it stops nobody. The day that runs is not sealed yet.
"""

import hashlib
import json
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

from dawr.messages import DayStarted
from server.audit.trail import THE_SERVER, Audit, append
from server.keeping.log import Log, writing
from server.keeping.writer import OffLoop

LOOK_EVERY_S = 3.0
BROKEN = "broken"
"""Is the digest of nothing."""
AT_ONCE = 1000
"""So many events are hashed between two reports of how far it is."""

# An event of whose sender nothing is known is hashed as it was before there were any.
_EVENTS = """
    SELECT CASE WHEN sender IS NULL THEN json_array(sequence, at, name, day, ticket, counter, command, body)
        ELSE json_array(sequence, at, name, day, ticket, counter, command, body,
            (SELECT json_array(id, role, name) FROM sender WHERE number = event.sender)) END
    FROM event WHERE sequence BETWEEN ? AND ? ORDER BY sequence
    """
# As the index has it, else all entries of all years are read.
ABOUT_DAYS = """
    SELECT record FROM audit
    WHERE json_extract(record, '$.action') IN ('day_sealed', 'log_mended', 'personal_removed', 'day_removed')
    ORDER BY number
    """


About = dict[str, str | int]


@dataclass(frozen=True, slots=True)
class Seal:
    """A stretch of the log that is over: its business day, its first and last sequence, and the digest of its events.

    As the centre's settings want it, what could belong to a person was taken out of them (`is_bare`), and later nearly
    all of them (`is_past`); the digest is of what is left.
    """

    day: str
    first: int
    last: int
    digest: str
    is_bare: bool = False
    is_past: bool = False


class SealBroken(Exception):
    """The events of a day are not what they were when it was sealed."""

    def __init__(self, seal: Seal) -> None:
        super().__init__(f"{seal.day}: events {seal.first} to {seal.last}")
        self.seal = seal


def digest(db: sqlite3.Connection, first: int, last: int, on_hashed: Callable[[int], None] = lambda _n: None) -> str:
    """The digest of the events from a sequence to another; `on_hashed` hears how many more are done."""
    made = hashlib.blake2b(digest_size=32)
    rows = db.execute(_EVENTS, (first, last))
    while those := rows.fetchmany(AT_ONCE):
        made.update("".join(f"{row}\n" for (row,) in those).encode())
        on_hashed(len(those))
    return made.hexdigest()


def seals(db: sqlite3.Connection) -> list[Seal]:
    """Every seal as it is now, the oldest first: what the audit log says of the days, folded."""
    found: dict[int, Seal] = {}
    for (record,) in db.execute(ABOUT_DAYS):
        told = json.loads(record)
        FOLDS[told["action"]](found, told["about"])
    return list(found.values())


def verify(db: sqlite3.Connection, on_hashed: Callable[[int], None] = lambda _n: None) -> list[Seal]:
    """The seals, if the events are as they were sealed and none is missing since; else `SealBroken`."""
    found = seals(db)
    for seal in found:
        if digest(db, seal.first, seal.last, on_hashed) != seal.digest:
            raise SealBroken(seal)
    last = found[-1].last if found else 0
    [count, newest] = db.execute("SELECT count(*), max(sequence) FROM event WHERE sequence > ?", (last,)).fetchone()
    if count and newest - last != count:
        raise SealBroken(Seal("", last + 1, newest, BROKEN))
    return found


def unsealed(db: sqlite3.Connection, after: int) -> Seal | None:
    """The oldest day that is over and begins after a sequence, sealed; None when there is none."""
    started = db.execute(
        "SELECT sequence, day FROM event WHERE sequence > ? AND name = ? ORDER BY sequence LIMIT 2",
        (after, DayStarted.__name__),
    ).fetchall()
    if len(started) < 2:
        return None
    [(_, day), (following, _)] = started
    return Seal(day, after + 1, following - 1, digest(db, after + 1, following - 1))


def _sealed(found: dict[int, Seal], about: About) -> None:
    seal = Seal(str(about["day"]), int(about["first"]), int(about["last"]), str(about["digest"]))
    found[seal.first] = seal


def _bared(found: dict[int, Seal], about: About) -> None:
    found[int(about["first"])] = replace(_sealed_anew(found, about), is_bare=True)


def _removed(found: dict[int, Seal], about: About) -> None:
    found[int(about["first"])] = replace(_sealed_anew(found, about), is_past=True)


def _sealed_anew(found: dict[int, Seal], about: About) -> Seal:
    """A seal after a removal; one that did not hold when its events were removed never holds again."""
    seal = found[int(about["first"])]
    return replace(seal, digest=str(about["after"]) if about["before"] == seal.digest else BROKEN)


def _mended(found: dict[int, Seal], about: About) -> None:
    """Events after the damage are gone, and their sequences are given again."""
    for seal in [seal for seal in found.values() if seal.last > int(about["events"])]:
        del found[seal.first]


FOLDS: dict[str, Callable[[dict[int, Seal], About], None]] = {
    "day_sealed": _sealed,
    "personal_removed": _bared,
    "day_removed": _removed,
    "log_mended": _mended,
}
"""What each entry about days makes of the seals, which are known by their first sequence."""


class Sealing:
    """Seals what is over, one day after the other; `day` is the business day that runs."""

    def __init__(self, log: Log, audit: Audit, day: Callable[[], date | None], off_loop: OffLoop) -> None:
        self._log, self._audit, self._day, self._off_loop = log, audit, day, off_loop
        self._done: date | None = None

    def seal_if_due(self) -> None:
        """Seal every day that is over and not sealed; of years that never were, it rests as long as it works."""
        today = self._day()
        if today == self._done:
            return
        while took_s := self._off_loop(self._seal_next):
            time.sleep(took_s)
        self._done = today

    def _seal_next(self) -> float:
        """Seal a day; how long it took, 0 if there was none."""
        began_s = time.monotonic()
        with self._log.reading() as db:
            found = seals(db)
            seal = unsealed(db, found[-1].last if found else 0)
        if seal is None:
            return 0.0
        with writing(self._log.file) as db:
            append(db, self._audit.entry("", THE_SERVER, "day_sealed", about(seal)))
        return time.monotonic() - began_s


def about(seal: Seal) -> About:
    """A seal as it stands in the audit log."""
    return {"day": seal.day, "first": seal.first, "last": seal.last, "digest": seal.digest}
