"""The history of a centre's settings in the database of its log: who changed what and when, for ever.

Each version is a record in a chain (`server.audit.chain`). The texts of the file are kept beside, by their digests.

A change is stored in three steps: intended here, written into the file, settled here. Wherever the power goes, the next
start settles what it finds in the file.
"""

import json
import sqlite3
import tomllib
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from dawr.clock import Trust
from dawr.errors import UnknownVersion
from dawr.settings.changes import Change, changes
from dawr.settings.plain import plain
from server.administration.file import digest_of
from server.audit.chain import Broken, Chain
from server.audit.trail import THE_SERVER, Entry, append
from server.keeping.log import connect, rfc3339, writing

_CHAIN = Chain("settings_version", number="version")
_INTENT = "intent"


class Author(NamedTuple):
    """Who asks for a change, what they are to the centre, and from which network address."""

    by: str | None
    role: str
    address: str | None


class Intent(BaseModel):
    """What a change is going to be."""

    kind: Literal["found", "by_hand", "changed", "undone"]
    """`found`: by the first start; `by_hand`: the file was changed while the server did not run."""
    by: str | None = None
    """Who changed it."""
    role: str | None = None
    """What they are to the centre."""
    address: Annotated[str | None, Field(alias="from")] = None
    """The network address that the change came from."""
    undoes: int | None = None
    """The version that was undone."""
    after: str
    """Digest of the file after it."""

    model_config = ConfigDict(frozen=True, populate_by_name=True, use_attribute_docstrings=True)


class Version(Intent):
    """A version of the settings: what became of them, when, and by whom."""

    version: int
    """Its number, from 1."""
    at: str
    """When it was stored, by the server's clock."""
    trust: Trust
    """Who vouched for that clock."""
    before: str | None
    """Digest of the file before it; none for the first."""
    changes: list[Change]
    """What changed."""


class History:
    """The history in the database of a log. Any method may raise `sqlite3.Error`."""

    def __init__(self, log_file: Path) -> None:
        self._file = log_file

    def intend(self, text: str, intent: Intent) -> None:
        """Note what the file is going to say, and why."""
        with writing(self._file) as db:
            _keep(db, text)
            _put(db, _INTENT, intent.model_dump_json(by_alias=True))

    def settle(self, text: str, at: datetime, trust: Trust) -> int:
        """Record what the file says now, if that is new: as it was intended, or else by hand. Gives the version."""
        with writing(self._file) as db:
            last, intent = _last(db), _intent(db)
            db.execute("DELETE FROM settings_state WHERE key = ?", (_INTENT,))
            after = digest_of(text)
            if last and last.after == after:
                return last.version
            if intent is None or intent.after != after:
                intent = Intent(kind="by_hand" if last else "found", after=after)
            _keep(db, text)
            before = _text(db, last.after) if last else None
            record = Version(
                **intent.model_dump(),
                version=last.version + 1 if last else 1,
                at=rfc3339(at),
                trust=trust,
                before=last.after if last else None,
                changes=_differences(before, text) if before is not None else [],
            )
            _CHAIN.append(db, record.model_dump_json(by_alias=True))
            append(db, _in_audit_log(record))
            return record.version

    def versions(self, before: int | None, limit: int) -> list[Version]:
        """The newest versions first, those before a version if one is named."""
        with closing(connect(self._file)) as db:
            rows = db.execute(
                "SELECT record FROM settings_version WHERE ? IS NULL OR version < ? ORDER BY version DESC LIMIT ?",
                (before, before, limit),
            )
            return [Version.model_validate_json(record) for (record,) in rows]

    def text_before(self, version: int) -> str:
        """The file as it was before a version. `UnknownVersion` when there is none."""
        with closing(connect(self._file)) as db:
            row = db.execute("SELECT record FROM settings_version WHERE version = ?", (version,)).fetchone()
            before = Version.model_validate_json(row[0]).before if row else None
            if before is None:
                raise UnknownVersion(f"there is nothing before version {version}", version=version)
            return _text(db, before)


def verify(db: sqlite3.Connection) -> int:
    """How many versions there are. `Broken` where the history was changed after it was written."""
    before, count = None, 0
    for (count, _), record in _CHAIN.verified(db):
        told = json.loads(record)
        if (told["version"], told["before"]) != (count, before):
            raise Broken(count, "changed")
        row = db.execute("SELECT body FROM settings_text WHERE digest = ?", (told["after"],)).fetchone()
        if row is None or digest_of(row[0]) != told["after"]:
            raise Broken(count, "text_changed")
        before = told["after"]
    return count


def _in_audit_log(record: Version) -> Entry:
    """A change of the settings among what else people did; its own record says what changed."""
    facts: dict[str, str | int] = {"version": record.version, "kind": record.kind, "after": record.after}
    if record.address:
        facts["from"] = record.address
    return Entry(
        at=record.at,
        trust=record.trust,
        who=record.by or "",
        role=record.role or THE_SERVER,
        action="settings_changed",
        about=facts,
    )


def _last(db: sqlite3.Connection) -> Version | None:
    row = db.execute("SELECT record FROM settings_version ORDER BY version DESC LIMIT 1").fetchone()
    return Version.model_validate_json(row[0]) if row else None


def _intent(db: sqlite3.Connection) -> Intent | None:
    row = db.execute("SELECT value FROM settings_state WHERE key = ?", (_INTENT,)).fetchone()
    return Intent.model_validate_json(row[0]) if row else None


def _put(db: sqlite3.Connection, key: str, value: str) -> None:
    db.execute(
        "INSERT INTO settings_state VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", (key, value)
    )


def _keep(db: sqlite3.Connection, text: str) -> None:
    db.execute("INSERT INTO settings_text VALUES (?, ?) ON CONFLICT DO NOTHING", (digest_of(text), text))


def _text(db: sqlite3.Connection, digest: str) -> str:
    return str(db.execute("SELECT body FROM settings_text WHERE digest = ?", (digest,)).fetchone()[0])


def _differences(before: str, after: str) -> list[Change]:
    """What changed; nothing that can be told when a hand has left no TOML."""
    try:
        return changes(plain(tomllib.loads(before)), plain(tomllib.loads(after)))
    except tomllib.TOMLDecodeError:
        return []
