"""The audit log: what people, devices and the server itself did that is no event of the hall, chained and append-only.

It is a table of the log's own database, so that there is one file to copy and to look after, and what the server does
to the log (a day sealed, details removed) is stored in one transaction with the record of it. Triggers refuse changes
and deletions by mistake, the chain shows those on purpose.
"""

import logging
import sqlite3
from collections import Counter as Tally
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from dawr.clock import Trust
from dawr.words import Words
from server.audit.chain import Chain
from server.keeping.log import connect, rfc3339, writing
from server.keeping.writer import OffLoop

CHAIN = Chain("audit")
ACTIONS: dict[str, tuple[str, ...]] = {
    "signed_in": (),
    "signed_out": (),
    "sign_in_refused": ("count",),
    "person_added": ("person",),
    "person_changed": ("person",),
    "person_removed": ("person",),
    "device_added": ("device",),
    "device_changed": ("device",),
    "device_revoked": ("device",),
    "token_made": ("token",),
    "token_revoked": ("token",),
    "exported": ("what",),
    "sent": ("what", "to"),
    "settings_changed": ("version",),
    "day_sealed": ("day",),
    "log_mended": ("events",),
    "personal_removed": ("day",),
    "day_removed": ("day",),
}
"""What can be recorded, with the facts that the sentence `audit.did.ACTION` needs beside who did it."""
THE_SERVER = "server"
"""The role of the server itself."""
THE_MACHINE = "machine"
"""The role of whoever gives commands at the server's own machine."""
COUNTED_EVERY_S = 600.0
"""What is counted is recorded so often: whoever guesses all night must not fill the disk."""
MOST_UNWRITTEN = 1000
MOST_SOURCES = 5

_log = logging.getLogger(__name__)

Fact = str | int


class Entry(BaseModel):
    """What somebody did."""

    at: str
    """When, by the server's clock."""
    trust: Trust
    """Who vouched for that clock."""
    who: str
    """The name of the person or the device; empty for the server itself, and for somebody unknown."""
    role: str
    """What they are to the centre: `administrator`, `kiosk`, `server` …"""
    action: str
    """What they did."""
    about: dict[str, Fact]
    """More about it."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)


class AuditEntry(Entry):
    """An entry with its place in the audit log."""

    number: int
    """Its number, from 1."""


def sentence(entry: Entry, words: Words) -> str:
    """What was done, and by whom."""
    if not words.has(f"audit.did.{entry.action}"):
        return entry.action  # of a later version of Dawr
    who = entry.who or words(f"audit.role.{entry.role}")
    return words(f"audit.did.{entry.action}", **{**entry.about, "who": who})


def append(db: sqlite3.Connection, entry: Entry) -> None:
    """Add an entry in the transaction of the caller. `sqlite3.Error` when it cannot be stored."""
    CHAIN.append(db, entry.model_dump_json())


def entries(db: sqlite3.Connection, before: int | None, limit: int) -> list[AuditEntry]:
    """The newest entries first, those before a number if one is given."""
    rows = db.execute(
        "SELECT number, record FROM audit WHERE ? IS NULL OR number < ? ORDER BY number DESC LIMIT ?",
        (before, before, limit),
    )
    return [AuditEntry(number=number, **Entry.model_validate_json(record).model_dump()) for number, record in rows]


class Audit:
    """The audit log of a running server, beside its hall.

    `clock` gives aware UTC, `trust` who vouches for it; `off_loop` is where a disk may be waited for.
    """

    def __init__(
        self,
        log_file: Path,
        clock: Callable[[], datetime],
        trust: Callable[[], Trust],
        off_loop: OffLoop = lambda work: work(),
    ) -> None:
        self._file, self._clock, self._trust, self._off_loop = log_file, clock, trust, off_loop
        self._unwritten = deque[Entry](maxlen=MOST_UNWRITTEN)
        self._counted: dict[str, Tally[str]] = {}

    def record(self, who: str, role: str, action: str, about: Mapping[str, Fact]) -> None:
        """Record what somebody did, a member of `ACTIONS`; `who` is a name, empty for the server itself.

        A disk that fails keeps nobody from anything: the entry stands in the server's journal, and is stored with the
        next one.
        """
        self._store(self.entry(who, role, action, about))

    def count(self, action: str, source: str) -> None:
        """Count what happens too often to be recorded each time; `source` is an address or a name."""
        self._counted.setdefault(action, Tally())[source] += 1

    def record_counted(self) -> None:
        """Record what was counted since the last time, if anything."""
        counted, self._counted = self._counted, {}
        for action, sources in counted.items():
            named = ", ".join(source for source, _count in sources.most_common(MOST_SOURCES))
            self.record("", "anybody", action, {"count": sources.total(), "from": named})

    def page(self, before: int | None, limit: int) -> tuple[str, list[AuditEntry]]:
        """The head, and the newest entries first, those before a number if one is given. May raise `sqlite3.Error`."""

        def read() -> tuple[str, list[AuditEntry]]:
            with closing(connect(self._file)) as db:
                return CHAIN.end(db).short, entries(db, before, limit)

        found: tuple[str, list[AuditEntry]] = self._off_loop(read)
        return found

    def entries(self, before: int | None, limit: int) -> list[AuditEntry]:
        """The same without the head."""
        return self.page(before, limit)[1]

    def entry(self, who: str, role: str, action: str, about: Mapping[str, Fact]) -> Entry:
        """The entry of now; to be appended by whoever stores something together with it."""
        missing = set(ACTIONS[action]) - about.keys()
        assert not missing, f"the sentence of {action} needs {missing}"
        return Entry(
            at=rfc3339(self._clock()), trust=self._trust(), who=who, role=role, action=action, about=dict(about)
        )

    def _store(self, entry: Entry) -> None:
        self._unwritten.append(entry)
        trouble = self._off_loop(self._write)
        if trouble:
            _log.error("not in the audit log yet, for %s: %s", trouble, entry.model_dump_json())

    def _write(self) -> sqlite3.Error | None:
        """Store all that is not stored yet; what hindered it. (No locks and no logging: this is off the loop.)"""
        those: list[Entry] = []
        try:
            with writing(self._file) as db:
                while self._unwritten:
                    those.append(self._unwritten.popleft())
                    append(db, those[-1])
        except sqlite3.Error as problem:
            self._unwritten.extendleft(reversed(those))
            return problem
        return None
