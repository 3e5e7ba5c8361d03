"""Records in a chain: each one's hash is made with that of the one before it, so that a changed one is noticed.

A chain is a table of a database: number, record, hash. The table `chain_end` says where each chain ends, so that the
newest record cannot be taken out unnoticed either. Whoever may write the file can hash everything anew: against that
only a copy of the end in another place helps.
"""

import hashlib
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

What = Literal["missing", "changed", "text_changed"]


class Link(NamedTuple):
    """A record's place in its chain, and its hash."""

    number: int
    hash: str

    @property
    def short(self) -> str:
        """Both for paper and for eyes: `417-1f2e-3d4c-5b6a-7988-0a1b`; 80 bits, which nobody hits by trying."""
        return "-".join([str(self.number), *(self.hash[place : place + 4] for place in range(0, _SHORT, 4))])


_SHORT = 20
_BEFORE_ALL = Link(0, "")


class Broken(Exception):
    """A chain is not as it was written: at which number, and what is wrong there."""

    def __init__(self, number: int, what: What) -> None:
        super().__init__(f"{number} {what}")
        self.number, self.what = number, what


@dataclass(frozen=True, slots=True)
class Chain:
    """The chain in a table, whose numbers are in the column `number`. Any method may raise `sqlite3.Error`."""

    table: str
    number: str = "number"

    def end(self, db: sqlite3.Connection) -> Link:
        """The newest record; number 0 while there is none."""
        row = db.execute("SELECT number, hash FROM chain_end WHERE chain = ?", (self.table,)).fetchone()
        return Link(*row) if row else _BEFORE_ALL

    def append(self, db: sqlite3.Connection, record: str) -> Link:
        """Add a record, in the transaction of the caller."""
        before = self.end(db)
        added = Link(before.number + 1, _hash(before.hash, record))
        db.execute(f"INSERT INTO {self.table} VALUES (?, ?, ?)", (added.number, record, added.hash))
        db.execute("INSERT OR REPLACE INTO chain_end VALUES (?, ?, ?)", (self.table, *added))
        return added

    def verified(self, db: sqlite3.Connection) -> Iterator[tuple[Link, str]]:
        """Every record from the first on. `Broken` where one was changed or is missing."""
        before = _BEFORE_ALL
        rows = db.execute(f"SELECT {self.number}, record, hash FROM {self.table} ORDER BY {self.number}")
        for number, record, its_hash in rows:
            if number != before.number + 1:
                raise Broken(before.number + 1, "missing")
            if its_hash != _hash(before.hash, record):
                raise Broken(number, "changed")
            before = Link(number, its_hash)
            yield before, record
        if self.end(db) != before:
            raise Broken(before.number + 1, "missing")


def _hash(before: str, record: str) -> str:
    return hashlib.blake2b(f"{before}\n{record}".encode(), digest_size=32).hexdigest()
