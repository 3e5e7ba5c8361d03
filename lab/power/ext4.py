"""File systems in files: a new one, and what one holds after its journal was brought in. No root, nothing mounted."""

import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

_ADMIN = "/usr/sbin:/sbin"


def new_disk(folder: Path, megabytes: int) -> bytes:
    """The content of an empty disk. The folder keeps it for the next time."""
    image = folder / f"new-{megabytes}.img"
    if not image.exists():
        with image.open("wb") as file:
            file.truncate(megabytes * 1024 * 1024)
        options = "lazy_itable_init=0,lazy_journal_init=0"
        _run("mke2fs", "-q", "-F", "-t", "ext4", "-b", "4096", "-E", options, image)
    return image.read_bytes()


@contextmanager
def files_on(content: bytes, names: Iterable[str], folder: Path) -> Iterator[Path]:
    """The named files of a disk, by their last name in one new folder; those that it lacks are not there."""
    with tempfile.TemporaryDirectory(dir=folder) as name:
        image, left = Path(name) / "disk.img", Path(name) / "left"
        image.write_bytes(content)
        left.mkdir()
        # 0: clean, 1: put right; everything else is a file system that does not come back by itself.
        _run("e2fsck", "-p", image, good=(0, 1))
        dumps = "".join(f"dump /{wanted} {left}/{Path(wanted).name}\n" for wanted in names)
        _run("debugfs", "-f", "-", image, text=dumps)
        yield left


def _run(tool: str, *arguments: str | Path, text: str = "", good: tuple[int, ...] = (0,)) -> None:
    done = subprocess.run(
        [tool, *arguments],
        input=text,
        env={"PATH": f"/usr/bin:/bin:{_ADMIN}"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode not in good:
        raise RuntimeError(f"{tool} ended with {done.returncode}: {done.stdout}{done.stderr}")
