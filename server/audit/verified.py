"""Whether what is on record is as it was written: the settings' history, the audit log, each event of a sealed day."""

import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from server.administration import history
from server.audit import seals
from server.audit.chain import Broken
from server.audit.trail import CHAIN

NO_HEADS: Mapping[int, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Whole:
    """What was verified: versions of the settings, entries of the audit log, and the days that are sealed."""

    versions: int
    entries: int
    sealed: list[seals.Seal]


class NotWhole(Exception):
    """Something is not as it was written: a word key under `audit`, and its facts."""

    def __init__(self, key: str, **facts: object) -> None:
        super().__init__(f"{key} {facts}")
        self.key, self.facts = key, facts


def verified(
    log: sqlite3.Connection,
    heads: Mapping[int, str] = NO_HEADS,
    on_hashed: Callable[[int], None] = lambda _n: None,
) -> Whole:
    """Read all of it, of one moment. `NotWhole` at the first thing that is not as it was; may raise `sqlite3.Error`.

    `heads`: short hashes that were written down elsewhere, by their numbers. `on_hashed` hears how many more events are
    done.
    """
    versions = _versions(log)
    entries = _entries(log, heads)
    return Whole(versions, entries, _sealed(log, on_hashed))


def _versions(log: sqlite3.Connection) -> int:
    try:
        return history.verify(log)
    except Broken as found:
        raise NotWhole(f"audit.{found.what}", version=found.number) from None


def _entries(log: sqlite3.Connection, heads: Mapping[int, str]) -> int:
    left, entries = dict(heads), 0
    try:
        for link, _record in CHAIN.verified(log):
            entries = link.number
            if left.pop(entries, link.short) != link.short:
                raise NotWhole("audit.log.other_head", number=entries)
    except Broken as found:
        raise NotWhole(f"audit.log.{found.what}", number=found.number) from None
    if left:
        raise NotWhole("audit.log.missing", number=min(left))
    return entries


def _sealed(log: sqlite3.Connection, on_hashed: Callable[[int], None]) -> list[seals.Seal]:
    try:
        return seals.verify(log, on_hashed)
    except seals.SealBroken as found:
        broken = found.seal
        key = "audit.days.changed" if broken.day else "audit.days.missing"
        raise NotWhole(key, day=broken.day, first=broken.first, last=broken.last) from None
