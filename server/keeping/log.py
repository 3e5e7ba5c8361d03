"""The log of a centre in SQLite: events, the answers to commands, one row a ticket; every change in one transaction.

What is stored here is known to survive a power cut once `transaction` has ended. Nothing here knows what a command
means or who is told.
"""

import contextlib
import json
import os
import sqlite3
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple

import sqlite_utils
from pydantic import ValidationError

from dawr.clock import weeks_ahead
from dawr.errors import DetailsRemoved, LogDamaged
from dawr.ids import new_id
from dawr.messages import EVENTS, ClockJumped, DayStarted, Event, TicketIssued
from dawr.references import References
from dawr.tickets import Ticket
from server.access.who import ANYBODY, Role, Who

FILE, BALLAST, KEYS = "hall.sqlite", "ballast", "keys"
BALLAST_BYTES = 16 * 1024 * 1024
BUSY_S = 2.0
MOST_CARRIED = 100
"""More tickets than are taken while the clock still shows the day before."""
_REPLACES = "replaces "
_REMOVED = "removed until"
_HIDDEN = "hidden_reference"
Shown = Callable[[str, str], str | None]
"""Gives what a visitor typed, of a ticket's id and what is stored; None where that cannot be read any more."""

migrations = sqlite_utils.Migrations("dawr")


@migrations()
def log_of_events(db: sqlite_utils.Database) -> None:
    """The first schema. Times of the log are RFC 3339, those of tickets Unix seconds, which reports compute with."""
    for table in (
        """
        CREATE TABLE event (
            sequence INTEGER PRIMARY KEY,
            at TEXT NOT NULL,
            name TEXT NOT NULL,
            day TEXT NOT NULL,
            ticket TEXT,
            counter TEXT,
            command TEXT NOT NULL,
            body TEXT NOT NULL
        ) STRICT
        """,
        """
        CREATE TABLE command (
            id TEXT PRIMARY KEY,
            name TEXT NOT NULL,
            fingerprint TEXT NOT NULL,
            at TEXT NOT NULL,
            result TEXT NOT NULL
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE ticket (
            id TEXT PRIMARY KEY,
            day TEXT NOT NULL,
            number TEXT NOT NULL,
            service TEXT NOT NULL,
            line TEXT NOT NULL,
            class TEXT,
            language TEXT NOT NULL,
            reference TEXT,
            issuer TEXT NOT NULL,
            joined_at REAL NOT NULL,
            counted_from REAL NOT NULL,
            state TEXT NOT NULL,
            counter TEXT,
            first_counter TEXT,
            first_called_at REAL,
            called_at REAL,
            served_at REAL,
            parked_s REAL NOT NULL,
            ended_at REAL,
            ended_by TEXT,
            recalls INT NOT NULL,
            transfers INT NOT NULL,
            overtaken INT NOT NULL,
            out_of_order INT NOT NULL,
            in_doubt INT NOT NULL,
            UNIQUE (day, number)
        ) STRICT
        """,
        "CREATE TABLE about (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID",
    ):
        db.execute(table)


@migrations()
def clock_jumps(db: sqlite_utils.Database) -> None:
    """Each start asks for the last one, among millions of other events."""
    db.execute("CREATE INDEX clock_jump ON event (sequence) WHERE name = 'ClockJumped'")


@migrations()
def feedback_by_day(db: sqlite_utils.Database) -> None:
    """What visitors thought is found among millions of other events."""
    db.execute("CREATE INDEX feedback ON event (day) WHERE name = 'FeedbackGiven'")


@migrations()
def settings_history(db: sqlite_utils.Database) -> None:
    """Who changed the settings: records in a chain, the file's texts by their digests, and where the chain ends."""
    for table in (
        "CREATE TABLE settings_version (version INTEGER PRIMARY KEY, record TEXT NOT NULL, hash TEXT NOT NULL) STRICT",
        "CREATE TABLE settings_text (digest TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT, WITHOUT ROWID",
        "CREATE TABLE settings_state (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID",
    ):
        db.execute(table)


@migrations()
def ends_of_chains(db: sqlite_utils.Database) -> None:
    """Where each chain of records ends; until now there was one, of the settings."""
    for statement in (
        "CREATE TABLE chain_end (chain TEXT PRIMARY KEY, number INTEGER NOT NULL, hash TEXT NOT NULL)"
        " STRICT, WITHOUT ROWID",
        "INSERT INTO chain_end SELECT 'settings_version', (SELECT count(*) FROM settings_version), value"
        " FROM settings_state WHERE key = 'head'",
        "DELETE FROM settings_state WHERE key = 'head'",
    ):
        db.execute(statement)


