"""What a disk may hold after a power cut: everything that was synced, and any part of what was not.

The rules of POSIX, not of one file system: a file is as it was at its last sync plus any of the sectors written since;
names made or deleted since the folder's last sync are there up to some moment. (Ext4 is kinder.)
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from random import Random

from lab.power.trace import Cut, Deleted, Made, Renamed, Said, Step, Synced, SyncedNames, SyncFailed, Wrote

SECTOR = 512
SURVIVAL = (0.0, 0.1, 0.5, 0.9, 1.0)
"""How likely an unsynced sector is to survive; one of these for each cut."""


@dataclass(frozen=True, slots=True)
class Remains:
    """What is left of a folder after a cut at a step: content by name; and what had been said until then."""

    step: int
    files: dict[str, bytes]
    said: list[str]
    lost: int
    """How many sectors were forgotten."""


@dataclass(slots=True)
class _Inode:
    durable: bytearray = field(default_factory=bytearray)
    pending: list[Wrote | Cut] = field(default_factory=list)
    given_up: list[Wrote | Cut] = field(default_factory=list)
    """What a failed sync left to chance."""


class Disk:
    """A disk with a volatile cache, one step after the other."""

    def __init__(self) -> None:
        self._inodes: dict[int, _Inode] = {}
        self._names: dict[str, int] = {}
        self._pending_names: list[Made | Deleted | Renamed] = []

    def take(self, step: Step) -> None:
        """Do what the process asked."""
        match step:
            case Made(inode=inode):
                self._inodes[inode] = _Inode()
                self._pending_names.append(step)
            case Deleted() | Renamed():
                self._pending_names.append(step)
            case Wrote(inode=inode) | Cut(inode=inode):
                self._inodes[inode].pending.append(step)
            case Synced(inode=inode):
                file = self._inodes[inode]
                for write in file.pending:
                    _apply(file.durable, write)
                file.pending.clear()
            case SyncFailed(inode=inode):
                file = self._inodes[inode]
                file.given_up += file.pending
                file.pending.clear()
            case SyncedNames():
                for change in self._pending_names:
                    _rename(self._names, change)
                self._pending_names.clear()

    def cut(self, random: Random) -> tuple[dict[str, bytes], int]:
        """What one power cut at this moment could leave, and how many sectors it cost. The disk itself goes on."""
        survival, lost = random.choice(SURVIVAL), 0
        names = dict(self._names)
        for change in self._pending_names[: random.randint(0, len(self._pending_names))]:
            _rename(names, change)
        files = {}
        for name, inode in names.items():
            content = bytearray(self._inodes[inode].durable)
            for write in self._inodes[inode].given_up + self._inodes[inode].pending:
                for part in _sectors(write):
                    if random.random() < survival:
                        _apply(content, part)
                    else:
                        lost += 1
            files[name] = bytes(content)
        return files, lost


def crashes(steps: Sequence[Step], count: int, seed: int) -> Iterator[Remains]:
    """That many cuts at random moments, in the order of time."""
    random = Random(seed)
    moments = sorted(random.randint(1, len(steps)) for _ in range(count))
    disk, said = Disk(), list[str]()
    done = 0
    for moment in moments:
        for step in steps[done:moment]:
            disk.take(step)
            if isinstance(step, Said):
                said.append(step.text)
        done = moment
        files, lost = disk.cut(random)
        yield Remains(moment, files, list(said), lost)


def _sectors(write: Wrote | Cut) -> Iterator[Wrote | Cut]:
    if isinstance(write, Cut):
        yield write
        return
    for start in range(0, len(write.data), SECTOR):
        yield Wrote(write.inode, write.offset + start, write.data[start : start + SECTOR])


def _apply(content: bytearray, write: Wrote | Cut) -> None:
    if isinstance(write, Cut):
        del content[write.size :]
        content.extend(bytes(write.size - len(content)))
        return
    content.extend(bytes(max(0, write.offset - len(content))))
    content[write.offset : write.offset + len(write.data)] = write.data


def _rename(names: dict[str, int], change: Made | Deleted | Renamed) -> None:
    match change:
        case Made(name=name, inode=inode):
            names[name] = inode
        case Deleted(name=name):
            names.pop(name, None)
        case Renamed(name=name, to=to):
            if name in names:
                names[to] = names.pop(name)
