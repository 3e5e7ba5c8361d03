"""The centre's file as the server reads and writes it."""

import errno
import hashlib
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from dawr.settings.mistakes import data_in, text_of
from dawr.settings.plain import plain

_WHY = {
    errno.ENOSPC: "disk_full",
    errno.EDQUOT: "disk_full",
    errno.EROFS: "read_only",
    errno.EACCES: "no_permission",
    errno.EPERM: "no_permission",
}


def digest_of(text: str) -> str:
    """By what a version of the file is known."""
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def why_not_written(problem: OSError) -> str:
    """The word key for why the file cannot be written."""
    return f"settings.not_written.{_WHY.get(problem.errno or 0, 'disk_failing')}"


class SettingsFile:
    """A centre's file. Whatever reads it may raise `MistakenSettings`."""

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()

    def text(self) -> str:
        """All of it."""
        return text_of(self.path)

    def settings(self) -> dict[str, Any]:
        """What it says, in plain values."""
        return self.says(self.text())

    def says(self, text: str) -> dict[str, Any]:
        """What such a text would say, in plain values."""
        settings: dict[str, Any] = plain(data_in(text, str(self.path)))
        return settings

    def replace(self, text: str) -> None:
        """Put this text in its place: whoever reads it finds the old one or the new one, whole, also after a power cut.

        `OSError` when that cannot be done; then it is as it was.
        """
        new = self.path.with_name(f".{self.path.name}.new")
        try:
            with new.open("wb") as file:
                file.write(text.encode())
                file.flush()
                os.fsync(file.fileno())
            shutil.copymode(self.path, new)
            new.replace(self.path)
        except OSError:
            new.unlink(missing_ok=True)
            raise
        self._flush_folder()

    def _flush_folder(self) -> None:
        folder = os.open(self.path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def hindrance(self) -> OSError | None:
        """What keeps it from being written; None when nothing does, as far as can be tried."""
        try:
            tempfile.TemporaryFile(dir=self.path.parent).close()
        except OSError as problem:
            return problem
        return None