@migrations()
def audit_log(db: sqlite_utils.Database) -> None:
    """What people, devices and the server did, chained; what is chained can be added to and no more."""
    db.execute("CREATE TABLE audit (number INTEGER PRIMARY KEY, record TEXT NOT NULL, hash TEXT NOT NULL) STRICT")
    for table, number in (("audit", "number"), ("settings_version", "version")):
        refused = f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        db.execute(f"CREATE TRIGGER {table}_stays BEFORE UPDATE ON {table} {refused}")
        db.execute(f"CREATE TRIGGER {table}_is_kept BEFORE DELETE ON {table} {refused}")
        # INSERT OR REPLACE asks no trigger about what it deletes.
        db.execute(
            f"CREATE TRIGGER {table}_grows BEFORE INSERT ON {table}"
            f" WHEN NEW.{number} <= (SELECT max({number}) FROM {table}) {refused}"
        )


@migrations()
def audit_of_days(db: sqlite_utils.Database) -> None:
    """What became of the days of the log is found among what people did."""
    db.execute(
        "CREATE INDEX audit_of_days ON audit (number)"
        " WHERE json_extract(record, '$.action') IN ('day_sealed', 'log_mended', 'personal_removed', 'day_removed')"
    )


@migrations()
def days_without_events(db: sqlite_utils.Database) -> None:
    """What reports need of days whose events were removed: how counters spent them, and what visitors thought."""
    db.execute("CREATE TABLE past_day (day TEXT PRIMARY KEY, counters TEXT NOT NULL, feedback TEXT NOT NULL) STRICT")


@migrations()
def who_pressed(db: sqlite_utils.Database) -> None:
    """Who sent the command of an event, by a number: their id in millions of events would be a tenth of the log.

    `day` is the last business day on which they sent one.
    """
    db.execute(
        """
        CREATE TABLE sender (
            number INTEGER PRIMARY KEY,
            id TEXT NOT NULL,
            role TEXT NOT NULL,
            name TEXT NOT NULL,
            day TEXT NOT NULL,
            UNIQUE (id, role, name)
        ) STRICT
        """
    )
    db.execute("ALTER TABLE event ADD COLUMN sender INTEGER")


class Entry(NamedTuple):
    """One line of the log: its sequence, the id of the command that made it, the event's name, and the event."""

    sequence: int
    command: str
    name: str
    event: Event


class Answer(NamedTuple):
    """What a command was answered, and by what it is known again."""

    fingerprint: str
    result: dict[str, Any]


