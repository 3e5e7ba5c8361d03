"""What a real process asked of its disk, call by call, with the bytes: recorded by strace, with the product as it is.

Files are known by their inode, as a disk knows them, not by their name: a name that is deleted and made again is
another file. Ptrace needs no root.
"""

import re
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

CALLS = "openat,write,pwrite64,ftruncate,fdatasync,fsync,unlink,rename,close"
LONGEST = 32 * 1024 * 1024
STDOUT = 1
# Shared memory that only looks like a file; and a file that holds nothing but room.
NOT_DATA = re.compile(r".*-shm|ballast")

_CALL = re.compile(r"(?P<task>\d+) +(?P<name>\w+)\((?P<arguments>.*)\) += (?P<result>-?\d+)(?: .*)?")
_CUT_SHORT = re.compile(r"(?P<task>\d+) +(?P<begin>\w+\(.*) <unfinished \.\.\.>")
_RESUMED = re.compile(r"(?P<task>\d+) +<\.\.\. \w+ resumed>(?P<rest>.*)")


@dataclass(frozen=True, slots=True)
class Made:
    """A name was given to a new, empty file."""

    name: str
    inode: int


@dataclass(frozen=True, slots=True)
class Wrote:
    """Bytes were written at an offset."""

    inode: int
    offset: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Cut:
    """A file was given this size."""

    inode: int
    size: int


@dataclass(frozen=True, slots=True)
class Synced:
    """What was written to a file until now is on the disk."""

    inode: int


@dataclass(frozen=True, slots=True)
class SyncFailed:
    """The disk refused to sync a file: Linux may forget what was written to it since, and later syncs leave it out."""

    inode: int


@dataclass(frozen=True, slots=True)
class SyncedNames:
    """What was made, renamed and deleted until now is on the disk."""


@dataclass(frozen=True, slots=True)
class Deleted:
    """A name is gone."""

    name: str


@dataclass(frozen=True, slots=True)
class Renamed:
    """A file has another name, in place of whatever had that."""

    name: str
    to: str


@dataclass(frozen=True, slots=True)
class Said:
    """The process told somebody something: from here on it is promised."""

    text: str


Step = Made | Wrote | Cut | Synced | SyncFailed | SyncedNames | Deleted | Renamed | Said


