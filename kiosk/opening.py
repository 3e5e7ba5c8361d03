"""Opening the journal, and what to do when it is gone or damaged.

Nothing is deleted: a damaged file is set aside beside the new one. The kiosk goes on above the highest number that the
reserve or the server knows; if neither does, it waits until it has reached the server once.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from dawr.errors import StorageDamaged
from kiosk.journal import Journal, adopt
from kiosk.reserve import Reserve, disown

JOURNAL = "journal.sqlite"
RESERVE = "reserve"
# What SQLite writes beside the file belongs to it.
_PARTS = ("", "-wal", "-shm")

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Opened:
    """The journal; `replaced`: it is a new one, in the place of one that was lost."""

    journal: Journal
    replaced: bool = False


def open_journal(folder: Path, owner: str, reserve_file: Path, *, adopts: bool = False, used: bool = False) -> Opened:
    """The journal in a kiosk's data folder; `used` says that the folder shows other signs of earlier work.

    `adopts` takes over what another machine wrote. `WrongMachine` when one did otherwise, `StorageFailed` when the disk
    cannot be used.
    """
    file = folder / JOURNAL
    if adopts:
        disown(reserve_file)
        if file.exists():
            adopt(file, owner)
    reserve = Reserve(reserve_file, owner)
    is_there = file.exists()
    try:
        if is_there or not (used or reserve.left or [*_set_aside(folder)]):
            return Opened(Journal(file, owner, reserve))
        _log.error("%s is gone", file)
    except StorageDamaged as problem:
        _log.error("%s; it is kept as %s", problem, _put_aside(file))
    journal = Journal(file, owner, reserve)
    if reserve.left:
        _log.error("a new journal goes on above what %s knows; tell the technician", reserve_file)
    else:
        journal.go_blind()
        _log.error("nothing says which numbers are used: no tickets until the server was reached")
    return Opened(journal, replaced=True)


def _put_aside(file: Path) -> Path:
    """Rename a damaged journal, with what belongs to it; its new name."""
    aside = next(name for name in _names_aside(file.parent) if not name.exists())
    for part in _PARTS:
        old = file.with_name(file.name + part)
        if old.exists():
            old.rename(aside.with_name(aside.name + part))
    return aside


def _set_aside(folder: Path) -> Iterator[Path]:
    return (name for name in folder.glob("journal.damaged-*.sqlite"))


def _names_aside(folder: Path) -> Iterator[Path]:
    return (folder / f"journal.damaged-{place}.sqlite" for place in count(1))