class Log:
    """The log in a folder, for one writer. Any method may raise `sqlite3.Error`; `LogDamaged` when it reads badly."""

    def __init__(self, folder: Path) -> None:
        """Open it, or begin one. The folder's file system must be a local one: WAL needs shared memory."""
        self.file, self.ballast = folder / FILE, folder / BALLAST
        self.references = References(folder / KEYS)
        """What visitors typed, as it is stored."""
        self.damage: str | None = None
        """What is wrong with it, as the last reading of all of it found."""
        folder.mkdir(parents=True, exist_ok=True)
        self.open()
        self._place_ballast()

    def open(self) -> None:
        """Open the database anew, after `close` or a failure."""
        self._db = connect(self.file)
        migrations.apply(sqlite_utils.Database(self._db, execute_plugins=False))
        self.epoch = self._epoch()
        self.epochs = self._epochs()
        """The epoch of this log, and of those whose place it has taken."""
        [self.sequence] = self._db.execute("SELECT coalesce(max(sequence), 0) FROM event").fetchone()

    def close(self) -> None:
        """Bring everything into the one file and close it."""
        with contextlib.suppress(sqlite3.Error):
            self._db.rollback()
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._db.close()

    # --- Writing --------------------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything inside is stored together when it ends, or not at all. After a failed end it is in doubt."""
        before = self.sequence
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._db.execute("COMMIT")
        except BaseException:
            self.sequence = before
            self._db.rollback()
            raise

    @contextlib.contextmanager
    def part(self) -> Iterator[None]:
        """A part of a transaction that can fail by itself."""
        before = self.sequence
        self._db.execute("SAVEPOINT part")
        try:
            yield
        except BaseException:
            self.sequence = before
            if self._db.in_transaction:  # a full disk ends the whole transaction by itself
                self._db.execute("ROLLBACK TO part")
                self._db.execute("RELEASE part")
            raise
        self._db.execute("RELEASE part")

    def append(
        self, command: str, day: date | None, events: Sequence[Event], who: Who = ANYBODY
    ) -> list[tuple[int, Event]]:
        """Store the events of a command on a business day, and who sent it; gives each with its sequence."""
        numbered = list(enumerate(events, self.sequence + 1))
        sender = self._sender(who, day) if who.id and events else None
        self._db.executemany(
            "INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [(*_event_row(sequence, command, day, event, self.references), sender) for sequence, event in numbered],
        )
        self.sequence += len(numbered)
        return numbered

    def _sender(self, who: Who, day: date | None) -> int:
        """The number of whoever sends a command on this day."""
        values = (who.id, who.role, who.name, str(day))
        known = self._db.execute("SELECT number FROM sender WHERE (id, role, name, day) = (?, ?, ?, ?)", values)
        [number] = (
            known.fetchone()
            or self._db.execute(
                "INSERT INTO sender (id, role, name, day) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (id, role, name) DO UPDATE SET day = excluded.day RETURNING number",
                values,
            ).fetchone()
        )
        return int(number)

    def keep_tickets(self, tickets: Iterable[Ticket]) -> None:
        """Bring the tickets' rows up to date. `sqlite3.IntegrityError` if a number is taken on its day."""
        self._db.executemany(
            _KEEP_TICKET, [tuple(value(ticket) for value in _TICKET_COLUMNS.values()) for ticket in tickets]
        )

    def keep_answer(self, command: str, name: str, at: datetime, answer: Answer) -> None:
        """Store what a command was answered."""
        self._db.execute(
            "INSERT INTO command VALUES (?, ?, ?, ?, ?)",
            (
                command,
                name,
                answer.fingerprint,
                rfc3339(at),
                json.dumps(_without_references(answer.result), ensure_ascii=False),
            ),
        )

    def forget_answers(self, before: datetime) -> None:
        """Forget what commands before this time were answered: nine tenths of the log would be answers by and by."""
        self._db.execute("DELETE FROM command WHERE at < ?", (rfc3339(before),))

    def give_up_ballast(self) -> bool:
        """Free the ballast's room: a full disk takes a few thousand tickets more. False if it is gone already."""
        try:
            self.ballast.unlink()
        except FileNotFoundError:
            return False
        return True

    def _epoch(self) -> str:
        """The id born with this log."""
        known = self._db.execute("SELECT value FROM about WHERE key = 'epoch'").fetchone()
        if known:
            return str(known[0])
        self._db.execute("INSERT INTO about VALUES ('epoch', ?)", (new_id(),))
        return self._epoch()

    def take_the_place_of(self, epoch: str) -> None:
        """Let the devices that follow another log, by its epoch, follow this one from now on."""
        self._db.execute("INSERT INTO about VALUES (?, '') ON CONFLICT DO NOTHING", (f"{_REPLACES}{epoch}",))
        self.epochs.add(epoch)

    def _epochs(self) -> set[str]:
        keys = self._db.execute("SELECT key FROM about WHERE key LIKE ?", (f"{_REPLACES}%",))
        return {self.epoch, *(key.removeprefix(_REPLACES) for (key,) in keys)}

    def _place_ballast(self) -> None:
        if self.ballast.exists():
            return
        with contextlib.suppress(OSError):
            room = os.statvfs(self.file.parent)
            if room.f_bavail * room.f_frsize > 4 * BALLAST_BYTES:
                with self.ballast.open("wb") as file:
                    os.posix_fallocate(file.fileno(), 0, BALLAST_BYTES)

    # --- Reading --------------------------------------------------------------------------------------------------

    def last_at(self) -> datetime | None:
        """The time of the last event; None in an empty log."""
        row = self._db.execute("SELECT at FROM event ORDER BY sequence DESC LIMIT 1").fetchone()
        return datetime.fromisoformat(row[0]) if row else None

    def ahead(self) -> timedelta:
        """How far the log was ahead of the real time when somebody last told that."""
        row = self._db.execute(
            "SELECT json_extract(body, '$.seconds') FROM event WHERE name = 'ClockJumped'"
            " AND json_extract(body, '$.followed') ORDER BY sequence DESC LIMIT 1"
        ).fetchone()
        return weeks_ahead(timedelta(seconds=row[0])) if row else timedelta()

    def answer(self, command: str) -> Answer | None:
        """What the command of this id was answered before."""
        row = self._db.execute("SELECT fingerprint, result FROM command WHERE id = ?", (command,)).fetchone()
        return Answer(row[0], json.loads(row[1])) if row else None

    def known_tickets(self, ids: Iterable[str]) -> set[str]:
        """Which of these ids belong to a ticket of any day."""
        known = "SELECT id FROM ticket WHERE id IN (SELECT value FROM json_each(?))"
        return {id for (id,) in self._db.execute(known, (json.dumps(list(ids)),))}

    def owner_of(self, day: date, number: str) -> str | None:
        """Id of the ticket that has this number on this day."""
        row = self._db.execute("SELECT id FROM ticket WHERE (day, number) = (?, ?)", (str(day), number)).fetchone()
        return str(row[0]) if row else None

    def today(self) -> Iterator[list[tuple[int, Event]]]:
        """The events of the business day that runs, command by command; its `DayStarted` comes first."""
        return today(self._db, self.references.shown)

    @contextlib.contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection that can only read, for one thread; it never waits for the writer nor holds it up."""
        connection = sqlite3.connect(f"{self.file.resolve().as_uri()}?mode=ro", uri=True, timeout=BUSY_S)
        try:
            yield connection
        finally:
            connection.close()


def today(connection: sqlite3.Connection, shown: Shown | None = None) -> Iterator[list[tuple[int, Event]]]:
    """The events of the business day that runs, command by command; its `DayStarted` comes first.

    What visitors typed is in them only where `shown` can show it.
    """
    start = connection.execute(
        "SELECT sequence FROM event WHERE name = ? ORDER BY sequence DESC LIMIT 1", (DayStarted.__name__,)
    ).fetchone()
    entries = read(connection, start[0] - 1 if start else 0, -1, shown)
    for _command, group in groupby(entries, key=itemgetter(1)):
        yield [(entry.sequence, entry.event) for entry in group]


def removed_until(connection: sqlite3.Connection) -> int:
    """The last of the events that were removed for their age; 0 while none were."""
    row = connection.execute("SELECT value FROM about WHERE key = ?", (_REMOVED,)).fetchone()
    return int(row[0]) if row else 0


def details_since(connection: sqlite3.Connection) -> date | None:
    """The oldest business day of which every event is there, if those of older ones were removed for their age."""
    last = removed_until(connection)
    row = connection.execute("SELECT day FROM event WHERE sequence > ? ORDER BY sequence LIMIT 1", (last,)).fetchone()
    return date.fromisoformat(row[0]) if last and row else None


def refuse_removed(connection: sqlite3.Connection, day: date) -> None:
    """`DetailsRemoved` for a day whose events were removed for their age."""
    since = details_since(connection)
    if since and day < since:
        raise DetailsRemoved(
            f"the events of {day} were removed; there are those since {since}", day=str(day), since=str(since)
        )


def remove_until(connection: sqlite3.Connection, last: int) -> None:
    """Remove the events up to this sequence, in the transaction of the caller."""
    # How far the log is ahead of the real time stands in the last jump of the clock, however old that is.
    connection.execute("DELETE FROM event WHERE sequence <= ? AND name <> ?", (last, ClockJumped.__name__))
    connection.execute("INSERT OR REPLACE INTO about VALUES (?, ?)", (_REMOVED, str(last)))


def read(connection: sqlite3.Connection, after: int, limit: int, shown: Shown | None = None) -> Iterator[Entry]:
    """The log after a sequence, oldest first, at most `limit` entries (-1: all). `LogDamaged` where one is missing.

    It begins after the events that were removed for their age.
    """
    after = max(after, removed_until(connection))
    rows = connection.execute(
        "SELECT sequence, command, name, body FROM event WHERE sequence > ? ORDER BY sequence LIMIT ?", (after, limit)
    )
    for expected, (sequence, command, name, body) in enumerate(rows, after + 1):
        if sequence != expected:
            raise LogDamaged(f"the log goes from {expected - 1} to {sequence}: events between them are missing")
        yield Entry(sequence, command, name, _event(sequence, name, body, shown))


def senders(connection: sqlite3.Connection, sequences: Iterable[int]) -> dict[int, Who]:
    """Who sent the commands of these events, as far as that is known, by the events' sequences."""
    rows = connection.execute(
        "SELECT sequence, role, sender.name, sender.id FROM event JOIN sender ON number = event.sender"
        " WHERE sequence IN (SELECT value FROM json_each(?))",
        (json.dumps(list(sequences)),),
    )
    return {sequence: Who(Role(role), name, id=id) for sequence, role, name, id in rows}


