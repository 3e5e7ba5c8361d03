"""What is stored about who belongs: people, their sessions, and the tokens of devices. Of secrets, only digests.

It has a file of its own: it is readable by the server's user alone, and a copy of the log carries nothing of it.
"""

import hashlib
import os
import secrets
import sqlite3
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

import sqlite_utils

from dawr.errors import HasAdministrator, LastAdministrator, NameTaken, SignInRefused, UnknownPerson
from dawr.ids import new_id
from server.access.who import Role, Who
from server.keeping.log import connect, rfc3339, writing

FILE = "access.sqlite"
TOKEN_BYTES = 32
MOST_BROWSERS = 20
"""So many are known of one person; the oldest are forgotten."""

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


@migrations()
def closing_times_and_browsers(db: sqlite_utils.Database) -> None:
    """A session may end before its day does, and a browser is known at which somebody has signed in."""
    db.execute("ALTER TABLE session ADD COLUMN until TEXT")
    db.execute(
        """
        CREATE TABLE browser (
            digest TEXT NOT NULL,
            person TEXT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
            since TEXT NOT NULL,
            PRIMARY KEY (digest, person)
        ) STRICT, WITHOUT ROWID
        """
    )


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
    # What JSON can say and no text is, a lone surrogate, is a wrong secret and no defect.
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


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
        return self._who_with(digest_of(secret), now)

    def who_has_session(self, secret: str, day: date | None, hall_time: datetime | None) -> Who | None:
        """Whose session this is; None if there is none of this business day that goes on.

        `hall_time` is None while it cannot be told from the clock whether the centre has closed.
        """
        return self._who_in(digest_of(secret), day, hall_time)

    def holds(self, who: Who, day: date | None, now: datetime, hall_time: datetime | None) -> bool:
        """Whether somebody who was known is known still, as what it was."""
        found = self._who_with(who.proof, now) or self._who_in(who.proof, day, hall_time)
        return found is not None and (found.role, found.place) == (who.role, who.place)

    def _who_with(self, digest: str, now: datetime) -> Who | None:
        row = self._db.execute("SELECT * FROM token WHERE digest = ?", (digest,)).fetchone()
        token = row and _token(row)
        if not token or (token.until and token.until <= rfc3339(now)):
            return None
        return Who(token.role, token.name, token.digest, token.place, token.id)

    def _who_in(self, digest: str, day: date | None, hall_time: datetime | None) -> Who | None:
        row = self._db.execute(
            "SELECT role, name, id FROM session JOIN person ON person.id = person"
            " WHERE digest = ? AND day = ? AND (until IS NULL OR ? IS NULL OR until > ?)",
            (digest, str(day), *[hall_time and rfc3339(hall_time)] * 2),
        ).fetchone()
        return row and Who(Role(row[0]), row[1], digest, id=row[2])

    def has_administrator(self) -> bool:
        """Whether there is somebody who can say who the people are."""
        return bool(_administrators(self._db))

    def knows_browser(self, secret: str, person: str) -> bool:
        """Whether this person has signed in at this browser before."""
        row = self._db.execute("SELECT 1 FROM browser WHERE digest = ? AND person = ?", (digest_of(secret), person))
        return row.fetchone() is not None

    def tokens(self) -> list[Token]:
        """Every token, the oldest first."""
        return [_token(row) for row in self._db.execute("SELECT * FROM token ORDER BY since, id")]

    def people(self) -> list[Person]:
        """Everybody who can sign in, by name."""
        return [_person(row) for row in self._db.execute("SELECT * FROM person ORDER BY name")]

    def ids(self) -> set[str]:
        """Of everybody and everything that belongs."""
        return {id for (id,) in self._db.execute("SELECT id FROM person UNION ALL SELECT id FROM token")}

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
        with writing(self.file) as db:
            db.execute("INSERT INTO token VALUES (?, ?, ?, ?, ?, ?, ?)", token)
        return secret, token

    def revoke(self, id: str) -> Token | None:
        """Take a token back; gives what it was, None if there is none."""
        with writing(self.file) as db:
            row = db.execute("DELETE FROM token WHERE id = ? RETURNING *", (id,)).fetchone()
        return row and _token(row)

    def add_person(self, name: str, role: Role, secret: str, now: datetime, *, first: bool = False) -> Person:
        """Somebody new, by a secret's hash. `NameTaken`; `HasAdministrator` for a `first` one who is not."""
        person = Person(new_id(), name.strip(), role, secret, rfc3339(now))
        with writing(self.file) as db:
            if first and _administrators(db):
                raise HasAdministrator("there is an administrator already")
            try:
                db.execute("INSERT INTO person VALUES (?, ?, ?, ?, ?)", person)
            except sqlite3.IntegrityError:
                raise NameTaken(f"there is a {person.name} already", name=person.name) from None
        return person

    def change_person(self, id: str, *, role: Role | None = None, secret: str | None = None) -> Person:
        """Give somebody another role or secret; gives what they were. Their sessions end, and no browser knows them.

        `UnknownPerson`; `LastAdministrator` when nobody else is one.
        """
        with writing(self.file) as db:
            before = _person_of(db, id)
            if role not in (None, Role.ADMINISTRATOR):
                _refuse_the_last(db, before)
            db.execute(
                "UPDATE person SET role = coalesce(?, role), secret = coalesce(?, secret) WHERE id = ?",
                (role, secret, id),
            )
            _forget_where(db, id)
        return before

    def remove_person(self, id: str) -> Person:
        """Somebody who has left; gives what they were. `UnknownPerson`; `LastAdministrator` when nobody else is one."""
        with writing(self.file) as db:
            before = _person_of(db, id)
            _refuse_the_last(db, before)
            _forget_where(db, id)
            db.execute("DELETE FROM person WHERE id = ?", (id,))
        return before

    def begin_session(self, person: Person, day: date | None, now: datetime, until: datetime | None = None) -> str:
        """A new session for a business day, or until an earlier time; sessions of other days are forgotten.

        `SignInRefused` when the person was given another secret, or was removed, while the old one was looked at.
        """
        secret = secrets.token_urlsafe(TOKEN_BYTES)
        with writing(self.file) as db:
            known = db.execute("SELECT 1 FROM person WHERE id = ? AND secret = ?", (person.id, person.secret))
            if known.fetchone() is None:
                raise SignInRefused("there is nobody of this name with this secret any more")
            db.execute("DELETE FROM session WHERE day <> ?", (str(day),))
            db.execute(
                "INSERT INTO session (digest, person, day, since, until) VALUES (?, ?, ?, ?, ?)",
                (digest_of(secret), person.id, str(day), rfc3339(now), rfc3339(until) if until else None),
            )
        return secret

    def end_session(self, secret: str) -> None:
        """Sign out."""
        with writing(self.file) as db:
            db.execute("DELETE FROM session WHERE digest = ?", (digest_of(secret),))

    def know_browser(self, secret: str | None, person: str, now: datetime) -> str:
        """This person has signed in at this browser: what it is to keep, which is what it has if that is ours."""
        with writing(self.file) as db:
            ours = secret and db.execute("SELECT 1 FROM browser WHERE digest = ?", (digest_of(secret),)).fetchone()
            kept = secret if secret and ours else secrets.token_urlsafe(TOKEN_BYTES)
            db.execute("INSERT OR REPLACE INTO browser VALUES (?, ?, ?)", (digest_of(kept), person, rfc3339(now)))
            db.execute(
                "DELETE FROM browser WHERE person = ? AND digest NOT IN"
                " (SELECT digest FROM browser WHERE person = ? ORDER BY since DESC LIMIT ?)",
                (person, person, MOST_BROWSERS),
            )
        return kept


def _token(row: tuple[str, ...]) -> Token:
    return Token(row[0], row[1], Role(row[2]), *row[3:])


def _administrators(db: sqlite3.Connection) -> int:
    count: int = db.execute("SELECT count(*) FROM person WHERE role = ?", (Role.ADMINISTRATOR,)).fetchone()[0]
    return count


def _person_of(db: sqlite3.Connection, id: str) -> Person:
    row = db.execute("SELECT * FROM person WHERE id = ?", (id,)).fetchone()
    if row is None:
        raise UnknownPerson("nobody has this id", person=id)
    return _person(row)


def _refuse_the_last(db: sqlite3.Connection, person: Person) -> None:
    if person.role is Role.ADMINISTRATOR and _administrators(db) == 1:
        raise LastAdministrator(f"{person.name} is the only administrator", name=person.name)


def _forget_where(db: sqlite3.Connection, person: str) -> None:
    """Whoever was signed in as this person has to do it again, with what is asked of a stranger."""
    db.execute("DELETE FROM session WHERE person = ?", (person,))
    db.execute("DELETE FROM browser WHERE person = ?", (person,))


def _person(row: tuple[str, ...]) -> Person:
    return Person(row[0], row[1], Role(row[2]), row[3], row[4])
