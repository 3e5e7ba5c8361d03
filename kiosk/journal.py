"""The kiosk's own book: every number that it gave, for ever, in SQLite on its own disk.

A number exists from the commit of `give` on and is never given again, whatever happens next. What is printed and what
is told to the server is decided elsewhere; here it is remembered. Which number is next stands in `numbering`.

What a visitor typed is the exception: it waits here, encrypted, until the server has it, and then it is gone.
"""

import logging
import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal

from dawr.clock import Moment, Trust
from dawr.database import first_damage
from dawr.errors import StorageDamaged, StorageFailed, WrongMachine
from dawr.ids import new_id
from dawr.messages import AskedBy, CopyOutcome, PrintedTicket
from dawr.numbers import NumberRange, format_number
from dawr.references import References
from dawr.settings.centre import Centre, Language
from kiosk import numbering
from kiosk.reserve import Reserve

FULL = 2  # PRAGMA synchronous: only then does a commit survive a power cut
BUSY_S = 5.0
CHECK_S = 0.5
_BLIND, _ON_SPARE = "blind", "spare"
TOLD_AGAIN = timedelta(days=14)
KEYS = "keys"
"""The folder beside the journal with the keys for what visitors typed."""

_TABLES = """
CREATE TABLE IF NOT EXISTS ticket(
    place INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, day TEXT NOT NULL, line TEXT NOT NULL,
    run INTEGER NOT NULL, count INTEGER NOT NULL, number TEXT NOT NULL, service TEXT NOT NULL, class TEXT,
    language TEXT NOT NULL, reference TEXT, boot TEXT NOT NULL, boottime_s REAL NOT NULL, wall TEXT NOT NULL,
    trust TEXT NOT NULL, state TEXT NOT NULL, handed_in INTEGER NOT NULL DEFAULT 0, problem TEXT,
    UNIQUE(line, run, count));
CREATE INDEX IF NOT EXISTS to_hand_in ON ticket(place) WHERE handed_in = 0;
CREATE INDEX IF NOT EXISTS by_day ON ticket(day, service);
CREATE INDEX IF NOT EXISTS typed ON ticket(day) WHERE reference IS NOT NULL;
CREATE TABLE IF NOT EXISTS line(line TEXT PRIMARY KEY, run INTEGER NOT NULL, used INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS raised(
    line TEXT PRIMARY KEY, boot TEXT NOT NULL, boottime_s REAL NOT NULL, wall TEXT NOT NULL, trust TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS gap(
    id TEXT PRIMARY KEY, line TEXT NOT NULL, number TEXT NOT NULL, day TEXT NOT NULL,
    handed_in INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS copy(
    place INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, ticket TEXT NOT NULL, number TEXT NOT NULL,
    asked_by TEXT NOT NULL, state TEXT NOT NULL, why TEXT, handed_in INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS ordered(id TEXT PRIMARY KEY, ticket TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS sheet(id TEXT PRIMARY KEY, state TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS boot(boot TEXT PRIMARY KEY, started TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS about(key TEXT PRIMARY KEY, value TEXT NOT NULL);
"""

_COLUMNS = "id, number, day, line, service, class, language, reference, boot, boottime_s, wall, trust, state, problem"
# A number that surely is on no paper is skipped, not handed in; one that is still being printed is not settled.
_UNTOLD = "handed_in = 0 AND problem IS NULL AND state IN ('printed', 'in_doubt')"

_log = logging.getLogger(__name__)