def forget_senders(connection: sqlite3.Connection, first: int, last: int, day: str) -> None:
    """Forget who sent the commands of these events, and those who have sent none since this business day."""
    connection.execute(
        "UPDATE event SET sender = NULL WHERE sequence BETWEEN ? AND ? AND sender IS NOT NULL", (first, last)
    )
    connection.execute("DELETE FROM sender WHERE day <= ?", (day,))


def stretch_of(connection: sqlite3.Connection, day: date) -> tuple[int, int]:
    """First and last sequence of a business day, without what ended it; (1, 0) for a day that never began."""
    start, following = _start_from(connection, str(day)), _start_from(connection, f"{day}~")
    if start == following:
        return 1, 0
    [last] = connection.execute(
        "SELECT max(sequence) FROM event WHERE sequence BETWEEN ? AND ?"
        " AND command IS NOT (SELECT command FROM event WHERE sequence = ?)",
        (start, following - 1, following),
    ).fetchone()
    return start, last


def stretch_between(connection: sqlite3.Connection, first: date, last: date) -> tuple[int, int]:
    """First and last sequence of the business days from one to another, with what ended the last one."""
    return _start_from(connection, str(first)), _start_from(connection, f"{last}~") - 1


def _start_from(connection: sqlite3.Connection, day: str) -> int:
    """Sequence of the first `DayStarted` not before this text of a day; else the one that the next event will get.

    The days of the log go up, and are searched by halves: there is no index of them.
    """
    [end] = connection.execute("SELECT coalesce(max(sequence), 0) + 1 FROM event").fetchone()

    def is_later(sequence: int) -> bool:
        [found] = connection.execute("SELECT day FROM event WHERE sequence = ?", (sequence,)).fetchone()
        return bool(day <= found < "None")  # the day of what was before the first day

    oldest = removed_until(connection) + 1
    found = oldest + bisect_left(range(oldest, end), True, key=is_later)
    # What a day carries on from the day before comes after its start and still has the day before.
    sooner = connection.execute(
        "SELECT sequence FROM event WHERE sequence BETWEEN ? AND ? AND name = ? AND day >= ? ORDER BY sequence LIMIT 1",
        (found - MOST_CARRIED, found, DayStarted.__name__, day),
    ).fetchone()
    return int(sooner[0]) if sooner else found


