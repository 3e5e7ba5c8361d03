"""Saves what can be read of a damaged log: its events as far as they follow one another, and what belongs to them.

Nothing is guessed: after the first event that is missing or cannot be read, nothing is taken over. Nothing is deleted:
the damaged file stays beside the new one. The new log takes the place of the old one for every device; kiosks tell it
once more of their tickets, so that what they gave is in it again.
"""

import fcntl
import json
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

import click

from dawr.clock import Trust
from dawr.language import LANGUAGES, own_language
from dawr.messages import EVENTS
from dawr.words import Words
from server.audit.trail import THE_SERVER, Entry, append
from server.keeping.damage import damage_of
from server.keeping.log import BALLAST, FILE, Log, remove_until, removed_until, rfc3339, without_reference
from server.serving import LOCK

_SIDE_FILES = ("-wal", "-shm")
_WHOLE_TABLES = ("settings_version", "settings_text", "settings_state", "audit", "chain_end", "past_day", "sender")


class Saved(NamedTuple):
    """What the new log has: its events and the time of the last one; and where the damaged file is now."""

    events: int
    until: str | None
    damaged: Path


def mend(data: Path, now: datetime) -> Saved:
    """Put a new log with everything that can be read in place of the one in the folder, which no server may use."""
    file, made = data / FILE, data / f"mended-{now:%Y%m%dT%H%M%S}"
    with closing(sqlite3.connect(file)) as old:
        log = Log(made)
        try:
            events, until = _save(old, log, now)
        finally:
            log.close()
    aside = data / f"hall.damaged-{now:%Y%m%dT%H%M%S}.sqlite"
    for suffix in ("", *_SIDE_FILES):
        with suppress(FileNotFoundError):
            file.with_name(f"{FILE}{suffix}").rename(aside.with_name(f"{aside.name}{suffix}"))
    (made / FILE).rename(file)
    (made / BALLAST).unlink(missing_ok=True)
    made.rmdir()
    return Saved(events, until, aside)


def _save(old: sqlite3.Connection, log: Log, now: datetime) -> tuple[int, str | None]:
    """Copy everything that is sure; gives the number of events and the time of the last."""
    until = None
    with closing(sqlite3.connect(log.file, isolation_level=None)) as new:
        new.execute("BEGIN IMMEDIATE")
        events = removed_until(old)
        for row in _rows(old, f"SELECT * FROM event WHERE sequence <= {events} ORDER BY sequence"):
            _keep_event(new, row)
        remove_until(new, events)
        for row in _events(old, events):
            _keep_event(new, row)
            events, until = row[0], row[1]
        kept = "SELECT 1 FROM event WHERE command = ? LIMIT 1"
        new.execute("CREATE INDEX temporary_by_command ON event (command)")
        for row in _rows(old, "SELECT id, name, fingerprint, at, result FROM command ORDER BY id"):
            if new.execute(kept, row[:1]).fetchone() or '"refused"' in row[4]:
                new.execute("INSERT OR IGNORE INTO command VALUES (?, ?, ?, ?, ?)", row)
        new.execute("DROP INDEX temporary_by_command")
        for table in _WHOLE_TABLES:
            for row in _rows(old, f"SELECT * FROM {table} ORDER BY 1"):
                new.execute(f"INSERT OR IGNORE INTO {table} VALUES ({', '.join('?' * len(row))})", row)
        _save_tickets(old, new)
        append(new, _in_audit_log(events, now))
        new.execute("COMMIT")
    for epoch in _epochs(old):
        log.take_the_place_of(epoch)
    return events, until


def _keep_event(new: sqlite3.Connection, row: tuple[Any, ...]) -> None:
    """A log of an earlier version does not have the last column: who pressed."""
    new.execute("INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", (*row, None)[:9])


def _in_audit_log(events: int, now: datetime) -> Entry:
    facts: dict[str, str | int] = {"events": events}
    return Entry(at=rfc3339(now), trust=Trust.STAFF, who="", role=THE_SERVER, action="log_mended", about=facts)


def _events(old: sqlite3.Connection, after: int) -> Iterator[tuple[Any, ...]]:
    """The events after a sequence, to the last before one that is missing or cannot be read."""
    rows = _rows(old, f"SELECT * FROM event WHERE sequence > {after} ORDER BY sequence")
    for expected, row in enumerate(rows, after + 1):
        if row[0] != expected or not _is_readable(row[2], row[7]):
            return
        yield row


def _is_readable(name: str, body: str) -> bool:
    try:
        EVENTS[name].model_validate_json(json.dumps(without_reference(body)))
    except (KeyError, ValueError):
        return False
    return True


def _save_tickets(old: sqlite3.Connection, new: sqlite3.Connection) -> None:
    """The rows that reports read, of tickets whose issue is in the new log or was removed for its age."""
    [without_events] = new.execute("SELECT coalesce(max(day), '') FROM past_day").fetchone()
    new.execute("CREATE TEMP TABLE issued AS SELECT DISTINCT ticket FROM event WHERE name = 'TicketIssued'")
    new.execute("CREATE UNIQUE INDEX temp.by_ticket ON issued (ticket)")
    for row in _rows(old, "SELECT * FROM ticket ORDER BY rowid"):
        if row[1] <= without_events or new.execute("SELECT 1 FROM issued WHERE ticket = ?", row[:1]).fetchone():
            new.execute(f"INSERT OR IGNORE INTO ticket VALUES ({', '.join('?' * len(row))})", row)


def _epochs(old: sqlite3.Connection) -> list[str]:
    rows = _rows(old, "SELECT key, value FROM about WHERE key = 'epoch' OR key LIKE 'replaces %'")
    return [value if key == "epoch" else key.removeprefix("replaces ") for key, value in rows]


def _rows(old: sqlite3.Connection, sql: str) -> Iterator[tuple[Any, ...]]:
    """The rows up to where the file cannot be read."""
    with suppress(sqlite3.DatabaseError):
        yield from old.execute(sql)


@click.command()
@click.option(
    "--data", required=True, type=click.Path(exists=True, file_okay=False, path_type=Path), help="Folder of the log."
)
@click.option("--language", type=click.Choice(LANGUAGES), help="Language of what is said here; else by LANG.")
def main(data: Path, language: str | None) -> None:
    """Save what can be read of a damaged log. Stop the server first; the damaged file is kept."""
    words = Words(language or own_language())
    with (data / LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            _end(words("server.data_in_use", folder=data), 1)
        if not (data / FILE).exists():
            _end(words("server.no_log", folder=data), 2)
        if damage_of(data / FILE) is None:
            _end(words("server.log_is_sound", folder=data), 0)
        saved = mend(data, datetime.now(UTC))
    click.echo(words("server.mended", events=saved.events, until=saved.until or "-", damaged=saved.damaged))


def _end(sentence: str, code: int) -> NoReturn:
    click.echo(sentence, err=code != 0)
    sys.exit(code)


if __name__ == "__main__":
    main()
