"""How far each line's numbers may be used, kept apart from the journal, best on another partition.

A journal can be lost, or be an old copy that was put back from an image. This file then says above which number it is
safe to go on. It grows by a line every 20 numbers, so that a card does not wear out from it. Each line of text ends in
a checksum; one that was torn by a power cut is passed over.
"""

import os
import zlib
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TextIO

from dawr.durable import settle
from dawr.errors import StorageFailed, WrongMachine

AHEAD = 20
"""So many numbers are reserved at once."""
MOST_BYTES = 100_000

_OWNER, _LINE = "owner", "line"


@dataclass(frozen=True, slots=True)
class Reserved:
    """The first `used` numbers of a run may be on paper; all of them are of `day`, None if nobody vouches for that."""

    run: int
    used: int
    day: date | None


class Reserve:
    """The file of one kiosk. `WrongMachine` when another device wrote it, `StorageFailed` when the disk fails."""

    def __init__(self, file: Path, owner: str) -> None:
        self._file, self._owner = file, owner
        self._now: dict[str, Reserved] = {}
        made_by = self._read()
        if made_by and made_by != owner:
            raise WrongMachine(f"{file} belongs to {made_by}, this is {owner}", made_by=made_by, owner=owner)
        self.left: dict[str, Reserved] = dict(self._now)
        """What earlier runs of the kiosk may have used, by line: numbers are only safe above it."""
        if not made_by or self._size() > MOST_BYTES:
            self._write_anew()

    def cover(self, line: str, run: int, used: int, day: date | None) -> None:
        """Have at least so many numbers of a run reserved, on the disk, before the last of them is given."""
        known = self._now.get(line)
        if known is None or (known.run, known.day) != (run, day) or known.used < used:
            self._put(line, Reserved(run, -(-used // AHEAD) * AHEAD, day))

    def give_back(self, line: str, run: int, used: int) -> None:
        """Nothing above this was given: after an orderly end no number is skipped."""
        known = self._now.get(line)
        if known and known.run == run and known.used > used:
            self._put(line, Reserved(run, used, known.day))

    def _put(self, line: str, reserved: Reserved) -> None:
        try:
            with self._file.open("a", encoding="utf-8") as file:
                file.write("\n" + _written(line, reserved))
                _sync(file)
        except OSError as problem:
            raise StorageFailed(f"{self._file}: {problem}") from problem
        self._now[line] = reserved

    def _write_anew(self) -> None:
        fresh = self._file.with_name(self._file.name + ".new")
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with fresh.open("w", encoding="utf-8") as file:
                file.write(_sealed(_OWNER, self._owner))
                file.writelines(_written(line, reserved) for line, reserved in self._now.items())
                _sync(file)
            fresh.replace(self._file)
            settle(self._file.parent)
        except OSError as problem:
            raise StorageFailed(f"{self._file}: {problem}") from problem

    def _read(self) -> str | None:
        """Take what the file says; who wrote it, None if there is no file yet."""
        made_by = None
        try:
            lines = self._file.read_text("utf-8", errors="replace").splitlines() if self._file.exists() else []
        except OSError as problem:
            raise StorageFailed(f"{self._file}: {problem}") from problem
        for line in lines:
            match _unsealed(line):
                case [kind, owner] if kind == _OWNER:
                    made_by = owner
                case [kind, name, run, used, day] if kind == _LINE:
                    self._now[name] = Reserved(int(run), int(used), date.fromisoformat(day) if day else None)
        return made_by

    def _size(self) -> int:
        return self._file.stat().st_size


def disown(file: Path) -> None:
    """Let a reserve belong to whoever opens it next: a machine that takes the place of the one that wrote it."""
    if file.exists():
        lines = file.read_text("utf-8", errors="replace").splitlines()
        kept = [line for line in lines if _unsealed(line)[:1] == [_LINE]]
        fresh = file.with_name(file.name + ".new")
        with fresh.open("w", encoding="utf-8") as out:
            out.writelines(f"{line}\n" for line in kept)
            _sync(out)
        fresh.replace(file)


def _sync(file: TextIO) -> None:
    file.flush()
    os.fsync(file.fileno())


def _written(line: str, reserved: Reserved) -> str:
    day = reserved.day.isoformat() if reserved.day else ""
    return _sealed(_LINE, line, str(reserved.run), str(reserved.used), day)


def _sealed(*fields: str) -> str:
    text = "\t".join(fields)
    return f"{text}\t{zlib.crc32(text.encode()):08x}\n"


def _unsealed(line: str) -> list[str]:
    """The fields of a line, none if it is not whole."""
    text, _, seal = line.rpartition("\t")
    return text.split("\t") if f"{zlib.crc32(text.encode()):08x}" == seal else []