def rfc3339(at: datetime) -> str:
    """An aware time as it stands on the wire: UTC with `Z`."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def connect(file: Path) -> sqlite3.Connection:
    """A connection that loses nothing it has committed; set and checked on each, for the defaults are otherwise."""
    connection = sqlite3.connect(file, isolation_level=None, check_same_thread=False, timeout=BUSY_S)
    [mode] = connection.execute("PRAGMA journal_mode = WAL").fetchone()
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute(f"PRAGMA journal_size_limit = {BALLAST_BYTES}")
    # What was removed is overwritten, and cannot be read from the file's free places.
    connection.execute("PRAGMA secure_delete = ON")
    [synchronous] = connection.execute("PRAGMA synchronous").fetchone()
    if (mode, synchronous) != ("wal", 2):
        raise LogDamaged(
            f"{file} cannot be kept safely: SQLite says journal_mode {mode} and synchronous {synchronous} instead of"
            " wal and 2; keep it on a local disk that can be written"
        )
    return connection


@contextlib.contextmanager
def writing(file: Path) -> Iterator[sqlite3.Connection]:
    """A connection of its own for what is no event of the hall. All of it is stored together, or nothing."""
    with contextlib.closing(connect(file)) as db:
        db.execute("BEGIN IMMEDIATE")
        try:
            yield db
            db.execute("COMMIT")
        except BaseException:
            if db.in_transaction:  # a full disk ends it by itself
                db.execute("ROLLBACK")
            raise


def without_reference(body: str) -> dict[str, Any]:
    """An event's body, as it may be told to anybody."""
    told: dict[str, Any] = json.loads(body)
    return {key: value for key, value in told.items() if key not in ("reference", _HIDDEN)}


