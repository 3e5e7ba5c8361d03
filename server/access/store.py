"""What is stored about who belongs: people, their sessions, and the tokens of devices. Of secrets, only digests.

It has a file of its own: it is readable by the server's user alone, and a copy of the log carries nothing of it.
"""

import hashlib
import os
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

import sqlite_utils

from dawr.ids import new_id
from server.access.who import Role, Who
from server.log import connect, rfc3339

FILE = "access.sqlite"
TOKEN_BYTES = 32

migrations = sqlite_utils.Migrations("access")


@migrations()
def people_sessions_tokens(db: sqlite_utils.Database) -> None:
    """The first schema. Times are RFC 3339; a session belongs to a business day."""
    for table in (
        """
        CREATE TABLE person (
            id TEXT PRIMARY KEY,
            name TEXT NOT NULL COLLATE NOCASE UNIQUE,
            role TEXT NOT NULL,
            secret TEXT NOT NULL,
            since TEXT NOT NULL
        ) STRICT
        """,
        """
        CREATE TABLE session (
            digest TEXT PRIMARY KEY,
            person TEXT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
            day TEXT NOT NULL,
            since TEXT NOT NULL
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE token (
            digest TEXT PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            role TEXT NOT NULL,
            name TEXT NOT NULL,
            place TEXT,
            since TEXT NOT NULL,
            until TEXT
        ) STRICT, WITHOUT ROWID
        """,
    ):
        db.execute(table)


class Person(NamedTuple):
    """Somebody who can sign in. `secret` is the hash of a PIN or a password."""

    id: str
    name: str
    role: Role
    secret: str
    since: str


class Token(NamedTuple):
    """A token that holds. `place` is the kiosk or counter it is bound to; `until` an RFC 3339 time or None for ever."""

    digest: str
    id: str
    role: Role
    name: str
    place: str | None
    since: str
    until: str | None


def digest_of(secret: str) -> str:
    """By what a token or a session is stored: nobody can make it from that."""
    return hashlib.sha256(secret.encode()).hexdigest()