def record(command: Sequence[str | Path], folder: Path, trace: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run a command under strace, with what it did in `trace`. `options` are strace's, such as an injected fault.

    (Not with --seccomp-bpf, which is faster: with it strace 6.1 injects no signals.)
    """
    strace = ["strace", "--follow-forks", "--strings-in-hex=all", f"--string-limit={LONGEST}"]
    filed = [f"--output={trace}", f"--trace={CALLS}", *options]
    return subprocess.run(
        [*strace, *filed, "--", *map(str, command)], cwd=folder, capture_output=True, text=True, check=False
    )


def steps(lines: Iterable[str], folder: Path) -> Iterator[Step]:
    """What happened to the files of a folder, which began empty, and what was said, in order."""
    return _Reader(folder).steps(lines)


class _Reader:
    """Follows the descriptors of one process and its threads."""

    def __init__(self, folder: Path) -> None:
        self.folder = str(folder)
        self.names: dict[str, int] = {}
        self.inode_of: dict[int, int] = {}
        self.position: dict[int, int] = {}
        self.size: dict[int, int] = {}
        self.folders: set[int] = set()
        self.made = 0

    def steps(self, lines: Iterable[str]) -> Iterator[Step]:
        for name, arguments, result in _calls(lines):
            step = self._step(name, arguments, result) if result >= 0 else self._failed(name, arguments)
            if step:
                yield step

    def _step(self, name: str, arguments: str, result: int) -> Step | None:
        match name:
            case "openat":
                return self._opened(_text(arguments), arguments, result)
            case "close":
                self._closed(int(arguments))
            case "unlink" | "rename":
                return self._renamed(*map(_decoded, re.findall(r'"([^"]*)"', arguments)))
            case "fsync" | "fdatasync":
                return self._synced(int(arguments))
            case "ftruncate":
                descriptor, size = map(int, arguments.split(", "))
                return self._cut(self.inode_of[descriptor], size) if descriptor in self.inode_of else None
            case "write":
                return self._written(int(arguments.partition(",")[0]), arguments, result)
            case "pwrite64":
                descriptor = int(arguments.partition(",")[0])
                if descriptor in self.inode_of:
                    offset = int(arguments.rpartition(", ")[2])
                    return self._wrote(self.inode_of[descriptor], offset, _bytes(arguments)[:result])
        return None

    def _failed(self, name: str, arguments: str) -> Step | None:
        if name in ("fsync", "fdatasync") and int(arguments) in self.inode_of:
            return SyncFailed(self.inode_of[int(arguments)])
        return None

    def _opened(self, path: str, arguments: str, descriptor: int) -> Step | None:
        self._closed(descriptor)
        if path == self.folder:
            self.folders.add(descriptor)
        name = self._name(path)
        if name is None:
            return None
        if known := self.names.get(name):
            self.inode_of[descriptor] = known
            if "O_APPEND" in arguments:
                self.position[descriptor] = self.size[known]
            return self._cut(known, 0) if "O_TRUNC" in arguments else None
        self.made += 1
        self.names[name] = self.inode_of[descriptor] = self.made
        self.size[self.made] = 0
        return Made(name, self.made)

    def _closed(self, descriptor: int) -> None:
        self.inode_of.pop(descriptor, None)
        self.position.pop(descriptor, None)
        self.folders.discard(descriptor)

    def _renamed(self, path: str, to_path: str | None = None) -> Step | None:
        name, to = self._name(path), to_path and self._name(to_path)
        if name is None or name not in self.names:
            return None
        inode = self.names.pop(name)
        if to:
            self.names[to] = inode
            return Renamed(name, to)
        return Deleted(name)

    def _synced(self, descriptor: int) -> Step | None:
        if descriptor in self.folders:
            return SyncedNames()
        return Synced(self.inode_of[descriptor]) if descriptor in self.inode_of else None

    def _written(self, descriptor: int, arguments: str, length: int) -> Step | None:
        if descriptor == STDOUT:
            return Said(_bytes(arguments)[:length].decode())
        if descriptor not in self.inode_of:
            return None
        offset = self.position.get(descriptor, 0)
        self.position[descriptor] = offset + length
        return self._wrote(self.inode_of[descriptor], offset, _bytes(arguments)[:length])

    def _wrote(self, inode: int, offset: int, data: bytes) -> Wrote:
        self.size[inode] = max(self.size[inode], offset + len(data))
        return Wrote(inode, offset, data)

    def _cut(self, inode: int, size: int) -> Cut:
        self.size[inode] = size
        return Cut(inode, size)

    def _name(self, path: str) -> str | None:
        folder, _, name = path.rpartition("/")
        return name if folder == self.folder and not NOT_DATA.fullmatch(name) else None


def _calls(lines: Iterable[str]) -> Iterator[tuple[str, str, int]]:
    """Name, arguments and result of each call, where it ended: strace splits those that other threads interrupt."""
    begun: dict[str, str] = {}
    for line in lines:
        if cut_short := _CUT_SHORT.match(line):
            begun[cut_short["task"]] = cut_short["begin"]
            continue
        if resumed := _RESUMED.match(line):
            line = f"{resumed['task']} {begun.pop(resumed['task'], '')}{resumed['rest']}"
        if call := _CALL.match(line):
            yield call["name"], call["arguments"], int(call["result"])


def _text(arguments: str) -> str:
    return _bytes(arguments).decode()


def _bytes(arguments: str) -> bytes:
    return bytes.fromhex(arguments.split('"')[1].replace("\\x", ""))


def _decoded(text: str) -> str:
    return bytes.fromhex(text.replace("\\x", "")).decode()