class Fate(StrEnum):
    """What became of a number: `FAILED` is on no paper and stays skipped, `IN_DOUBT` may be, so it counts."""

    ISSUED = "issued"
    PRINTED = "printed"
    IN_DOUBT = "in_doubt"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a visitor chose. `order`: the id of the browser's order by which it came, if it did."""

    service: str
    language: Language
    visitor_class: str | None = None
    reference: str | None = None
    order: str | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A number that was given. `problem` is the code with which the server refused it."""

    id: str
    number: str
    day: date
    line: str
    wish: Wish
    moment: Moment
    fate: Fate
    problem: str | None = None

    def printed(self) -> PrintedTicket:
        """The ticket as it is handed in."""
        return PrintedTicket(
            id=self.id,
            number=self.number,
            service=self.wish.service,
            language=self.wish.language,
            visitor_class=self.wish.visitor_class,
            reference=self.wish.reference,
            issued=self.moment,
            in_doubt=self.fate is Fate.IN_DOUBT,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """A copy of a slip that a person asked for; `joined_at` is None when nobody vouched for the time."""

    id: str
    ticket: str
    number: str
    asked_by: AskedBy
    wish: Wish
    joined_at: datetime | None

    @classmethod
    def of(cls, given: Given, id: str | None = None) -> "Copy":
        """A copy of a ticket of this kiosk, for the visitor who stands before it; a new one without an id."""
        joined_at = None if given.moment.trust is Trust.NONE else given.moment.wall
        return cls(
            id=id or new_id(),
            ticket=given.id,
            number=given.number,
            asked_by="visitor",
            wish=given.wish,
            joined_at=joined_at,
        )


@dataclass(frozen=True, slots=True)
class EndedCopy:
    """What became of a copy; `why` is a word key, unless it was printed."""

    id: str
    ticket: str
    number: str
    asked_by: AskedBy
    outcome: CopyOutcome
    why: str | None


@dataclass(frozen=True, slots=True)
class Skipped:
    """A number that no slip has: `not_printed`, or unknown since the journal that gave it was lost."""

    id: str
    line: str
    number: str
    day: date
    why: Literal["not_printed", "journal_lost"]


@dataclass(frozen=True, slots=True)
class _Place:
    """A number in its line: the run and the count that it is, and how many of the run are used with it.

    `key` is what is counted under: the line, or the line's spare part.
    """

    given: Given
    key: str
    run: int
    count: int
    used: int


class Journal:
    """The journal in a file. `owner` is the device that its numbers belong to; any thread may use it.

    `reserve` knows how far numbers may be used even if this file is an old copy or a new one; without it, nobody does.

    Opening it settles what a power cut left open: what was being printed is in doubt. `WrongMachine` when the file was
    made by another device, `StorageFailed` when it is damaged or the disk does not take what is written; later any
    method may raise that. The next one then opens the file anew, and a number whose storing failed is burnt.
    """

    def __init__(self, file: Path, owner: str, reserve: Reserve | None = None) -> None:
        self._lock = threading.Lock()
        self._reserve = reserve
        self._file, self._database = file, _open(file)
        self._is_in_doubt, self._unstored = False, list[_Place]()
        self._typed = References(file.parent / KEYS)
        with self._change() as change:
            made_by = numbering.about(change, "owner") or numbering.note(change, "owner", owner)
            if made_by != owner:
                raise WrongMachine(f"{file} belongs to {made_by}, this is {owner}", made_by=made_by, owner=owner)
            interrupted = sum(
                change.execute(f"UPDATE {table} SET state = ? WHERE state = ?", (Fate.IN_DOUBT, Fate.ISSUED)).rowcount
                for table in ("ticket", "copy", "sheet")
            )
            change.execute("UPDATE ticket SET reference = NULL WHERE reference IS NOT NULL AND handed_in = 1")
        self._empty_wal()
        self.interrupted: int = interrupted
        """How many slips a power cut or a crash left in doubt."""

    def close(self) -> None:
        """Let go of the file, and of what was reserved and not used."""
        with self._lock:
            if self._reserve:
                with suppress(sqlite3.Error, StorageFailed):
                    for line, run, used in self._database.execute("SELECT line, run, used FROM line").fetchall():
                        self._reserve.give_back(line, run, used)
            self._database.close()

    def give(
        self,
        wish: Wish,
        centre: Centre,
        part: NumberRange,
        now: Moment,
        used_elsewhere: Mapping[str, int] | None = None,
    ) -> Given:
        """Give the line's next number, which is this ticket's alone from here on.

        `used_elsewhere`: how many numbers of each line the server knows that this kiosk has used up today. One
        transaction: when it raises, no number was given.
        """
        line = centre.line[centre.service[wish.service].line]
        with self._change() as change:
            numbering.remember_start(change, now)
            day = numbering.day_of(change, centre, now)
            _forget(change, "day < ?", [day.isoformat()])
            key = f"{line.id} spare" if part.spare else line.id
            if self._reserve and key in self._reserve.left:
                gap = numbering.raise_to(change, key, self._reserve.left[key], centre, now)
                numbers = [format_number(line.letter, part.count_of(place)) for place in gap]
                change.executemany(
                    "INSERT INTO gap(id, line, number, day) VALUES (?, ?, ?, ?)",
                    [(new_id(), line.id, number, day.isoformat()) for number in numbers],
                )
            run, used = numbering.place_in_line(change, key, line.id, centre, now)
            used = max(used, (used_elsewhere or {}).get(line.id, 0))
            if self._reserve:
                self._reserve.cover(key, run, used + 1, None if now.trust is Trust.NONE else day)
            count = part.count_of(used)
            given = Given(
                id=new_id(),
                number=format_number(line.letter, count),
                day=day,
                line=line.id,
                wish=wish,
                moment=now,
                fate=Fate.ISSUED,
            )
            place = _Place(given, key, run, count, used + 1)
            hidden = self._hidden(given)
            self._unstored.append(place)
            _take(change, place, hidden)
        self._unstored.remove(place)
        self._destroy_keys(before=day)
        return given

    def settle(self, id: str, fate: Fate) -> None:
        """Write down what became of the slip."""
        with self._change() as change:
            change.execute("UPDATE ticket SET state = ? WHERE id = ?", (fate, id))
            is_forgotten = fate is Fate.FAILED and _forget(change, "id = ?", [id])
        if is_forgotten:
            self._empty_wal()

    def given(self, id: str) -> Given:
        """A ticket by its id. KeyError for none of this kiosk's."""
        rows = self._read(f"SELECT {_COLUMNS} FROM ticket WHERE id = ?", id)
        if not rows:
            raise KeyError(id)
        return self._given(rows[0])

    def ordered(self, order: str) -> Given | None:
        """The ticket that was given for a browser's order; None if none was."""
        rows = self._read(f"SELECT {_COLUMNS} FROM ticket WHERE id = (SELECT ticket FROM ordered WHERE id = ?)", order)
        return self._given(rows[0]) if rows else None

    def begin_sheet(self, id: str) -> None:
        """Write down that a sheet is about to be printed, which may have failed before."""
        with self._change() as change:
            change.execute("INSERT OR REPLACE INTO sheet(id, state) VALUES (?, ?)", (id, Fate.ISSUED))

    def settle_sheet(self, id: str, fate: Fate) -> None:
        """Write down what became of a sheet."""
        with self._change() as change:
            change.execute("UPDATE sheet SET state = ? WHERE id = ?", (fate, id))

    def sheet(self, id: str) -> Fate | None:
        """What became of a sheet; None if none of this id was begun."""
        rows = self._read("SELECT state FROM sheet WHERE id = ?", id)
        return Fate(rows[0][0]) if rows else None

    def begin_copy(self, copy: Copy) -> bool:
        """Write down that a copy is about to be printed; False if that was done before, so that it is not printed."""
        new = "INSERT INTO copy(id, ticket, number, asked_by, state) VALUES (?, ?, ?, ?, ?) ON CONFLICT(id) DO NOTHING"
        with self._change() as change:
            begun = (copy.id, copy.ticket, copy.number, copy.asked_by, Fate.ISSUED)
            return change.execute(new, begun).rowcount > 0

    def settle_copy(self, id: str, outcome: CopyOutcome, why: str | None) -> None:
        """Write down what became of a copy."""
        with self._change() as change:
            change.execute("UPDATE copy SET state = ?, why = ? WHERE id = ?", (outcome, why, id))

    def untold_copies(self, most: int) -> list[EndedCopy]:
        """The oldest copies of which the server has not been told, at most so many."""
        ended = "SELECT id, ticket, number, asked_by, state, why FROM copy WHERE handed_in = 0 AND state != ?"
        return [EndedCopy(*row) for row in self._read(f"{ended} ORDER BY place LIMIT ?", Fate.ISSUED, most)]

    def untold(self, most: int) -> list[Given]:
        """The oldest tickets that the server has not stored, at most so many."""
        rows = self._read(f"SELECT {_COLUMNS} FROM ticket WHERE {_UNTOLD} ORDER BY place LIMIT ?", most)
        return [self._given(row) for row in rows]

    def untold_skips(self, most: int) -> list[Skipped]:
        """The oldest numbers without a slip of which the server has not been told, at most so many."""
        failed = "SELECT id, line, number, day, 'not_printed' FROM ticket WHERE state = ? AND handed_in = 0"
        rows = self._read(f"{failed} AND problem IS NULL ORDER BY place LIMIT ?", Fate.FAILED, most)
        rows += self._read("SELECT id, line, number, day, 'journal_lost' FROM gap WHERE handed_in = 0 LIMIT ?", most)
        return [Skipped(id, line, number, date.fromisoformat(day), why) for id, line, number, day, why in rows[:most]]

    def told(self, ids: list[str]) -> None:
        """The server has stored these: what was typed for them is no longer here."""
        with self._change() as change:
            for table in ("ticket", "gap", "copy"):
                change.executemany(f"UPDATE {table} SET handed_in = 1 WHERE id = ?", [(id,) for id in ids])
            is_forgotten = _forget(change, "id = ?", ids)
        if is_forgotten:
            self._empty_wal()

    def follow(self, log: str) -> None:
        """The server keeps this log, by its epoch. Another one than before may lack what that had: tell it again."""
        with self._change() as change:
            before = numbering.about(change, "log")
            if before == log:
                return
            numbering.note(change, "log", log)
            newest = change.execute("SELECT max(day) FROM ticket").fetchone()[0]
            if before and newest:
                since = date.fromisoformat(newest) - TOLD_AGAIN
                change.execute("UPDATE ticket SET handed_in = 0 WHERE day > ?", (since.isoformat(),))

    def refused(self, id: str, code: str) -> None:
        """The server will not have this one; staff have to look into it."""
        with self._change() as change:
            change.execute("UPDATE ticket SET problem = ? WHERE id = ?", (code, id))
            for table in ("gap", "copy"):
                change.execute(f"UPDATE {table} SET handed_in = 1 WHERE id = ?", (id,))

    def try_refused_again(self) -> None:
        """Hand in once more what the server refused before: its settings may have been put right."""
        with self._change() as change:
            change.execute("UPDATE ticket SET problem = NULL WHERE handed_in = 0 AND problem IS NOT NULL")

    def not_handed_in(self) -> int:
        """How many numbers that may be on paper the server does not know: refused and unsettled ones included."""
        [[counted]] = self._read("SELECT count(*) FROM ticket WHERE handed_in = 0 AND state != ?", Fate.FAILED)
        return int(counted)

    def in_doubt(self, most: int) -> list[str]:
        """The newest numbers of the last day of which neither the slip nor a copy surely came out, at most so many."""
        copied = "SELECT 1 FROM copy WHERE copy.ticket = ticket.id AND copy.state = ?"
        last_day = "day = (SELECT max(day) FROM ticket)"
        rows = self._read(
            f"SELECT number FROM ticket WHERE {last_day} AND state = ? AND NOT EXISTS ({copied})"
            " ORDER BY place DESC LIMIT ?",
            *(Fate.IN_DOUBT, Fate.PRINTED, most),
        )
        return [str(number) for (number,) in rows]

    def refusals(self) -> int:
        """How many tickets the server refused."""
        [[counted]] = self._read("SELECT count(*) FROM ticket WHERE handed_in = 0 AND problem IS NOT NULL")
        return int(counted)

    def of_day(self, day: date) -> list[Given]:
        """Every number of a business day, in the order in which they were given; skipped ones too."""
        rows = self._read(f"SELECT {_COLUMNS} FROM ticket WHERE day = ? ORDER BY place", day.isoformat())
        return [self._given(row) for row in rows]

    def untold_today(self, day: date) -> dict[str, int]:
        """How many of a day's tickets the server does not know, by service."""
        untold = f"SELECT service, count(*) FROM ticket WHERE {_UNTOLD} AND day = ? GROUP BY service"
        rows = self._read(untold, day.isoformat())
        return {str(service): int(count) for service, count in rows}

    def is_blind(self) -> bool:
        """Whether this took the place of a lost journal and nobody has said yet which numbers are used."""
        return bool(self._read("SELECT 1 FROM about WHERE key = ?", _BLIND))

    def go_blind(self) -> None:
        """This takes the place of a lost journal, and nothing says how far that one had counted."""
        with self._change() as change:
            numbering.note(change, _BLIND, "yes")

    def begin_spare(self) -> None:
        """Nobody is there to say which numbers are used: spare ones are given until somebody is."""
        with self._change() as change:
            numbering.note(change, _BLIND, _ON_SPARE)

    def is_on_spare(self) -> bool:
        """Whether spare numbers are given."""
        return bool(self._read("SELECT 1 FROM about WHERE key = ? AND value = ?", _BLIND, _ON_SPARE))

    def see_again(self) -> None:
        """The server has said which numbers are used."""
        with self._change() as change:
            change.execute("DELETE FROM about WHERE key = ?", (_BLIND,))

    def note_start(self, now: Moment) -> None:
        """Remember when this boot began, if somebody vouches for the clock: it dates the numbers of this boot."""
        with self._change() as change:
            numbering.remember_start(change, now)

    def _hidden(self, given: Given) -> str | None:
        """What the visitor typed, as it may be stored."""
        if given.wish.reference is None:
            return None
        try:
            return self._typed.hide(given.day, given.id, given.wish.reference)
        except OSError as problem:
            raise StorageFailed(f"what was typed cannot be kept: {problem}") from problem

    def _destroy_keys(self, before: date) -> None:
        """Those of days that are over; what fails is tried again with the next number."""
        with self._lock:
            try:
                self._typed.forget_before(before)
            except OSError as problem:
                _log.error("the key of a day that is over cannot be destroyed: %s", problem)

    def _empty_wal(self) -> None:
        """Let go of what the file beside the database still has of what was just forgotten."""
        with self._lock, self._in_order():
            self._database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def _given(self, row: tuple[Any, ...]) -> Given:
        (
            id,
            number,
            day,
            line,
            service,
            visitor_class,
            language,
            hidden,
            boot,
            boottime_s,
            wall,
            trust,
            fate,
            problem,
        ) = row
        reference = self._typed.shown(id, hidden) if hidden else None
        return Given(
            id=id,
            number=number,
            day=date.fromisoformat(day),
            line=line,
            wish=Wish(service=service, language=language, visitor_class=visitor_class, reference=reference),
            moment=numbering.moment_of(boot, boottime_s, wall, trust),
            fate=Fate(fate),
            problem=problem,
        )

    def _read(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        with self._lock, self._in_order():
            return self._database.execute(sql, values).fetchall()

    @contextmanager
    def _change(self) -> Iterator[sqlite3.Connection]:
        """One transaction, on disk when it ends; nothing of it when it raises, or in doubt when `StorageFailed`."""
        with self._lock, self._in_order():
            try:
                self._database.execute("BEGIN IMMEDIATE")
                yield self._database
                self._database.execute("COMMIT")
            finally:
                if self._database.in_transaction:
                    self._database.execute("ROLLBACK")

    @contextmanager
    def _in_order(self) -> Iterator[None]:
        """The file opened anew if it failed before; and whatever fails now is a `StorageFailed`."""
        try:
            if self._is_in_doubt:
                self._open_anew()
            yield
        except sqlite3.Error as problem:
            self._is_in_doubt = True
            raise StorageFailed(f"the journal cannot be used: {problem}") from problem

    def _open_anew(self) -> None:
        """Begin again from what is on the disk. Numbers that were not printed because storing them failed are burnt."""
        self._database.close()
        self._database = _open(self._file)
        self._database.execute("BEGIN IMMEDIATE")
        for place in self._unstored:
            if not self._database.execute("SELECT 1 FROM ticket WHERE id = ?", (place.given.id,)).fetchone():
                _take(self._database, place, None)
            self._database.execute("UPDATE ticket SET state = ? WHERE id = ?", (Fate.FAILED, place.given.id))
        self._database.execute("COMMIT")
        self._unstored.clear()
        self._is_in_doubt = False


def adopt(file: Path, owner: str) -> None:
    """Let a journal belong to another machine from now on: one that takes the place of the one that made it."""
    database = _open(file)
    numbering.note(database, "owner", owner)
    database.close()


def connect(file: Path) -> sqlite3.Connection:
    """A connection of which every commit is on the disk. `StorageFailed` when this cannot be had."""
    try:
        database = sqlite3.connect(file, timeout=BUSY_S, isolation_level=None, check_same_thread=False)
        mode = database.execute("PRAGMA journal_mode = WAL").fetchone()[0]
        database.execute(f"PRAGMA synchronous = {FULL}")
        synchronous = database.execute("PRAGMA synchronous").fetchone()[0]
    except sqlite3.Error as problem:
        raise _failed(file, problem) from problem
    if (mode, synchronous) != ("wal", FULL):
        raise StorageFailed(f"{file}: journal_mode is {mode}, synchronous is {synchronous}")
    return database


def _open(file: Path) -> sqlite3.Connection:
    database = connect(file)
    try:
        damage = first_damage(database, CHECK_S)
        if damage:
            raise StorageDamaged(f"{file} is damaged: {damage}")
        database.execute("PRAGMA secure_delete = ON")  # what is forgotten is written over
        database.executescript(_TABLES)
    except sqlite3.Error as problem:
        raise _failed(file, problem) from problem
    return database


def _failed(file: Path, problem: sqlite3.Error) -> StorageFailed:
    # SQLITE_CORRUPT and SQLITE_NOTADB are no OperationalError; a full or a dead disk is one.
    damaged = isinstance(problem, sqlite3.DatabaseError) and not isinstance(problem, sqlite3.OperationalError)
    return StorageDamaged(f"{file} is damaged: {problem}") if damaged else StorageFailed(f"{file}: {problem}")


def _forget(change: sqlite3.Connection, which: str, values: list[str]) -> bool:
    """Forget what visitors typed, once for each value. Whether there was anything."""
    forget = f"UPDATE ticket SET reference = NULL WHERE reference IS NOT NULL AND {which}"
    return change.executemany(forget, [(value,) for value in values]).rowcount > 0


def _take(change: sqlite3.Connection, place: _Place, hidden: str | None) -> None:
    """Write a number down as used, and as given; `hidden` is what its visitor typed."""
    given = place.given
    change.execute(
        "INSERT INTO line VALUES (:line, :run, :used) ON CONFLICT(line) DO UPDATE SET run = :run, used = :used",
        {"line": place.key, "run": place.run, "used": place.used},
    )
    wish, moment = given.wish, given.moment
    change.execute(
        f"INSERT INTO ticket({_COLUMNS}, run, count) VALUES ({', '.join('?' * 16)})",
        (
            given.id,
            given.number,
            given.day.isoformat(),
            given.line,
            wish.service,
            wish.visitor_class,
            wish.language,
            hidden,
            moment.boot,
            moment.boottime_s,
            moment.wall.astimezone(UTC).isoformat(),
            moment.trust,
            given.fate,
            given.problem,
            place.run,
            place.count,
        ),
    )
    if wish.order:
        change.execute("INSERT INTO ordered(id, ticket) VALUES (?, ?)", (wish.order, given.id))