class AccessStore:
    """Who belongs, in a server's data folder. Any method may raise `sqlite3.Error`.

    Looking up takes microseconds and is done in place; what changes something waits for the disk, so it belongs off
    the loop. Other processes may change it too, such as `dawr token`: what they take back holds no longer at once.
    """

    def __init__(self, folder: Path) -> None:
        self.file = folder / FILE
        folder.mkdir(parents=True, exist_ok=True)
        os.close(os.open(self.file, os.O_RDWR | os.O_CREAT, 0o600))
        self._db = connect(self.file)
        migrations.apply(sqlite_utils.Database(self._db, execute_plugins=False))

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    # --- Who somebody is ------------------------------------------------------------------------------------------

    def who_has_token(self, secret: str, now: datetime) -> Who | None:
        """Whose token this is; None if it is forged, revoked or over."""
        row = self._db.execute("SELECT * FROM token WHERE digest = ?", (digest_of(secret),)).fetchone()
        token = row and _token(row)
        if not token or (token.until and token.until <= rfc3339(now)):
            return None
        return Who(token.role, token.name, token.digest, token.place)

    def who_has_session(self, secret: str, day: date | None) -> Who | None:
        """Whose session this is; None if there is none of this business day."""
        row = self._db.execute(
            "SELECT role, name, digest FROM session JOIN person ON person.id = person WHERE digest = ? AND day = ?",
            (digest_of(secret), str(day)),
        ).fetchone()
        return row and Who(Role(row[0]), row[1], row[2])

    def holds(self, who: Who, day: date | None, now: datetime) -> bool:
        """Whether somebody who was known is known still, as what it was."""
        token = self._db.execute("SELECT * FROM token WHERE digest = ?", (who.proof,)).fetchone()
        if token:
            return _holds(_token(token), who, now)
        row = self._db.execute(
            "SELECT role FROM session JOIN person ON person.id = person WHERE digest = ? AND day = ?",
            (who.proof, str(day)),
        ).fetchone()
        return bool(row) and Role(row[0]) is who.role

    def tokens(self) -> list[Token]:
        """Every token, the oldest first."""
        return [_token(row) for row in self._db.execute("SELECT * FROM token ORDER BY since, id")]

    def people(self) -> list[Person]:
        """Everybody who can sign in, by name."""
        return [_person(row) for row in self._db.execute("SELECT * FROM person ORDER BY name")]

    def person(self, name: str) -> Person | None:
        """The person of a name, whether in capitals or not."""
        row = self._db.execute("SELECT * FROM person WHERE name = ?", (name.strip(),)).fetchone()
        return row and _person(row)

    # --- Changes --------------------------------------------------------------------------------------------------

    def give_token(
        self, role: Role, name: str, place: str | None, now: datetime, until: datetime | None = None
    ) -> tuple[str, Token]:
        """A new token, which is told this once only, and its row."""
        secret = secrets.token_urlsafe(TOKEN_BYTES)
        token = Token(digest_of(secret), new_id(), role, name, place, rfc3339(now), rfc3339(until) if until else None)
        with self._changing() as db:
            db.execute("INSERT INTO token VALUES (?, ?, ?, ?, ?, ?, ?)", token)
        return secret, token

    def revoke(self, id: str) -> Token | None:
        """Take a token back; gives what it was, None if there is none."""
        with self._changing() as db:
            row = db.execute("DELETE FROM token WHERE id = ? RETURNING *", (id,)).fetchone()
        return row and _token(row)

    def add_person(self, name: str, role: Role, secret: str, now: datetime) -> Person:
        """Somebody new, by a secret's hash. `sqlite3.IntegrityError` when the name is taken."""
        person = Person(new_id(), name.strip(), role, secret, rfc3339(now))
        with self._changing() as db:
            db.execute("INSERT INTO person VALUES (?, ?, ?, ?, ?)", person)
        return person

    def change_person(self, id: str, *, role: Role | None = None, secret: str | None = None) -> None:
        """Give somebody another role or secret; sessions of theirs end."""
        with self._changing() as db:
            db.execute(
                "UPDATE person SET role = coalesce(?, role), secret = coalesce(?, secret) WHERE id = ?",
                (role, secret, id),
            )
            db.execute("DELETE FROM session WHERE person = ?", (id,))

    def remove_person(self, id: str) -> None:
        """Somebody who has left; sessions of theirs end."""
        with self._changing() as db:
            db.execute("DELETE FROM session WHERE person = ?", (id,))
            db.execute("DELETE FROM person WHERE id = ?", (id,))

    def begin_session(self, person: str, day: date | None, now: datetime) -> str:
        """A new session for a business day; sessions of other days are forgotten."""
        secret = secrets.token_urlsafe(TOKEN_BYTES)
        with self._changing() as db:
            db.execute("DELETE FROM session WHERE day <> ?", (str(day),))
            db.execute("INSERT INTO session VALUES (?, ?, ?, ?)", (digest_of(secret), person, str(day), rfc3339(now)))
        return secret

    def end_session(self, secret: str) -> None:
        """Sign out."""
        with self._changing() as db:
            db.execute("DELETE FROM session WHERE digest = ?", (digest_of(secret),))

    @contextmanager
    def _changing(self) -> Iterator[sqlite3.Connection]:
        """All of it is stored together, or nothing. A connection of its own: it may be in another thread."""
        with closing(connect(self.file)) as db:
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
                db.execute("COMMIT")
            except BaseException:
                if db.in_transaction:  # a full disk ends it by itself
                    db.execute("ROLLBACK")
                raise


def _token(row: tuple[str, ...]) -> Token:
    return Token(row[0], row[1], Role(row[2]), *row[3:])


def _person(row: tuple[str, ...]) -> Person:
    return Person(row[0], row[1], Role(row[2]), row[3], row[4])


def _holds(token: Token, who: Who, now: datetime) -> bool:
    return (token.role, token.place) == (who.role, who.place) and not (token.until and token.until <= rfc3339(now))
