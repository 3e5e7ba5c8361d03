"""A disk with a volatile cache and a power switch on this machine: one file in FUSE, on which a loop device stands.

`python -m lab.power.volatile_disk IMAGE MOUNT_POINT SOCKET` is its process. Over the socket comes one order a line:
`cut SEED FILE` writes what a power cut now would leave, while the disk goes on. Needs root.
"""

import errno
import os
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from lab.power.volatile_image import VolatileImage

NAME = "disk"
PATIENCE_S, LEAVE_S = 20.0, 5.0


@dataclass
class VolatileDisk:
    """A file system at `folder` that forgets."""

    folder: Path
    orders: socket.socket

    def after_a_cut(self, seed: int, left: Path) -> int:
        """Write what a power cut now would leave. Gives how many sectors all cuts so far have cost."""
        self.orders.sendall(f"cut {seed} {left}\n".encode())
        return int(self.orders.recv(64))


def why_not() -> str | None:
    """Why there can be no such disk on this machine; None when there can."""
    if os.geteuid() != 0:
        return "only root can mount a disk"
    if not Path("/dev/fuse").exists() or not Path("/dev/loop-control").exists():
        return "this kernel has no /dev/fuse or no loop devices"
    missing = [tool for tool in ("fusermount3", "losetup", "mke2fs", "debugfs") if not _found(tool)]
    return f"Debian's fuse3 and e2fsprogs are needed for {', '.join(missing)}" if missing else None


@contextmanager
def volatile_disk(content: bytes, folder: Path) -> Iterator[VolatileDisk]:
    """A disk that begins with this content, mounted for as long as it is needed. The folder is for its own files."""
    image, fuse, mounted, address = (folder / name for name in ("begin.img", "fuse", "mounted", "orders"))
    image.write_bytes(content)
    fuse.mkdir()
    mounted.mkdir()
    with ExitStack() as undo:
        process = subprocess.Popen(
            [sys.executable, "-m", __name__, image, fuse, address], cwd=Path(__file__).parents[2]
        )
        undo.callback(_end, process)
        # Lazily: a network namespace that somebody makes meanwhile has a copy of our mounts and keeps them busy.
        undo.callback(_run, "fusermount3", "-u", "-z", fuse)
        _wait_for(fuse / NAME)
        _wait_for(address)
        device = _run("losetup", "--find", "--show", fuse / NAME)
        undo.callback(_run, "losetup", "--detach", device)
        _run("mount", "-o", "noatime", device, mounted)
        undo.callback(_run, "umount", mounted)
        orders = undo.enter_context(closing(socket.socket(socket.AF_UNIX)))
        orders.connect(str(address))
        yield VolatileDisk(mounted, orders)


def _found(tool: str) -> bool:
    return any((Path(folder) / tool).exists() for folder in ("/usr/bin", "/bin", "/usr/sbin", "/sbin"))


def _run(tool: str, *arguments: str | Path) -> str:
    done = subprocess.run([tool, *map(str, arguments)], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{tool} {' '.join(map(str, arguments))}: {done.stderr}")
    return done.stdout.strip()


def _end(process: subprocess.Popen[bytes]) -> None:
    """Let it end by itself, as it does when it is unmounted; or else end it."""
    try:
        process.wait(LEAVE_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _wait_for(file: Path) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not file.exists():
        if time.monotonic() > deadline:
            raise RuntimeError(f"{file} does not appear")
        time.sleep(0.02)


def _operations(image: VolatileImage) -> Any:
    """The one file as FUSE wants to see it: a write is kept when it was synced, and not before."""
    import mfusepy

    class Operations(mfusepy.Operations):  # type: ignore[misc]  # it ships no types
        use_ns = True

        def getattr(self, path: str, fh: int) -> dict[str, Any]:
            if path == "/":
                return {"st_mode": stat.S_IFDIR | 0o755, "st_nlink": 2}
            if path == f"/{NAME}":
                return {"st_mode": stat.S_IFREG | 0o600, "st_nlink": 1, "st_size": len(image)}
            raise mfusepy.FuseOSError(errno.ENOENT)

        def readdir(self, path: str, fh: int) -> list[str]:
            return [".", "..", NAME]

        def open(self, path: str, flags: int) -> int:
            return 0

        def read(self, path: str, size: int, offset: int, fh: int) -> bytes:
            return image.read(offset, size)

        def write(self, path: str, data: bytes, offset: int, fh: int) -> int:
            image.write(offset, data)
            return len(data)

        def fsync(self, path: str, datasync: int, fh: int) -> int:
            image.flush()
            return 0

    return Operations()


def _obey(image: VolatileImage, address: Path) -> None:
    with closing(socket.socket(socket.AF_UNIX)) as listener:
        listener.bind(str(address))
        listener.listen(1)
        connection, _ = listener.accept()
    with connection, connection.makefile(encoding="utf-8") as orders:
        for order in orders:
            _cut, seed, file = order.split()
            Path(file).write_bytes(image.after_a_cut(Random(int(seed))))
            connection.sendall(str(image.forgotten).encode())


def main() -> None:
    """Be the disk until it is unmounted."""
    import mfusepy

    begin, mount_point, address = map(Path, sys.argv[1:])
    image = VolatileImage(begin.read_bytes())
    threading.Thread(target=_obey, args=(image, address), daemon=True).start()
    mfusepy.FUSE(_operations(image), str(mount_point), foreground=True, nothreads=True, direct_io=True)


if __name__ == "__main__":
    main()