def _event(sequence: int, name: str, body: str, shown: Shown | None = None) -> Event:
    try:
        if "reference" in body:
            return EVENTS[name].model_validate_json(json.dumps(_with_reference(body, shown)))
        return EVENTS[name].model_validate_json(body)
    except KeyError:
        raise LogDamaged(f"event {sequence} of the log is called {name}, which is unknown here") from None
    except ValidationError as problem:
        wrong = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in problem.errors())
        raise LogDamaged(f"event {sequence} of the log cannot be read: {wrong}") from None


def _with_reference(body: str, shown: Shown | None) -> dict[str, Any]:
    """An event's body with what its visitor typed, if that can still be shown."""
    said, told = json.loads(body), without_reference(body)
    reference = shown(said["ticket"], said[_HIDDEN]) if shown and _HIDDEN in said else None
    return {**told, "reference": reference} if reference else told


def _body(event: Event, day: date | None, references: References) -> str:
    """An event as it is stored."""
    reference = getattr(event, "reference", None)
    if not isinstance(event, TicketIssued) or reference is None:
        return event.model_dump_json(by_alias=True, exclude_defaults=True)
    # A ticket of a day that is over is called by nobody, and its day's key is gone.
    told = event.model_dump(mode="json", by_alias=True, exclude_defaults=True, exclude={"reference"})
    if day is None or event.day >= day:
        told[_HIDDEN] = references.hide(event.day, event.ticket, reference)
    return json.dumps(told, ensure_ascii=False)


def _event_row(
    sequence: int, command: str, day: date | None, event: Event, references: References
) -> tuple[object, ...]:
    return (
        sequence,
        rfc3339(event.at),
        type(event).__name__,
        str(event.day if isinstance(event, DayStarted) else day),
        getattr(event, "ticket", None),
        getattr(event, "counter", None),
        command,
        _body(event, day, references),
    )


_TICKET_COLUMNS: dict[str, Callable[[Ticket], object]] = {
    "id": lambda ticket: ticket.id,
    "day": lambda ticket: str(ticket.day),
    "number": lambda ticket: ticket.number,
    "service": lambda ticket: ticket.service,
    "line": lambda ticket: ticket.line,
    "class": lambda ticket: ticket.visitor_class,
    "language": lambda ticket: ticket.language,
    "issuer": lambda ticket: ticket.issuer,
    "joined_at": lambda ticket: ticket.joined_at.timestamp(),
    "counted_from": lambda ticket: ticket.counted_from.timestamp(),
    "state": lambda ticket: ticket.state.value,
    "counter": lambda ticket: ticket.counter,
    "first_counter": lambda ticket: ticket.first_counter,
    "first_called_at": lambda ticket: _unix_s(ticket.first_called_at),
    "called_at": lambda ticket: _unix_s(ticket.called_at),
    "served_at": lambda ticket: _unix_s(ticket.served_at),
    "parked_s": lambda ticket: ticket.parked.total_seconds(),
    "ended_at": lambda ticket: _unix_s(ticket.ended_at),
    "ended_by": lambda ticket: ticket.ended_by.value if ticket.ended_by else None,
    "recalls": lambda ticket: ticket.recalls,
    "transfers": lambda ticket: ticket.transfers,
    "overtaken": lambda ticket: ticket.overtaken,
    "out_of_order": lambda ticket: int(ticket.out_of_order),
    "in_doubt": lambda ticket: int(ticket.in_doubt),
}
_KEEP_TICKET = (
    f"INSERT INTO ticket ({', '.join(_TICKET_COLUMNS)}) VALUES ({', '.join('?' * len(_TICKET_COLUMNS))})"
    f" ON CONFLICT (id) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in _TICKET_COLUMNS)}"
)


def _without_references(value: Any) -> Any:
    """An answer without what visitors typed: the counter is told of it by its view."""
    if isinstance(value, dict):
        return {key: None if key == "reference" else _without_references(one) for key, one in value.items()}
    return [_without_references(one) for one in value] if isinstance(value, list) else value


def _unix_s(at: datetime | None) -> float | None:
    return at.timestamp() if at else None
